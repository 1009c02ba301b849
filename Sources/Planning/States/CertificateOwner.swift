package import DNS
import MTASTS

/// What a certificate is for: the one place that tells which host it certifies, and under which key the ledger keeps it.
///
/// The ledger, its leases, budgets and audit trail are keyed by a domain name. A mail domain is its own key; a name of `certadns serve`
/// has one that no mail domain can have (an underscore stands in no host name), so that a mail domain may be called the same.
package enum CertificateOwner: Hashable, Sendable {
    /// The policy host of this mail domain.
    case policyHost(of: DomainName)
    /// A name under which `certadns serve` itself is reached.
    case ownName(DomainName)

    /// The first label of an own name's key.
    package static let label = "_serve"

    /// The owner that the ledger keeps under `key`.
    package init(key: DomainName) {
        let first = key.labels.first.map { String(decoding: $0, as: UTF8.self).lowercased() }
        if first == Self.label, let host = key.parent, host != .root {
            self = .ownName(host)
        } else {
            self = .policyHost(of: key)
        }
    }

    /// The ledger's key.
    package var key: DomainName {
        switch self {
        case .policyHost(let zone): zone
        // One too long to have a key has none; configurations refuse it before (see ``fits(_:)``).
        case .ownName(let host): (try? host.prepending(Self.label)) ?? host
        }
    }

    /// The name that the certificate is for.
    package var host: DomainName {
        switch self {
        case .policyHost(let zone): WellKnown.hostName(zone)
        case .ownName(let host): host
        }
    }

    /// Whether it is a name of `certadns serve` itself.
    package var isOwnName: Bool { if case .ownName = self { true } else { false } }

    /// Whether key and proof of control of the own name `host` fit (255 octets).
    package static func fits(_ host: DomainName) -> Bool { (try? host.prepending("_acme-challenge")) != nil }

    /// The ledger's keys that a person may mean by `name`: a mail domain and a name of serve may be called the same.
    package static func keys(meant name: DomainName) -> [DomainName] {
        CertificateOwner(key: name).isOwnName ? [name] : [name, CertificateOwner.ownName(name).key]
    }
}

extension CertificateOwner: CustomStringConvertible {
    /// As people read it.
    package var description: String {
        switch self {
        case .policyHost(let zone): "\(zone)"
        case .ownName(let host): "\(host) (name of serve)"
        }
    }
}

extension ZoneWish {
    /// What the zone's certificate is for.
    package var owner: CertificateOwner { CertificateOwner(key: zone) }
}

extension ZoneLedger {
    /// What the zone's certificate is for.
    package var owner: CertificateOwner { CertificateOwner(key: zone) }

    /// Whether a certificate belongs to what is out, so that it is kept up.
    package var keepsCertificate: Bool {
        owner.isOwnName ? applied.certificate != nil : applied.keepsCertificate
    }
}

extension DesiredZone {
    /// Whether it is what `serve` wishes for a name of its own.
    package var isOwnName: Bool { CertificateOwner(key: zone).isOwnName }
}
