import Foundation

/// base64url without padding (RFC 4648 §5, as RFC 8555 §6.1 demands everywhere).
enum Base64URL {
    static func encode(_ octets: some Sequence<UInt8>) -> String {
        Data(octets).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    /// `nil` where `text` is no base64url; padding is accepted, since some CAs hand out keys with it.
    static func decode(_ text: String) -> [UInt8]? {
        var plain = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        while plain.hasSuffix("=") { plain.removeLast() }
        plain += String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        return Data(base64Encoded: plain).map(Array.init)
    }
}
