import DNS
import NIOCore
import NIOHTTP1
import Planning

/// Answers the requests of one connection, one after the other.
final class PolicyExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        /// A head was judged; its body, if any, is read and dropped.
        case reading(RequestVerdict, keepAlive: Bool, body: Int)
        case answering
        /// The last answer was given; what still comes is dropped.
        case leaving
    }

    private let name: DomainName
    private let zone: DomainName?
    private let policies: PolicySelection
    private let limits: PolicyServer.Limits
    private let deadline: ConnectionDeadline
    private let date: () -> String
    private var state = State.idle

    init(
        name: DomainName, zone: DomainName?, policies: PolicySelection, limits: PolicyServer.Limits,
        deadline: ConnectionDeadline,
        date: @escaping () -> String
    ) {
        self.name = name
        self.zone = zone
        self.policies = policies
        self.limits = limits
        self.deadline = deadline
        self.date = date
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .idle):
            let verdict = RequestVerdict.judge(head, name: name, zone: zone, limits: limits)
            if case .dismissal(let status, let allow) = verdict {
                give(status, headers: Self.allowed(allow), keepAlive: false, context: context)
            } else {
                state = .reading(verdict, keepAlive: head.isKeepAlive && head.version == .http1_1, body: 0)
            }
        case (.body(let part), .reading(let verdict, let keepAlive, let body)):
            state = .reading(verdict, keepAlive: keepAlive, body: body + part.readableBytes)
            if body + part.readableBytes > limits.bodyOctets {
                give(.payloadTooLarge, keepAlive: false, context: context)
            }
        case (.end, .reading(let verdict, let keepAlive, _)):
            answer(verdict, keepAlive: keepAlive, context: context)
        default:
            break
        }
    }

    private func answer(_ verdict: RequestVerdict, keepAlive: Bool, context: ChannelHandlerContext) {
        deadline.arm(limits.answer)
        switch verdict {
        case .dismissal(let status, let allow), .refusal(let status, let allow):
            give(status, headers: Self.allowed(allow), keepAlive: keepAlive, context: context)
        case .policy(let zone, let wantsBody):
            if let body = policies.known(zone) {
                give(body.body, wantsBody: wantsBody, keepAlive: keepAlive, context: context)
                return
            }
            state = .answering
            let promise = context.eventLoop.makePromise(of: PublishedBody?.self)
            let policies = policies
            promise.completeWithTask { try await policies.policy(of: zone) }
            promise.futureResult.assumeIsolated().whenComplete { [self] result in
                switch result {
                case .success(let body?):
                    give(body.body, wantsBody: wantsBody, keepAlive: keepAlive, context: context)
                case .success(nil):
                    give(.notFound, keepAlive: keepAlive, context: context)
                case .failure:
                    // Never 404: that would tell senders that the zone has no policy.
                    give(.serviceUnavailable, keepAlive: keepAlive, context: context)
                }
            }
        }
    }

    private func give(_ body: String, wantsBody: Bool, keepAlive: Bool, context: ChannelHandlerContext) {
        let octets = ByteBuffer(string: body)
        // RFC 8461 §3.2; no ETag and no Last-Modified, since a 304 is no policy (§3.3).
        let headers: HTTPHeaders = ["content-type": "text/plain; charset=utf-8"]
        give(.ok, headers: headers, body: octets, sending: wantsBody, keepAlive: keepAlive, context: context)
    }

    /// One whole answer. HEAD gets the same header fields as GET (RFC 9110 §9.3.2).
    private func give(
        _ status: HTTPResponseStatus, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer(), sending: Bool = true,
        keepAlive: Bool, context: ChannelHandlerContext
    ) {
        guard context.channel.isActive else { return }
        var headers = headers
        headers.add(name: "content-length", value: "\(body.readableBytes)")
        headers.add(name: "date", value: date())
        if !keepAlive { headers.add(name: "connection", value: "close") }
        state = keepAlive ? .idle : .leaving
        deadline.arm(limits.answer)
        context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
        if sending, body.readableBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        let sent = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
        sent.futureResult.assumeIsolated().whenComplete { [self] _ in
            if keepAlive {
                if case .idle = state { deadline.arm(limits.request) }
            } else {
                // Our side ends; the peer has a moment to read the answer before the rest of its request is cut off.
                deadline.arm(limits.farewell)
                context.close(mode: .output, promise: nil)
            }
        }
    }

    private static func allowed(_ tell: Bool) -> HTTPHeaders { tell ? ["allow": "GET, HEAD"] : [:] }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            // Nobody will ask again; an answer on its way is finished first.
            if case .answering = state {} else { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            context.close(promise: nil)
            return
        }
        if case .leaving = state { return }
        // Half a request, or one that two readers could read differently (RFC 9112 §6.3, §11.2): the end.
        give(error == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest, keepAlive: false, context: context)
    }
}
