import DNS
import Logging
import NIOCore
import NIOHTTP1
import Planning
import Ports

/// Answers the challenge requests of one connection, one after the other.
final class ChallengeExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        /// A head was judged; its body, if any, is read and dropped.
        case reading(ChallengeVerdict, keepAlive: Bool, body: Int)
        case answering
        /// The last answer was given; what still comes is dropped.
        case leaving
    }

    private let answers: ChallengeAnswers
    private let limits: PolicyServer.Limits
    private let deadline: ConnectionDeadline
    private let now: @Sendable () -> Instant
    private var state = State.idle

    init(
        answers: ChallengeAnswers, limits: PolicyServer.Limits, deadline: ConnectionDeadline,
        now: @escaping @Sendable () -> Instant
    ) {
        self.answers = answers
        self.limits = limits
        self.deadline = deadline
        self.now = now
    }

    func handlerAdded(context: ChannelHandlerContext) { deadline.arm(limits.request) }

    func channelInactive(context: ChannelHandlerContext) {
        deadline.disarm()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .idle):
            let verdict = ChallengeVerdict.judge(head, limits: limits)
            state = .reading(verdict, keepAlive: head.isKeepAlive && head.version == .http1_1, body: 0)
            if case .dismissal(let status) = verdict { give(status, keepAlive: false, context: context) }
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

    private func answer(_ verdict: ChallengeVerdict, keepAlive: Bool, context: ChannelHandlerContext) {
        deadline.arm(limits.answer)
        switch verdict {
        case .dismissal(let status), .refusal(let status): give(status, keepAlive: keepAlive, context: context)
        case .challenge(let token, let host, let wantsBody):
            state = .answering
            let promise = context.eventLoop.makePromise(of: String?.self)
            let answers = answers
            promise.completeWithTask { try await answers.answer(to: token, at: host) }
            promise.futureResult.assumeIsolated().whenComplete { [self] result in
                switch result {
                case .success(let text?):
                    give(.ok, body: text, sending: wantsBody, keepAlive: keepAlive, context: context)
                case .success(nil): give(.notFound, keepAlive: keepAlive, context: context)
                case .failure: give(.serviceUnavailable, keepAlive: keepAlive, context: context)
                }
            }
        }
    }

    /// One whole answer; a refusal is its own reason in words, for whoever looks with a browser.
    private func give(
        _ status: HTTPResponseStatus, body: String? = nil, sending: Bool = true, keepAlive: Bool,
        context: ChannelHandlerContext
    ) {
        guard context.channel.isActive else { return }
        let octets = ByteBuffer(
            string: body ?? "\(status.code) \(status.reasonPhrase): only ACME challenges are here\n")
        var headers: HTTPHeaders = [
            "content-type": body == nil ? "text/plain; charset=utf-8" : "application/octet-stream",
            "content-length": "\(octets.readableBytes)", "date": HTTPDate.text(now()),
        ]
        if status == .methodNotAllowed { headers.add(name: "allow", value: "GET, HEAD") }
        if !keepAlive { headers.add(name: "connection", value: "close") }
        state = keepAlive ? .idle : .leaving
        deadline.arm(limits.answer)
        context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
        if sending { context.write(wrapOutboundOut(.body(.byteBuffer(octets))), promise: nil) }
        let sent = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
        sent.futureResult.assumeIsolated().whenComplete { [self] _ in
            if keepAlive {
                if case .idle = state { deadline.arm(limits.request) }
            } else {
                deadline.arm(limits.farewell)
                context.close(mode: .output, promise: nil)
            }
        }
    }

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
        give(error == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest, keepAlive: false, context: context)
    }
}

/// What a request head gets, told from nothing but the head and the limits.
enum ChallengeVerdict: Equatable {
    /// What the store holds for this token at this host, with or without its octets.
    case challenge(token: String, host: DomainName, body: Bool)
    /// A status.
    case refusal(HTTPResponseStatus)
    /// A status at once, and the end of the connection.
    case dismissal(HTTPResponseStatus)

    private static let folder = "/.well-known/acme-challenge/"
    /// Longer than any CA's; nobody asks the store for more.
    private static let longestToken = 256

    static func judge(_ head: HTTPRequestHead, limits: PolicyServer.Limits) -> ChallengeVerdict {
        guard head.uri.utf8.count <= limits.targetOctets else { return .dismissal(.uriTooLong) }
        let hosts = head.headers["host"]
        // RFC 9112 §3.2: HTTP/1.1 without Host, with two, or with a broken one.
        guard hosts.count <= 1, !(hosts.isEmpty && head.version == .http1_1) else { return .dismissal(.badRequest) }
        if let length = head.headers.first(name: "content-length").flatMap(Int.init), length > limits.bodyOctets {
            return .dismissal(.payloadTooLarge)
        }
        var path = head.uri[...]
        var text = hosts.first
        if let absolute = RequestVerdict.Absolute(head.uri) {
            text = absolute.host
            path = absolute.path
        }
        guard text.map(RequestVerdict.isHost) ?? true else { return .dismissal(.badRequest) }
        let token = path.prefix { $0 != "?" }.dropFirst(folder.count)
        // ACME-14: whatever is no base64url is no token, and never reaches the store.
        guard path.hasPrefix(folder), !token.isEmpty, token.utf8.count <= longestToken,
            token.utf8.allSatisfy(\.isBase64URL), let host = text.flatMap(RequestVerdict.domain(ofHost:))
        else { return .refusal(.notFound) }
        switch head.method {
        case .GET: return .challenge(token: String(token), host: host, body: true)
        case .HEAD: return .challenge(token: String(token), host: host, body: false)
        default: return .refusal(.methodNotAllowed)
        }
    }
}

extension UInt8 {
    fileprivate var isBase64URL: Bool {
        (0x30...0x39).contains(self) || (0x61...0x7a).contains(self | 0x20) || self == 0x2d || self == 0x5f
    }
}

/// Finds answers in the store, afresh each time: a token lives for seconds, and is never answered after it was removed.
struct ChallengeAnswers: Sendable {
    private let tokens: any ChallengeTokens
    private let failures: RepeatedFailures

    init(tokens: any ChallengeTokens, logger: Logger) {
        self.tokens = tokens
        failures = RepeatedFailures(logger: logger, what: "challenges")
    }

    func answer(to token: String, at host: DomainName) async throws -> String? {
        try await failures.watch { () throws(Failure) in try await tokens.answer(to: token, at: host) }
    }
}
