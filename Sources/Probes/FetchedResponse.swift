import NIOCore
import NIOHTTP1

/// A whole HTTP answer, within the limits that RFC 8461 §3.3 lets senders set.
struct FetchedResponse: Sendable {
    /// Octets of a body that senders read (§3.3).
    static let limit = 65_536

    var status: Int
    var location: String?
    var contentType: String?
    var contentEncoding: String?
    var body: [UInt8]
    /// More came than the limit; the body is cut there.
    var isTooLarge: Bool

    /// Reads to the end of the answer, or to the first octet too many.
    static func read(
        _ inbound: NIOAsyncChannelInboundStream<HTTPClientResponsePart>
    ) async throws -> FetchedResponse {
        var response: FetchedResponse?
        for try await part in inbound {
            switch part {
            case .head(let head):
                response = FetchedResponse(head)
                if let response, response.isTooLarge { return response }
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

    /// What the head says; a body announced as too large is not read.
    private init(_ head: HTTPResponseHead) {
        status = Int(head.status.code)
        location = head.headers.first(name: "Location")
        contentType = head.headers.first(name: "Content-Type")
        contentEncoding = head.headers.first(name: "Content-Encoding")
        body = []
        isTooLarge = head.headers.first(name: "Content-Length").flatMap(Int.init).map { $0 > Self.limit } ?? false
    }
}
