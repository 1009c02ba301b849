package import Planning
import SwiftASN1
import X509

extension CertificateReading {
    /// The facts of the first certificate in `chain` (PEM, leaf first); `nil` where there is none.
    package static func leaf(of chain: String) -> CertificateFacts? {
        certificate(chain).flatMap { try? facts($0) }
    }

    /// The first certificate in `chain`.
    static func certificate(_ chain: String) -> Certificate? {
        guard let document = (try? PEMDocument.parseMultiple(pemString: chain))?.first else { return nil }
        return try? Certificate(pemDocument: document)
    }
}
