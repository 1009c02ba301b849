import DNS
import NIOCore
import NIOPosix

/// One TCP connection: messages led by their length (RFC 1035 §4.2.2), sent at once, answers read as they come.
struct TCPExchange {
    let server: ServerAddress
    let group: any EventLoopGroup

    /// Lends the connection's answers to `body` after sending `requests`; closes on every path.
    func exchange<Value: Sendable>(
        _ requests: [[UInt8]], deadline: TimeAmount,
        _ body: @escaping @Sendable (_ next: @escaping @Sendable () async throws -> [UInt8]?) async throws -> Value
    ) async throws -> Value {
        let channel = try await connect(deadline)
        // The deadline closes the connection, which ends the reading below.
        let alarm = channel.channel.eventLoop.scheduleTask(in: deadline) { channel.channel.close(promise: nil) }
        defer { alarm.cancel() }
        return try await channel.executeThenClose { inbound, outbound in
            var buffer = ByteBuffer()
            for request in requests {
                buffer.writeInteger(UInt16(truncatingIfNeeded: request.count))
                buffer.writeBytes(request)
            }
            try await outbound.write(buffer)
            let source = Source(inbound.makeAsyncIterator())
            return try await body { try await source.next() }
        }
    }

    private func connect(_ deadline: TimeAmount) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: group)
            .connectTimeout(deadline)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(to: try server.socketAddress()) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(LengthDecoder()))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
    }

    /// Hands out messages one by one. Only one reader exists, the closure of ``exchange``.
    private actor Source {
        private var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator

        init(_ iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) { self.iterator = iterator }

        func next() async throws -> [UInt8]? {
            var copy = iterator
            defer { iterator = copy }
            return try await copy.next(isolation: #isolation).map { Array($0.readableBytesView) }
        }
    }
}

/// Cuts a stream into messages of at most 65,535 octets by their leading length.
private struct LengthDecoder: ByteToMessageDecoder {
    typealias InboundOut = ByteBuffer

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let message = buffer.readLengthPrefixedSlice(as: UInt16.self) else { return .needMoreData }
        context.fireChannelRead(wrapInboundOut(message))
        return .continue
    }
}
