import DNS
import Ports

extension StateCommand {
    /// The ledger that it writes to; `nil` where it is an account's.
    var zone: DomainName? {
        switch self {
        case .acquire(let zone, _, _), .giveBack(let zone, _): zone
        case .renew(let lease, _), .release(let lease), .record(_, let lease, _), .putPolicy(_, let lease),
            .removePolicy(let lease), .removeCertificate(let lease), .take(_, _, _, let lease),
            .keepPlace(_, _, let lease), .certify(_, let lease):
            lease.zone
        case .holdAll: nil
        }
    }
}
