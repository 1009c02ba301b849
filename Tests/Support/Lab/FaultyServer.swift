package import DNS
package import DNSClient
import NIOCore
import NIOPosix

/// A name server on loopback that answers as it is told: late, twice, from elsewhere, or not at all.
package final class FaultyServer: Sendable {
    /// What it sends back to one query.
    package enum Reply: Sendable {
        /// These octets.
        case bytes([UInt8])
        /// The same address, another port: what an attacker off the path can send.
        case fromElsewhere([UInt8])
        /// The connection ends.
        case close
    }

    /// How a query came.
    package enum Carrier: Sendable { case udp, tcp }

    /// The answers to a query; `number` counts the queries of its carrier (TCP: of its connection) from 0.
    package typealias Script = @Sendable (_ query: Message, _ number: Int, _ carrier: Carrier) throws -> [Reply]

    /// Where it listens, by both carriers.
    package let address: ServerAddress
    private let channels: [any Channel]

    /// Another test may take the port between looking and binding: then another one is found.
    package static func start(_ script: @escaping Script) async throws -> FaultyServer {
        for _ in 0..<20 { if let server = try? await bind(script) { return server } }
        return try await bind(script)
    }

    private static func bind(_ script: @escaping Script) async throws -> FaultyServer {
        let port = try FreePort.find()
        let group = MultiThreadedEventLoopGroup.singleton
        let elsewhere = try await DatagramBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
        let udp = try await DatagramBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Datagrams(script, elsewhere))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        let tcp = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Stream(script))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        let address = ServerAddress("127.0.0.1:\(port)")
        guard let address else { throw ChannelError.ioOnClosedChannel }
        return FaultyServer(address: address, channels: [udp, tcp, elsewhere])
    }

    private init(address: ServerAddress, channels: [any Channel]) {
        self.address = address
        self.channels = channels
    }

    /// Stops listening.
    package func stop() async { for channel in channels { try? await channel.close() } }

    private final class Datagrams: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        typealias OutboundOut = AddressedEnvelope<ByteBuffer>
        private let script: Script
        private let elsewhere: any Channel
        private var count = 0

        init(_ script: @escaping Script, _ elsewhere: any Channel) {
            self.script = script
            self.elsewhere = elsewhere
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            guard let query = try? Message(decoding: Array(envelope.data.readableBytesView)) else { return }
            defer { count += 1 }
            for reply in (try? script(query, count, .udp)) ?? [] {
                switch reply {
                case .bytes(let octets):
                    context.writeAndFlush(
                        wrapOutboundOut(
                            AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: octets))),
                        promise: nil)
                case .fromElsewhere(let octets):
                    elsewhere.writeAndFlush(
                        AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: octets)),
                        promise: nil)
                case .close: break
                }
            }
        }
    }

    private final class Stream: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let script: Script
        private var buffer = ByteBuffer()
        private var count = 0

        init(_ script: @escaping Script) { self.script = script }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var more = unwrapInboundIn(data)
            buffer.writeBuffer(&more)
            while let octets = buffer.readLengthPrefixedSlice(as: UInt16.self) {
                guard let query = try? Message(decoding: Array(octets.readableBytesView)) else { continue }
                defer { count += 1 }
                for reply in (try? script(query, count, .tcp)) ?? [] {
                    switch reply {
                    case .bytes(let octets), .fromElsewhere(let octets):
                        var out = ByteBuffer(integer: UInt16(truncatingIfNeeded: octets.count))
                        out.writeBytes(octets)
                        context.writeAndFlush(wrapOutboundOut(out), promise: nil)
                    case .close: context.close(promise: nil)
                    }
                }
            }
        }
    }
}

extension Message {
    /// The answer to this query with these data.
    package func answer(_ data: [RecordData], rcode: ResponseCode = .noError) -> Message {
        var answer = self
        answer.flags.isResponse = true
        answer.flags.isAuthoritative = true
        answer.flags.rcode = rcode
        answer.answers = questions.prefix(1).flatMap { question in
            data.map { WireRecord(ResourceRecord(name: question.name, ttl: 60, data: $0)) }
        }
        return answer
    }
}
