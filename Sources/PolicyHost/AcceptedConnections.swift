import Logging
import NIOCore
import NIOExtras

/// The listening socket's own handler: takes connections up to a limit and knows all that are open, to end them.
///
/// One over the limit waits in the kernel's queue until another ends. Where the system has no descriptor left for one (another part
/// of the process may have taken them), the listener rests for a moment instead of trying again at once and for ever.
final class AcceptedConnections: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never
    typealias OutboundOut = Never

    private let server: any Channel
    private let limit: Int
    private let logger: Logger
    /// Fulfilled when the socket listens no more and the last connection is gone.
    private let ended: EventLoopPromise<Void>
    private var open: [ObjectIdentifier: any Channel] = [:]
    /// Somebody wants to accept more, and has to wait for a connection's end.
    private var isFull = false
    /// The socket is not even asked whether somebody waits. Leaving `read` unanswered is not enough: the read that failed is
    /// still wanted, so that the loop would be woken again at once.
    private var isResting = false
    private var isStopping = false
    private var isClosed = false

    /// For the listening socket `server`.
    init(_ server: any Channel, limit: Int, logger: Logger, ended: EventLoopPromise<Void>) {
        self.server = server
        self.limit = limit
        self.logger = logger
        self.ended = ended
    }

    func read(context: ChannelHandlerContext) {
        isFull = open.count >= limit
        if !isFull, !isResting { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = unwrapInboundIn(data)
        let id = ObjectIdentifier(channel)
        open[id] = channel
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        channel.closeFuture.hop(to: context.eventLoop).whenComplete { _ in bound.value.left(id) }
        if isStopping { Self.quiesce(channel) }
        context.fireChannelRead(data)
    }

    private func left(_ id: ObjectIdentifier) {
        open[id] = nil
        if isFull, !isResting { server.read() }
        endIfOver()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        endIfOver()
        context.fireChannelInactive()
    }

    private func endIfOver() { if isClosed, open.isEmpty { ended.succeed() } }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isResting else { return }
        rest(true)
        logger.error(
            "a connection can't be accepted; raise the limit of open files if that is what the reason says",
            metadata: ["connections": "\(open.count)", "reason": "\(error)"])
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(500)) {
            bound.value.rest(false)
        }
    }

    private func rest(_ resting: Bool) {
        isResting = resting
        // Fails on a socket that has been closed, and there is nothing to wake.
        try? server.syncOptions?.setOption(.autoRead, value: !resting)
    }

    /// Takes nobody new and ends idle connections; those with an answer under way end after it.
    func stop() {
        isStopping = true
        server.close(promise: nil)
        for channel in open.values { Self.quiesce(channel) }
    }

    /// Ends everything now.
    func cut() {
        server.close(promise: nil)
        for channel in open.values { channel.close(promise: nil) }
    }

    private static func quiesce(_ channel: any Channel) {
        channel.eventLoop.execute { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }
}
