/// The characters that RFC 8461's ABNF and RFC 8460's share.
package enum Grammar {
    /// ALPHA / DIGIT.
    package static func isAlphanumeric(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x41...0x5a).contains(octet) || (0x61...0x7a).contains(octet)
    }

    /// ALPHA / DIGIT / "_" / "-" / ".".
    package static func isNameCharacter(_ octet: UInt8) -> Bool {
        isAlphanumeric(octet) || octet == UInt8(ascii: "_") || octet == UInt8(ascii: "-") || octet == UInt8(ascii: ".")
    }

    /// An extension's name: a letter or digit, then up to 31 more name characters (STS-4).
    package static func isExtensionName(_ name: ArraySlice<UInt8>) -> Bool {
        guard (1...32).contains(name.count), let first = name.first, isAlphanumeric(first) else { return false }
        return name.allSatisfy(isNameCharacter)
    }

    /// Visible ASCII except `=` and `;`.
    package static func isExtensionValue(_ value: ArraySlice<UInt8>) -> Bool {
        !value.isEmpty
            && value.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ";") }
    }
}
