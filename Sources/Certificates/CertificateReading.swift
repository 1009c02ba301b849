import Foundation
package import Planning
import SwiftASN1
package import X509

/// What plans want to know of an X.509 certificate.
package enum CertificateReading {
    /// The facts of `certificate`; `issuer` overrides the name shown where the certificate is our own.
    package static func facts(_ certificate: Certificate, issuer: String? = nil) throws -> CertificateFacts {
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        let names = try certificate.extensions.subjectAlternativeNames?.compactMap { name -> String? in
            if case .dnsName(let text) = name { text } else { nil }
        }
        return CertificateFacts(
            names: names ?? [], notBefore: Instant(certificate.notValidBefore),
            notAfter: Instant(certificate.notValidAfter),
            issuer: issuer ?? certificate.issuer.description,
            fingerprint: Digest.hex(serializer.serializedBytes))
    }
}
