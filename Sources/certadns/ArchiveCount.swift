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
    private let counts = Mutex<[String: Int]>([:])

    /// How many there are of each kind.
    var kinds: [String: Int] { counts.withLock { $0 } }

    func add(_ record: StateRecord) {
        let kind =
            switch record {
            case .ledger: "zone"
            case .policy: "policy"
            case .certificate: "certificate"
            case .audit: "line of history"
            case .lease: "lease"
            case .account: "account"
            case .token: "token"
            case .budget: "budget"
            case .key: "key"
            }
        counts.withLock { $0[kind, default: 0] += 1 }
    }

    var words: String {
        let kinds = self.kinds
        return [
            ("zone", "zones"), ("policy", "policies"), ("certificate", "certificates"),
            ("line of history", "lines of history"),
        ].map { one, many in
            let count = kinds[one] ?? 0
            return "\(count) \(count == 1 ? one : many)"
        }.joined(separator: ", ")
    }
}
