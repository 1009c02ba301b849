package import DNS
import Ports

/// Why an exchange with one server gave no answer.
package enum DNSClientError: Error, Hashable, Sendable {
    /// No datagram or connection reached it.
    case unreachable(String)
    /// No answer in time.
    case timedOut
    /// The connection ended before the answer.
    case closed
    /// The answer is no DNS message.
    case malformed(WireError)
    /// The answer is signed wrongly, or not at all.
    case signature(TSIGError)
    /// The answer's code says no.
    case refused(ResponseCode)
    /// The answer was too long for UDP, and none came over TCP: why.
    case truncated(String)
    /// A transfer that began and did not end as it must.
    case brokenTransfer(String)
}

extension DNSClientError: CustomStringConvertible {
    /// For people; the server is named by whoever knows it.
    package var description: String {
        switch self {
        case .unreachable(let words): "it can't be reached (\(words))"
        case .timedOut: "it did not answer in time"
        case .closed: "it closed the connection without an answer"
        case .malformed(let error): error.description
        case .signature(let error): error.description
        case .refused(let code): "it answered \(code)"
        case .truncated(let words): "its answer over UDP was truncated, and over TCP \(words)"
        case .brokenTransfer(let words): "the zone transfer broke: \(words)"
        }
    }
}

/// A server's address and port.
package struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address.
    package let address: IPAddress
    /// The port, usually 53.
    package let port: Int

    /// A server.
    package init(address: IPAddress, port: Int = 53) {
        self.address = address
        self.port = port
    }

    /// Reads `192.0.2.1`, `192.0.2.1:53`, `2001:db8::1` or `[2001:db8::1]:53`.
    package init?(_ text: String) {
        if let address = IPAddress(text) {
            self.init(address: address)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(String(host)) else { return nil }
        self.init(address: address, port: port)
    }

    /// As it is written in the configuration.
    package var description: String {
        if case .v6 = address { return "[\(address)]:\(port)" }
        return "\(address):\(port)"
    }
}
