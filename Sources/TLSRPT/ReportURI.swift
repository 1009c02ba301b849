/// A report address fit to be published in `rua` (RFC 8460 §3): plain enough that every known reader takes it (OBS-13).
package struct ReportURI: Hashable, Sendable {
    /// The URI as published.
    package let text: String
    /// How reports come.
    package let scheme: Scheme

    /// The schemes that RFC 8460 gives a meaning.
    package enum Scheme: String, Hashable, Sendable, CaseIterable { case mailto, https }

    /// Checks a URI; says what any reader would stumble over.
    package init(_ text: String) throws(ReportURIError) {
        guard let colon = text.firstIndex(of: ":") else { throw .noScheme(text) }
        let name = String(text[..<colon])
        guard let scheme = Scheme(rawValue: name) else {
            throw Scheme(rawValue: name.lowercased()) == nil ? .otherScheme(name) : .upperCaseScheme(name)
        }
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { throw .notASCII(text) }
        // RPT-3: these part the record's fields, so they are percent-encoded within a URI.
        if let bad = text.utf8.first(where: ",;!".utf8.contains) { throw .unencoded(Character(Unicode.Scalar(bad))) }
        if let bad = text.utf8.first(where: "?=#".utf8.contains) { throw .query(Character(Unicode.Scalar(bad))) }
        let rest = text[text.index(after: colon)...]
        switch scheme {
        case .mailto:
            let parts = rest.split(separator: "@", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, parts[1].contains("."), !parts[1].hasPrefix("."),
                !parts[1].hasSuffix(".")
            else {
                throw .noAddress(text)
            }
        case .https:
            guard rest.hasPrefix("//"),
                let host = rest.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false).first,
                !host.isEmpty, !host.contains("@")
            else { throw .noHost(text) }
        }
        self.text = text
        self.scheme = scheme
    }
}

extension ReportURI: CustomStringConvertible, Codable {
    /// The URI.
    package var description: String { text }

    /// As its text.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// From its text.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do { try self.init(try container.decode(String.self)) } catch let error as ReportURIError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }
}

/// Why a URI is not fit to be published.
package enum ReportURIError: Error, Hashable, Sendable, CustomStringConvertible {
    case noScheme(String)
    case otherScheme(String)
    case upperCaseScheme(String)
    case notASCII(String)
    case unencoded(Character)
    case query(Character)
    case noAddress(String)
    case noHost(String)

    /// For people.
    package var description: String {
        switch self {
        case .noScheme(let text): "'\(text)' is no URI; write 'mailto:reports@example.com' or 'https://host/path'"
        case .otherScheme(let name): "'\(name):' is no way to send TLS reports; 'mailto:' and 'https:' are"
        case .upperCaseScheme(let name): "'\(name):' must be in lower case, since some senders take no other"
        case .notASCII(let text): "'\(text)' holds a blank or a character beyond ASCII; percent-encode it"
        case .unencoded(let character):
            "'\(character)' must be percent-encoded in a report address (RFC 8460 section 3)"
        case .query(let character): "'\(character)' in a report address breaks some senders; leave query strings away"
        case .noAddress(let text): "'\(text)' has no mail address after 'mailto:'"
        case .noHost(let text): "'\(text)' has no host after 'https://'"
        }
    }
}
