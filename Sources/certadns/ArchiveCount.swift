import Ports
import Synchronization

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
