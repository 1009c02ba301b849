import DNS
import MTASTS
import NIOHTTP1

/// What a request head gets, told from nothing but the head, the name in the ClientHello and the limits.
enum RequestVerdict: Equatable {
    /// The zone's policy, with or without its octets.
    case policy(DomainName, body: Bool)
    /// A status without a word more.
    case refusal(HTTPResponseStatus, allow: Bool = false)
    /// A status at once, and the end of the connection: what follows can't be, or need not be, read.
    case dismissal(HTTPResponseStatus, allow: Bool = false)

    /// Judges one head; `name` is the host name in the ClientHello, `zone` its policy domain, which a name of our own has not.
    static func judge(_ head: HTTPRequestHead, name: DomainName, zone: DomainName?, limits: PolicyServer.Limits)
        -> RequestVerdict
    {
        guard head.uri.utf8.count <= limits.targetOctets else { return .dismissal(.uriTooLong) }
        let size = head.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        guard size <= limits.headerOctets, head.headers.count <= limits.headerFields else {
            return .dismissal(.requestHeaderFieldsTooLarge)
        }
        if let length = head.headers.first(name: "content-length").flatMap(Int.init), length > limits.bodyOctets {
            return .dismissal(.payloadTooLarge)
        }
        let verdict = route(head, name: name, zone: zone)
        // RFC 9110 §10.1.1: who asks whether to go on gets the final status; no body could change it.
        if head.headers.contains(name: "expect"), case .refusal(let status, let allow) = verdict {
            return .dismissal(status, allow: allow)
        }
        return verdict
    }

    private static func route(_ head: HTTPRequestHead, name: DomainName, zone: DomainName?) -> RequestVerdict {
        let hosts = head.headers["host"]
        // RFC 9112 §3.2: HTTP/1.1 without Host, with two, or with a broken one.
        guard hosts.count <= 1, !(hosts.isEmpty && head.version == .http1_1) else { return .dismissal(.badRequest) }
        var path = head.uri[...]
        var host: DomainName? = name
        if let text = hosts.first {
            guard isHost(text) else { return .dismissal(.badRequest) }
            host = domain(ofHost: text)
        }
        // RFC 9112 §3.2.2: an absolute target has its own host, which counts.
        if let absolute = Absolute(head.uri) {
            guard isHost(absolute.host) else { return .dismissal(.badRequest) }
            host = domain(ofHost: absolute.host)
            path = absolute.path
        }
        // RFC 9110 §15.5.20: the connection was made, and certified, for another name.
        guard host == name else { return .refusal(.misdirectedRequest) }
        guard let zone, path.utf8.prefix(while: { $0 != UInt8(ascii: "?") }).elementsEqual(WellKnown.path.utf8) else {
            return .refusal(.notFound)
        }
        switch head.method {
        case .GET: return .policy(zone, body: true)
        case .HEAD: return .policy(zone, body: false)
        default: return .refusal(.methodNotAllowed, allow: true)
        }
    }

    /// An absolute request target, cut in two.
    struct Absolute {
        let host: String
        let path: Substring

        init?(_ target: String) {
            // Nearly all targets begin with a slash, and are asked no more.
            guard target.utf8.first != UInt8(ascii: "/") else { return nil }
            let schemes = ["https://", "http://"]
            guard let scheme = schemes.first(where: { target.lowercased().hasPrefix($0) }) else { return nil }
            let rest = target.dropFirst(scheme.count)
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            host = String(rest[..<end])
            path = rest[end...]
        }
    }

    /// `uri-host [":" port]` of RFC 9110 §7.2, as far as refusing what is none.
    static func isHost(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { return false }
        if text.hasPrefix("[") { return text.contains("]") }
        let host = text.utf8.prefix { $0 != UInt8(ascii: ":") }
        let port = text.utf8[host.endIndex...].dropFirst()
        return !host.isEmpty && port.allSatisfy { (0x30...0x39).contains($0) } && !host.contains(where: isForbidden)
    }

    private static func isForbidden(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "/"), UInt8(ascii: "@"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "\\"),
            UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "}"),
            UInt8(ascii: "|"), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: ","):
            true
        default: false
        }
    }

    /// The name without its port; `nil` for an address or what no DNS name can be.
    static func domain(ofHost text: String) -> DomainName? {
        guard !text.hasPrefix("[") else { return nil }
        return try? DomainName(String(decoding: text.utf8.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self))
    }
}
