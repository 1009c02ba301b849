import DNS
package import Logging
import NIOCore
import NIOPosix
import Ports
import ServiceLifecycle

/// A small authoritative name server over UDP and TCP: the embedded default's, not meant for the internet.
package struct AuthoritativeServer: Service {
    private let address: String
    private let port: Int
    private let answering: Answering
    private let logger: Logger
    private let onRunning: @Sendable (Int) async -> Void

    /// A server at `address:port`; port 0 takes a free one, which `onRunning` tells.
    package init(
        address: String, port: Int, zones: ZoneSource, logger: Logger,
        onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.address = address
        self.port = port
        answering = Answering(source: zones)
        self.logger = logger
        self.onRunning = onRunning
    }

    /// Answers until told to stop. Throws a ``Failure`` that says what to do where it can't listen.
    package func run() async throws {
        let (tcp, udp): (any Channel, any Channel)
        do { (tcp, udp) = try await bind() } catch {
            throw Failure.listening(
                "the name server", at: address, port: port, number: (error as? IOError)?.errnoCode, words: "\(error)")
        }
        let bound = tcp.localAddress?.port ?? port
        logger.info("name server is listening", metadata: ["address": "\(address)", "port": "\(bound)"])
        await onRunning(bound)
        try await withGracefulShutdownHandler {
            try await withTaskCancellationHandler {
                try await tcp.closeFuture.get()
                try await udp.close()
            } onCancel: {
                tcp.close(promise: nil)
            }
        } onGracefulShutdown: {
            tcp.close(promise: nil)
        }
    }

    /// Both protocols at one port.
    private func bind() async throws -> (tcp: any Channel, udp: any Channel) {
        let group = MultiThreadedEventLoopGroup.singleton
        let answering = answering
        let tcp = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        IdleStateHandler(allTimeout: .seconds(10)), ByteToMessageHandler(RequestDecoder()),
                        TCPAnswerHandler(answering: answering),
                    ])
                }
            }
            .bind(host: address, port: port).get()
        do {
            let udp = try await DatagramBootstrap(group: group)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(UDPAnswerHandler(answering: answering))
                    }
                }
                .bind(host: address, port: tcp.localAddress?.port ?? port).get()
            return (tcp, udp)
        } catch {
            try? await tcp.close()
            throw error
        }
    }
}

private final class UDPAnswerHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>
    private let answering: Answering

    init(answering: Answering) { self.answering = answering }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let answer = answering.answer(Array(envelope.data.readableBytesView), limit: 1232) else { return }
        let reply = AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: answer))
        context.writeAndFlush(wrapOutboundOut(reply), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // One asker's unreachable port is no reason to stop answering the others.
    }
}

private final class TCPAnswerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let answering: Answering

    init(answering: Answering) { self.answering = answering }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let answer = answering.answer(Array(unwrapInboundIn(data).readableBytesView), limit: 65_535) else {
            return
        }
        var buffer = context.channel.allocator.buffer(capacity: answer.count + 2)
        buffer.writeInteger(UInt16(truncatingIfNeeded: answer.count))
        buffer.writeBytes(answer)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

private struct RequestDecoder: ByteToMessageDecoder {
    typealias InboundOut = ByteBuffer

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let message = buffer.readLengthPrefixedSlice(as: UInt16.self) else { return .needMoreData }
        context.fireChannelRead(wrapInboundOut(message))
        return .continue
    }
}
