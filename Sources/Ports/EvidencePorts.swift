package import DNS
package import Planning

/// Tells what is known of a domain's mail from its senders' reports.
///
/// Contract: a silence is never evidence; throws when what was taken in can't be read.
package protocol EvidenceReader: Sendable {
    /// Whether mail for `zone` is known to arrive under `enforce`.
    func evidence(for zone: DomainName) async throws(Failure) -> EnforceEvidence
}
