import DNS
import DNSClient
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

    /// Whether `set` comes from a wildcard. A record set of its own that equals the wildcard's counts as the wildcard's: then
    /// nothing is lost by writing it.
    func covers(_ set: RecordSet) async -> Result<Bool, DNSClientError> {
        // No label on the way up may be skipped: `_tls` under a wildcard of the zone is covered by `*.zone` just as well.
        var sibling = set.key.name
        guard let parent = sibling.parent else { return .success(false) }
        let key = RecordKey(name: parent, type: set.key.type)
        if let data = known.withLock({ $0[key] }) { return .success(data == set.data) }
        guard let random = try? parent.prepending(randomLabel()) else { return .success(false) }
        sibling = random
        do throws(DNSClientError) {
            let message = try await asking.ask(Message.Question(sibling, set.key.type))
            let data = message.answers.compactMap(\.record).filter {
                $0.name == sibling && $0.data.type == set.key.type
            }.map(\.data)
            let sorted = Set(data).sorted()
            known.withLock { $0[key] = sorted }
            return .success(!sorted.isEmpty && sorted == set.data)
        } catch {
            return .failure(error)
        }
    }
}
