package import DNS
package import Planning

/// One thing that a store keeps, as a backup writes it: values of the house, and no rows of a database, so that one store's backup is another
/// one's beginning.
package enum StateRecord: Hashable, Sendable, Codable {
    /// What is known of a zone.
    case ledger(zone: ZoneLedger)
    /// The number of the zone's last lease: whoever holds that one must be refused by the restored store, too.
    case lease(zone: DomainName, fencing: Int64)
    /// A line of the audit trail, oldest first.
    case audit(entry: AuditEntry)
    /// What the policy host serves.
    case policy(zone: DomainName, body: PublishedBody)
    /// A certificate with its chain; its key is among the key files.
    case certificate(host: DomainName, facts: CertificateFacts, chain: String)
    /// The URL of an account with a CA.
    case account(directory: String, url: String)
    /// A token of the state API: its digest.
    case token(token: AccessToken)
    /// What an issuer's account has used.
    case budget(issuer: String, book: IssuerBook)
    /// A file of private keys, octet by octet as it lies: sealed where a seal is configured.
    case key(file: KeyFile)

    /// One file of private keys.
    package struct KeyFile: Hashable, Sendable, Codable {
        /// Its path within the state folder.
        package let name: String
        /// Its octets.
        package let octets: [UInt8]
        /// Whether it lies under a seal.
        package let isSealed: Bool

        /// A file.
        package init(name: String, octets: [UInt8], isSealed: Bool) {
            self.name = name
            self.octets = octets
            self.isSealed = isSealed
        }
    }
}

/// Hands out all that a store keeps.
///
/// Contract: all but keys as they were at one moment, in an order in which they can be taken in; bounded in memory by one zone. What can't be
/// read ends it: half a backup is none.
package protocol StateArchive: Sendable {
    /// Calls `visit` with every record but the keys.
    func records(_ visit: @escaping @Sendable (StateRecord) throws -> Void) async throws(Failure)
    /// The private keys, as they lie.
    func keyFiles() async throws(Failure) -> [StateRecord.KeyFile]
    /// What is wrong with the store beyond what ``records(_:)`` would find; empty where nothing is.
    func defects() async throws(Failure) -> [String]
}

/// Takes a backup in.
///
/// Contract: all records in one transaction, or none; keys are written before it ends, so that a certificate that is there has its key.
/// Leases, answers that were kept for tokens, and the trail of their uses do not come back.
package protocol StateRestoring: Sendable {
    /// Whether nothing was ever kept here.
    func isEmpty() async throws(Failure) -> Bool
    /// Takes in what `next` gives until it gives `nil`, in place of all that is here. With `isMoved` the store is the same one elsewhere; else every
    /// ledger learns that it was restored (``LedgerEvent/restored``).
    func restore(_ next: @escaping @Sendable () throws -> StateRecord?, isMoved: Bool) async throws(Failure)
}
