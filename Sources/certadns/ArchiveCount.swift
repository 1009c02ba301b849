import Planning
import Ports
import Synchronization

/// Keys that certificates of a backup name, and that it does not hold yet.
final class LackingKeys: Sendable {
    private let having: Set<String>
    private let lacking = Mutex<Set<String>>([])

    init(having names: [String]) { having = Set(names) }

    var names: Set<String> { lacking.withLock { $0 } }

    func note(_ record: StateRecord) {
        guard case .certificate(_, let facts, _) = record else { return }
        let name = "keys/\(facts.fingerprint).pem"
        if !having.contains(name) { lacking.withLock { _ = $0.insert(name) } }
    }
}

/// What a backup holds, in numbers.
final class ArchiveCount: Sendable {
    private let counts = Mutex((zones: 0, policies: 0, certificates: 0, lines: 0))

    func add(_ record: StateRecord) {
        counts.withLock { counts in
            switch record {
            case .ledger: counts.zones += 1
            case .policy: counts.policies += 1
            case .certificate: counts.certificates += 1
            case .audit: counts.lines += 1
            case .lease, .account, .token, .budget, .key: break
            }
        }
    }

    var words: String {
        counts.withLock { counts in
            [
                (counts.zones, "zone", "zones"), (counts.policies, "policy", "policies"),
                (counts.certificates, "certificate", "certificates"),
                (counts.lines, "line of history", "lines of history"),
            ].map { "\($0.0) \($0.0 == 1 ? $0.1 : $0.2)" }.joined(separator: ", ")
        }
    }
}
