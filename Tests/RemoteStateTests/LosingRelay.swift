import NIOCore
import NIOPosix
import Synchronization

/// Passes octets on between a client and a port of loopback; the first connections are each cut once an answer beyond the handshake comes.
final class LosingRelay: Sendable {
    private let port: Int
    private let cut = Mutex(0)

    private let losing: Int

    /// A relay that loses so many answers.
    init(port: Int, losing: Int = 1) {
        self.port = port
        self.losing = losing
    }

    /// Connections that were cut.
    var lost: Int { cut.withLock { $0 } }

    /// Runs `use` with the relay's own port.
    func run(_ use: (Int) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let target = port
        let listener = try await ServerBootstrap(group: group)
            .childChannelInitializer { [self] client in
                client.eventLoop.makeCompletedFuture {
                    try client.pipeline.syncOperations.addHandler(Front(port: target, relay: self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Result<Void, any Error>
        do { result = .success(try await use(listener.localAddress?.port ?? 0)) } catch { result = .failure(error) }
        try await listener.close()
        try result.get()
    }

    /// Whether this answer is the one to lose.
    fileprivate func loses() -> Bool {
        cut.withLock { cut in
            guard cut < losing else { return false }
            cut += 1
            return true
        }
    }

    /// The client's side: everything waits until the server's side is there.
    private final class Front: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let port: Int
        private let relay: LosingRelay
        private var back: (any Channel)?
        private var early: [ByteBuffer] = []
        /// Flights of the client: two in TLS 1.3's handshake, the second of which may hold the request.
        private var sent = 0

        init(port: Int, relay: LosingRelay) {
            self.port = port
            self.relay = relay
        }

        func channelActive(context: ChannelHandlerContext) {
            let client = context.channel
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            ClientBootstrap(group: context.eventLoop)
                .channelInitializer { back in
                    back.eventLoop.makeCompletedFuture {
                        try back.pipeline.syncOperations.addHandler(Back(client: client, front: bound.value))
                    }
                }
                .connect(host: "127.0.0.1", port: port).whenSuccess { channel in
                    bound.value.back = channel
                    for buffer in bound.value.early { channel.writeAndFlush(buffer, promise: nil) }
                    bound.value.early = []
                }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            sent += buffer.readableBytes
            if let back { back.writeAndFlush(buffer, promise: nil) } else { early.append(buffer) }
        }

        func channelInactive(context: ChannelHandlerContext) { back?.close(promise: nil) }

        /// A request with its token and body is longer than a handshake's messages.
        func isAnswer() -> Bool { sent > 900 && relay.loses() }
    }

    /// The server's side.
    private final class Back: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let client: any Channel
        private let front: Front

        init(client: any Channel, front: Front) {
            self.client = client
            self.front = front
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !front.isAnswer() else {
                client.close(promise: nil)
                return context.close(promise: nil)
            }
            client.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }
    }
}
