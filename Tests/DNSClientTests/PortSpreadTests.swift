import DNS
import DNSClient
import Lab
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// What someone off the path must guess: the id and the port (RFC 5452).
@Suite struct PortSpreadTests {
    private final class Echo: ChannelInboundHandler, Sendable {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        typealias OutboundOut = AddressedEnvelope<ByteBuffer>
        let seen = Mutex<[(port: Int, id: UInt16)]>([])

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            guard let query = try? Message(decoding: Array(envelope.data.readableBytesView)),
                let octets = try? query.answer([]).encoded()
            else { return }
            seen.withLock { $0.append((envelope.remoteAddress.port ?? 0, query.id)) }
            let reply = AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: octets))
            context.writeAndFlush(wrapOutboundOut(reply), promise: nil)
        }
    }

    @Test func `ids and ports change over many queries`() async throws {
        let echo = Echo()
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { $0.pipeline.addHandler(echo) }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = try #require(ServerAddress("127.0.0.1:\(channel.localAddress?.port ?? 0)"))
        let transport = DNSTransport(
            group: MultiThreadedEventLoopGroup.singleton, queriesPerPort: 10, random: { UInt64.random(in: 0 ... .max) },
            clock: { 0 })
        let question = Message.Question(try DomainName("a.test"), .txt)
        for _ in 0..<1_000 { _ = try await transport.query(question, at: server) }
        let seen = echo.seen.withLock { $0 }
        // At least 1,000 queries of ten a port, on four sockets; the kernel may give a port twice.
        #expect(Set(seen.map(\.port)).count > 80)
        #expect(Set(seen.map(\.id)).count > 950, "of 65,536 ids some come twice")
        for bit in 0..<16 {
            let ones = seen.count { $0.id >> UInt16(bit) & 1 == 1 }
            #expect((350...650).contains(ones), "bit \(bit) of the ids leans")
        }
        await transport.close()
        try await channel.close()
    }
}
