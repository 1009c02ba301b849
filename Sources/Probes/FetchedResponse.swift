import MTASTS
import NIOCore
import NIOHTTP1
import Planning

/// A whole HTTP answer, within the limits that RFC 8461 §3.3 lets senders set.
struct FetchedResponse: Sendable {
    static let limit = 65_536

    var status: Int
    var location: String?
    var contentType: String?
    var contentEncoding: String?
    var body: [UInt8]
    var isTooLarge: Bool

    static func read(_ inbound: NIOAsyncChannelInboundStream<HTTPClientResponsePart>) async throws -> FetchedResponse {
        var response: FetchedResponse?
        for try await part in inbound {
            switch part {
            case .head(let head) where head.status.code >= 200:
                response = FetchedResponse(
                    status: Int(head.status.code), location: head.headers.first(name: "Location"),
                    contentType: head.headers.first(name: "Content-Type"),
                    contentEncoding: head.headers.first(name: "Content-Encoding"), body: [], isTooLarge: false)
            case .head: continue
            case .body(let buffer):
                response?.body += Array(buffer.readableBytesView)
                if let read = response, read.body.count > limit {
                    response?.isTooLarge = true
                    return response ?? read
                }
            case .end:
                if let response { return response }
            }
        }
        throw FetchFailure.endedEarly
    }
}

/// Judges an answer by its head and body (STS-21 to STS-23).
enum ResponseJudge {
    static func judge(_ response: FetchedResponse) -> PolicyLook.Answer {
        if (300...399).contains(response.status) {
            return .notServed(
                .redirect,
                "it answers \(response.status) and senders follow no redirect; serve the policy at this very URL\(target(response))"
            )
        }
        guard response.status == 200 else {
            return .notServed(.status, "it answers status \(response.status), and only 200 gives a policy")
        }
        if response.isTooLarge {
            return .notServed(.size, "the body is larger than 65536 octets, where senders stop reading")
        }
        let media = (response.contentType ?? "").prefix { $0 != ";" }
        guard trimmed(media).lowercased() == "text/plain" else {
            return .notServed(
                .mediaType,
                "the media type is '\(printable(response.contentType ?? "none"))', senders want 'text/plain'")
        }
        if let encoding = response.contentEncoding, encoding.lowercased() != "identity" {
            return .notServed(
                .encoding, "the body comes with Content-Encoding '\(printable(encoding))', which senders do not undo")
        }
        guard let text = String(validating: response.body, as: UTF8.self) else {
            return .notServed(.encoding, "the body is not UTF-8")
        }
        return .served(text)
    }

    private static func target(_ response: FetchedResponse) -> String {
        response.location.map { " (it points to '\(printable($0))')" } ?? ""
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    /// What a stranger wrote, fit for one line.
    private static func printable(_ text: String) -> String {
        String(
            text.unicodeScalars.prefix(120).map {
                $0.isASCII && $0.value >= 0x20 && $0.value != 0x7f ? Character($0) : "?"
            })
    }
}

/// Ends a connection whose headers grow without end; the body is bounded by its reader.
final class ResponseLimit: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data), head.headers.count > 200 {
            context.fireErrorCaught(FetchFailure.headersTooLarge)
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(data)
    }
}
