import DNS
import Ports

extension StateCommand {
    /// The ledger that it writes to; `nil` where it is an account's.
    var zone: DomainName? {
        switch self {
        case .acquire(let zone, _, _), .giveBack(let zone, _), .breakLease(let zone, _): zone
        default: lease?.zone
        }
    }
}
