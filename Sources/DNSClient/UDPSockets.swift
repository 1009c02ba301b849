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
    private enum Slot {
        case binding(EventLoopFuture<Socket>)
        case bound(Socket)
    }
    /// The wildcard address of each family, with its sockets.
    private let open = Mutex<[String: [Slot]]>([:])

    struct Socket: Sendable {
        let channel: any Channel
        let exchange: UDPExchange
    }

    init(group: any EventLoopGroup, perFamily: Int = 4) {
        self.group = group
        self.perFamily = perFamily
    }

    func socket(for server: ServerAddress, random: UInt64) async throws -> Socket {
        let index = Int(random % UInt64(perFamily))
        let family = if case .v4 = server.address { "0.0.0.0" } else { "::" }
        let slot = open.withLock { open in
            while open[family, default: []].count <= index { open[family, default: []].append(.binding(bind(family))) }
            return open[family, default: []][index]
        }
        switch slot {
        case .bound(let socket): return socket
        case .binding(let future):
            let socket = try await future.get()
            open.withLock { open in
                guard let count = open[family]?.count, index < count else { return }
                open[family]?[index] = .bound(socket)
            }
            return socket
        }
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
            defer { open = [:] }
            return open.values.flatMap(\.self)
        }
        for slot in all {
            switch slot {
            case .bound(let socket): try? await socket.channel.close()
            case .binding(let future): try? await future.get().channel.close()
            }
        }
    }
}
