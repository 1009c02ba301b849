import DNS
import NIOCore
import NIOExtras
import NIOHTTP1
import Ports
import Synchronization

/// Answers at a name of `certadns serve` itself, by its routes; one request after the other.
///
/// A body is read only of a request that was admitted by its head, up to a bound, and once there is room for it and its answer among all
/// that are in hand: that is all that a caller costs.
final class RoutesExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        /// The routes look at the head; what was read along with it waits.
        case asking(WebHead, keepAlive: Bool)
        /// The body is read.
        case reading(WebHead, caller: String, keepAlive: Bool)
        case answering
        case leaving
    }
    private let name: DomainName
    private let routes: any WebRoutes
    private let room: RequestRoom
    private let limits: PolicyServer.Limits
    private let deadline: ConnectionDeadline
    private let date: () -> String
    private var state = State.idle
    private var body: [UInt8] = []
    /// The request came to its end while it was asked about.
    private var isWhole = false
    /// What the request in hand has of the room.
    private var share = 0

    init(
        name: DomainName, routes: any WebRoutes, room: RequestRoom, limits: PolicyServer.Limits,
        deadline: ConnectionDeadline,
        date: @escaping () -> String
    ) {
        self.name = name
        self.routes = routes
        self.room = room
        self.limits = limits
        self.deadline = deadline
        self.date = date
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .idle): begin(head, context)
        case (.body(let part), .asking), (.body(let part), .reading):
            body += Array(part.readableBytesView)
            guard body.count <= routes.bodyOctets else { return give(.payloadTooLarge, keepAlive: false, context) }
        case (.end, .asking): isWhole = true
        case (.end, .reading(let head, let caller, let keepAlive)): answer(head, caller, keepAlive, context)
        default: break
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        // The same judgement of the head as senders' requests get; what passes it is none of theirs.
        let verdict = RequestVerdict.judge(head, name: name, zone: nil, limits: bounds)
        switch verdict {
        case .refusal(.notFound, _): break
        case .refusal(let status, _), .dismissal(let status, _): return give(status, keepAlive: false, context)
        case .policy: return give(.notFound, keepAlive: false, context)
        }
        let path = String(head.uri.prefix { $0 != "?" })
        let web = WebHead(
            method: head.method.rawValue, path: path, authorization: head.headers.first(name: "authorization"),
            idempotencyKey: head.headers.first(name: "idempotency-key"))
        body = []
        isWhole = false
        state = .asking(web, keepAlive: head.isKeepAlive && head.version == .http1_1)
        // While the routes look nothing more is read than came along.
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        let promise = context.eventLoop.makePromise(of: WebAdmission.self)
        let (routes, room) = (routes, room)
        let share = room.share(of: routes.octets(of: web))
        promise.completeWithTask {
            let admission = await routes.admit(web)
            if case .admitted = admission { await room.enter(share) }
            return admission
        }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        promise.futureResult.assumeIsolated().whenSuccess { [self] admission in
            if case .admitted = admission { self.share += share }
            admitted(admission, bound.value)
        }
    }

    /// The request is answered, or its connection is gone.
    private func leaveRoom() {
        guard share > 0 else { return }
        room.leave(share)
        share = 0
    }

    func channelInactive(context: ChannelHandlerContext) {
        // An answer that is still being made takes its part until it is there.
        if case .answering = state {} else { leaveRoom() }
        context.fireChannelInactive()
    }

    private var bounds: PolicyServer.Limits {
        var bounds = limits
        bounds.bodyOctets = routes.bodyOctets
        return bounds
    }

    private func admitted(_ admission: WebAdmission, _ context: ChannelHandlerContext) {
        guard case .asking(let head, let keepAlive) = state, context.channel.isActive else { return leaveRoom() }
        try? context.channel.syncOptions?.setOption(.autoRead, value: true)
        switch admission {
        // What follows of it is not read: the connection ends with the answer.
        case .refused(let answer): give(answer, keepAlive: isWhole && keepAlive, context)
        case .admitted(let caller):
            state = .reading(head, caller: caller, keepAlive: keepAlive)
            if isWhole { answer(head, caller, keepAlive, context) } else { context.read() }
        }
    }

    private func answer(_ head: WebHead, _ caller: String, _ keepAlive: Bool, _ context: ChannelHandlerContext) {
        state = .answering
        // A certificate may be waited for; whoever is admitted bears a token.
        deadline.arm(limits.answer + limits.answer)
        let promise = context.eventLoop.makePromise(of: WebAnswer.self)
        let (routes, octets) = (routes, body)
        body = []
        promise.completeWithTask { await routes.answer(head, as: caller, body: octets) }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        promise.futureResult.assumeIsolated().whenSuccess { [self] in give($0, keepAlive: keepAlive, bound.value) }
    }

    private func give(_ status: HTTPResponseStatus, keepAlive: Bool, _ context: ChannelHandlerContext) {
        give(WebAnswer(status: Int(status.code), body: []), keepAlive: keepAlive, context)
    }

    private func give(_ answer: WebAnswer, keepAlive: Bool, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return leaveRoom() }
        if case .leaving = state { return leaveRoom() }
        var headers: HTTPHeaders = [
            "content-type": "application/json", "cache-control": "no-store", "content-length": "\(answer.body.count)",
            "date": date(),
        ]
        if answer.status == 401 { headers.add(name: "www-authenticate", value: "Bearer") }
        if !keepAlive { headers.add(name: "connection", value: "close") }
        body = []
        state = keepAlive ? .idle : .leaving
        deadline.arm(limits.answer)
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !answer.body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        }
        let sent = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
        // The next request's part is taken when its head has come: never before this answer is away.
        let mine = share
        share = 0
        sent.futureResult.assumeIsolated().whenComplete { [self] _ in
            if mine > 0 { room.leave(mine) }
            if keepAlive {
                if case .idle = state { deadline.arm(limits.request) }
            } else {
                deadline.arm(limits.farewell)
                bound.value.close(mode: .output, promise: nil)
            }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            // An answer on its way is finished first.
            if case .answering = state {} else { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
        give(error == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest, keepAlive: false, context)
    }
}
