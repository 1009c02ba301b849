import Crypto
import DNS

/// SHA-256 as plans, ledgers and plan files write it.
package enum Digest {
    /// Lower-case hexadecimal over the text's UTF-8 bytes.
    package static func hex(_ text: String) -> String { hex(Array(text.utf8)) }

    /// Lower-case hexadecimal over the bytes.
    package static func hex(_ bytes: [UInt8]) -> String { Octets.hex(SHA256.hash(data: bytes)) }
}
