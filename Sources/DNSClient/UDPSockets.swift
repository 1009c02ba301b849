import DNS
import NIOCore
import NIOPosix
import Synchronization

/// A few UDP sockets on random ports, shared by all queries of a family.
///
/// Sockets are made on first use; a query goes out on one drawn at random, so that forging an answer means guessing port and id.
final class UDPSockets: Sendable {
    private let group: any EventLoopGroup
    private let perFamily: Int
    private struct Open {
        var v4: [EventLoopFuture<Socket>] = []
        var v6: [EventLoopFuture<Socket>] = []
    }
    private let open = Mutex(Open())

    struct Socket: Sendable {
        let channel: any Channel
        let exchange: UDPExchange
    }

    init(group: any EventLoopGroup, perFamily: Int = 4) {
        self.group = group
        self.perFamily = perFamily
    }

    func socket(for server: ServerAddress, random: UInt64) async throws -> Socket {
        let future = open.withLock { open in
            switch server.address {
            case .v4: return Self.pick(&open.v4, random, perFamily) { bind("0.0.0.0") }
            case .v6: return Self.pick(&open.v6, random, perFamily) { bind("::") }
            }
        }
        return try await future.get()
    }

    private static func pick(
        _ sockets: inout [EventLoopFuture<Socket>], _ random: UInt64, _ count: Int, make: () -> EventLoopFuture<Socket>
    ) -> EventLoopFuture<Socket> {
        let index = Int(random % UInt64(count))
        while sockets.count <= index { sockets.append(make()) }
        return sockets[index]
    }

    private func bind(_ host: String) -> EventLoopFuture<Socket> {
        let exchange = UDPExchange()
        return DatagramBootstrap(group: group)
            .channelOption(.socketOption(.so_rcvbuf), value: 4 << 20)
            .channelOption(.datagramVectorReadMessageCount, value: 16)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096 * 16))
            .channelInitializer { channel in channel.pipeline.addHandler(exchange) }
            .bind(host: host, port: 0)
            .map { Socket(channel: $0, exchange: exchange) }
    }

    func close() async {
        let all = open.withLock { open in
            defer { open = Open() }
            return open.v4 + open.v6
        }
        for future in all { try? await future.get().channel.close() }
    }
}
