package import Findings
package import Planning
import X509

extension CertificateReading {
    /// What is wrong with `key` (PEM) as the key of the first certificate in `chain` (PEM, leaf first); `nil` where they are a pair.
    package static func fault(of key: Redacted<String>, beside chain: String) -> DeliveredCertificate.KeyFault? {
        let text = key.reveal()
        guard !text.allSatisfy(\.isWhitespace) else { return .empty }
        // What a parser says of a key may quote it: it goes no further.
        guard let key = try? Certificate.PrivateKey(pemEncoded: text) else { return .unreadable }
        return key.publicKey == certificate(chain)?.publicKey ? nil : .foreign
    }
}
