package import Planning
import SwiftASN1
import X509

extension CertificateReading {
    /// The facts of the first certificate in `chain` (PEM, leaf first); `nil` where there is none.
    package static func leaf(of chain: String) -> CertificateFacts? {
        guard let document = (try? PEMDocument.parseMultiple(pemString: chain))?.first,
            let certificate = try? Certificate(pemDocument: document)
        else { return nil }
        return try? facts(certificate)
    }
}
