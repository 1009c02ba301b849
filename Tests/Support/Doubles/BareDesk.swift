import DNS
import Findings
import Planning
package import Ports

extension IssuanceDesk {
    /// For issuers that ask for no proof and remember nothing.
    package static let bare = IssuanceDesk(
        challenges: NoChallenges(), journal: NoJournal(), pause: { _ async throws(Failure) in })

    /// The same, for issuers that are waited for: `pause` takes the place of time.
    package static func bare(pause: @escaping @Sendable () -> Void) -> IssuanceDesk {
        IssuanceDesk(
            challenges: NoChallenges(), journal: NoJournal(), pause: { _ async throws(Failure) in pause() })
    }
}

private struct NoChallenges: ChallengeResponder {
    var kinds: [ChallengeProof.Kind] { [] }
    func present(_ proof: ChallengeProof) async throws(Failure) {
        throw Failure(.configuration, "no way of proving control is set up")
    }
    func withdraw(_ proof: ChallengeProof) async throws(Failure) {}
}

private struct NoJournal: IssuanceJournal {
    func openOrder() async throws(Failure) -> (order: OpenOrder, key: Redacted<String>)? { nil }
    func heldKey() async throws(Failure) -> Redacted<String>? { nil }
    func beginning(_ request: CertificateRequest) async throws(Failure) {}
    func unplaced(_ failure: Failure, forAll: Bool) async throws(Failure) {}
    func unproven(_ name: DomainName) async throws(Failure) {}
    func began(_ order: OpenOrder, key: Redacted<String>) async throws(Failure) {}
    func abandoned(_ order: OpenOrder) async throws(Failure) {}
}
