import SwiftASN1
import X509

/// The leaf may speak for a TLS server (RFC 5280 §4.2.1.12); its names were checked before, against the SAN alone.
struct ServerPurpose: VerifierPolicy {
    /// A certificate with an empty subject marks its names as critical (§4.2.1.6).
    let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [
        .X509ExtensionID.subjectAlternativeName, .X509ExtensionID.extendedKeyUsage,
    ]

    func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) async -> PolicyEvaluationResult {
        guard let usages = try? chain.leaf.extensions.extendedKeyUsage else { return .meetsPolicy }
        return usages.contains(.serverAuth) || usages.contains(.any)
            ? .meetsPolicy : .failsToMeetPolicy(reason: "the certificate is not for servers")
    }
}
