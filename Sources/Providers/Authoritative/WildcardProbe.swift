import DNS
import DNSClient
import Ports
import Synchronization

/// Tells an answer made by a wildcard from one of its own (RFC 4592): a name that nobody has gets the same answer.
final class WildcardProbe: Sendable {
    private let asking: Asking
    private let randomLabel: @Sendable () -> String
    private let known = Mutex<[RecordKey: [RecordData]]>([:])

    init(_ asking: Asking, randomLabel: @escaping @Sendable () -> String) {
        self.asking = asking
        self.randomLabel = randomLabel
    }

    /// What is known of a set that was answered.
    enum Verdict {
        /// Its own.
        case own
        /// A wildcard's.
        case covered
        /// Neither is proven: why, and whether asking again may help.
        case unknown(String, passing: Bool)
    }

    /// Whether `set` comes from a wildcard. A record set of its own that equals the wildcard's counts as the wildcard's: then
    /// nothing is lost by writing it. An answer that proves nothing is told, and asked for again the next time.
    func judge(_ set: RecordSet) async -> Verdict {
        // No label on the way up may be skipped: `_tls` under a wildcard of the zone is covered by `*.zone` just as well.
        guard let parent = set.key.name.parent else { return .own }
        let key = RecordKey(name: parent, type: set.key.type)
        if let data = known.withLock({ $0[key] }) { return Self.compare(set, data) }
        guard let sibling = try? parent.prepending(randomLabel()) else { return .own }
        do throws(DNSClientError) {
            let siblings = RecordKey(name: sibling, type: set.key.type)
            let message = try await asking.ask(Message.Question(sibling, set.key.type))
            switch AuthoritativeAnswer(message, key: siblings) {
            case .unusable(let reason):
                // Above an apex begins another server's zone; but no wildcard covers a name that is a zone.
                return try await isApex(set.key.name)
                    ? .own
                    : .unknown(
                        "the name server \(asking.server) \(reason)", passing: message.flags.rcode == .servFail)
            case .absent: return remember([], key, set)
            case .set(let found): return remember(found.key == siblings ? found.data : [], key, set)
            }
        } catch {
            return .unknown(ClientFailure.read(error, server: asking.server).detail, passing: true)
        }
    }

    /// A name that comes or goes makes the names above it exist or not, and changes the closest encloser of those below: what was
    /// known of both is asked again.
    func forget(around name: DomainName) {
        known.withLock { known in
            known = known.filter { !name.isSame(orBelow: $0.key.name) && !$0.key.name.isSame(orBelow: name) }
        }
    }

    private func isApex(_ name: DomainName) async throws(DNSClientError) -> Bool {
        let message = try await asking.ask(Message.Question(name, .soa))
        if case .set(let set) = AuthoritativeAnswer(message, key: RecordKey(name: name, type: .soa)) {
            return set.key.type == .soa
        }
        return false
    }

    private func remember(_ data: [RecordData], _ key: RecordKey, _ set: RecordSet) -> Verdict {
        known.withLock { $0[key] = data }
        return Self.compare(set, data)
    }

    private static func compare(_ set: RecordSet, _ data: [RecordData]) -> Verdict {
        !data.isEmpty && data == set.data ? .covered : .own
    }
}
