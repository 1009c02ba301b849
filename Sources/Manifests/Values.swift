package import DNS
import Findings
import Foundation
import MTASTS
import Planning
import TLSRPT
import YAML

extension Reading {
    /// A host or domain name; internationalised names become A-labels (UTS 46, by Foundation).
    mutating func name(_ node: YAMLNode?, _ what: String) -> DomainName? {
        guard let text = text(node, what), let node else { return nil }
        guard let name = Self.hostName(text) else {
            error(
                .badValue, "'\(what)' is '\(printable(text))', which is no domain name",
                action: "write a name such as example.com: letters, digits, hyphens, dots", at: node.place)
            return nil
        }
        return name
    }

    /// RFC 5321's Domain: labels of letters, digits and inner hyphens, at least two of them.
    static func hostName(_ text: String) -> DomainName? {
        let trimmed = text.hasSuffix(".") ? String(text.dropLast()) : text
        guard let ascii = aLabels(trimmed), let pattern = try? MXPattern(parsing: ascii), !pattern.isWildcard,
            pattern.base.labels.count >= 2, IPAddress(ascii) == nil
        else { return nil }
        return pattern.base.lowercased
    }

    /// The A-label form of a name; ASCII stays as it is.
    static func aLabels(_ text: String) -> String? {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.isEmpty ? nil : text }
        let isName = text.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || $0.properties.numericType != nil || "-._".unicodeScalars.contains($0)
                || $0.properties.generalCategory == .nonspacingMark
        }
        guard isName, let host = URL(string: "https://\(text)/", encodingInvalidCharacters: true)?.host else {
            return nil
        }
        return host.utf8.allSatisfy { $0 < 0x80 } && !host.contains("%") ? host : nil
    }

    /// A policy's pattern.
    mutating func pattern(_ node: YAMLNode, _ what: String) -> MXPattern? {
        guard let text = text(node, what) else { return nil }
        let wildcard = text.hasPrefix("*.")
        let host = wildcard ? String(text.dropFirst(2)) : text
        guard let ascii = Self.aLabels(host) else {
            error(
                .badValue, "'\(printable(text))' is no mx pattern",
                action: "write a host such as mx1.example.com, or *.example.com", at: node.place)
            return nil
        }
        do throws(MXPatternError) {
            let pattern = try MXPattern(parsing: (wildcard ? "*." : "") + ascii.lowercased())
            guard pattern.base.labels.count >= 2, IPAddress(ascii) == nil else { throw .notAHost(text) }
            return pattern
        } catch {
            self.error(
                .badValue, "\(printable("\(error)", limit: 300))",
                action: "write a host such as mx1.example.com, or *.example.com",
                at: node.place)
            return nil
        }
    }

    /// A duration in seconds: a bare number, or one with s, m, h, d or w.
    mutating func seconds(_ node: YAMLNode?, _ what: String) -> Int? {
        guard let text = text(node, what), let node else { return nil }
        guard let seconds = DurationText.seconds(text) else {
            error(
                .badValue, "'\(what)' is '\(printable(text))', which is no duration",
                action: "write seconds, or a number with s, m, h, d or w, such as 30s or 7d", at: node.place)
            return nil
        }
        return seconds
    }

    /// An IP address.
    mutating func address(_ node: YAMLNode, _ what: String) -> IPAddress? {
        guard let text = text(node, what) else { return nil }
        guard let address = IPAddress(text) else {
            error(
                .badValue, "'\(what)' holds '\(printable(text))', which is no IP address",
                action: "write an IPv4 or IPv6 address", at: node.place)
            return nil
        }
        return address
    }

    /// A host or address with a port.
    mutating func endpoint(_ node: YAMLNode?, _ what: String, defaultPort: Int?, hostAllowed: Bool = false) -> Endpoint?
    {
        guard let text = text(node, what), let node else { return nil }
        guard let endpoint = Endpoint(text, defaultPort: defaultPort), hostAllowed || IPAddress(endpoint.host) != nil
        else {
            error(
                .badValue,
                "'\(what)' is '\(printable(text))', which is no \(hostAllowed ? "host" : "address") with a port",
                action:
                    "write \(hostAllowed ? "host:port" : "an address and a port, such as 192.0.2.53:53 or [2001:db8::1]:53")",
                at: node.place)
            return nil
        }
        return endpoint
    }

    /// A report address.
    mutating func reportURI(_ node: YAMLNode, _ what: String) -> ReportURI? {
        guard let text = text(node, what) else { return nil }
        do throws(ReportURIError) { return try ReportURI(text) } catch {
            self.error(
                .badValue, printable("\(error)", limit: 300),
                action: "write mailto:reports@example.com or https://host/path",
                at: node.place)
            return nil
        }
    }
}

/// A zone's name as people write it.
package enum ZoneName {
    /// The zone in A-labels and lower case, by the rules of a manifest's `zone`; `nil` if it is no domain name.
    package static func parse(_ text: String) -> DomainName? { Reading.hostName(text) }

    /// The same, or the ledger's key of a name of serve itself as machines read it (`_serve.` and the name).
    package static func parse(key text: String) -> DomainName? {
        let prefix = CertificateOwner.label + "."
        guard text.lowercased().hasPrefix(prefix) else { return parse(text) }
        return parse(String(text.dropFirst(prefix.count))).map { CertificateOwner.ownName($0).key }
    }
}

/// A host or address with a port.
package struct Endpoint: Hashable, Sendable {
    /// A name or an address without brackets.
    package let host: String
    /// The port.
    package let port: Int

    /// Reads `host:port`, `192.0.2.1:53`, `[2001:db8::1]:53`; without a port where there is a default.
    init?(_ text: String, defaultPort: Int?) {
        if IPAddress(text) != nil, let defaultPort {
            host = text
            port = defaultPort
            return
        }
        if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
            host = String(text[text.index(after: text.startIndex)..<close])
            let rest = text[text.index(after: close)...]
            guard case .v6? = IPAddress(host),
                let number = rest.isEmpty ? defaultPort : rest.hasPrefix(":") ? Int(rest.dropFirst()) : nil
            else { return nil }
            port = number
        } else {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2, let first = parts.first, !first.isEmpty,
                let number = parts.count == 2 ? Int(parts[1]) : defaultPort,
                IPAddress(String(first)) != nil || Reading.hostName(String(first)) != nil || first == "localhost"
            else { return nil }
            host = String(first)
            port = number
        }
        guard (0...65_535).contains(port) else { return nil }
    }
}

extension Endpoint: CustomStringConvertible {
    /// `host:port`, an IPv6 address in brackets, as the configuration writes it.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
