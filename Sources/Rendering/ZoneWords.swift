import DNS
import Planning

/// How a zone is called in what people read: a mail domain by its name, a name of serve as one. Machines get the ledger's key.
enum ZoneWords {
    static func shown(_ key: DomainName) -> String { "\(CertificateOwner(key: key))" }

    /// The same for a key as findings carry it.
    static func shown(_ key: String) -> String { (try? DomainName(key)).map(shown) ?? key }
}
