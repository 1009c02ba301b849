import DNS
import NIOCore
import NIOPosix
import Synchronization

/// A few UDP sockets on random ports, shared by all queries of a family.
///
/// Sockets are made on first use; a query goes out on one drawn at random, so that forging an answer means guessing port and id.
/// After some queries a socket gives way to a new one on another port, so that nobody can learn the ports of a process that lives
/// long (RFC 5452 §10).
final class UDPSockets: Sendable {
    private let group: any EventLoopGroup
    private let perFamily: Int
    private enum Slot {
        case binding(EventLoopFuture<Socket>)
        case bound(Socket)
    }
    /// The sockets of each family, by its wildcard address, and those of a server that has its own.
    private let open = Mutex<[String: [Slot]]>([:])
    private let queriesPerPort: Int
    /// How long a socket that gave way stays open for the answers on their way.
    private let linger: TimeAmount
    /// Queries since each slot was bound.
    private let used = Mutex<[String: [Int]]>([:])

    struct Socket: Sendable {
        let channel: any Channel
        let exchange: UDPExchange
    }

    init(group: any EventLoopGroup, perFamily: Int = 4, queriesPerPort: Int, linger: TimeAmount) {
        self.queriesPerPort = queriesPerPort
        self.linger = linger
        self.group = group
        self.perFamily = perFamily
    }

    /// A socket to ask `server`; with `isApart` one that no other server shares. One that an error closed is made anew.
    func socket(for server: ServerAddress, random: UInt64, isApart: Bool = false) async throws -> Socket {
        let index = Int(random % UInt64(perFamily))
        let family = if case .v4 = server.address { "0.0.0.0" } else { "::" }
        let key = isApart ? "\(server)" : family
        let slot = open.withLock { open in
            if isWornOut(key, index), let old = open[key], index < old.count {
                retire(old[index])
                open[key]?[index] = .binding(bind(family))
            }
            while open[key, default: []].count <= index { open[key, default: []].append(.binding(bind(family))) }
            if case .bound(let socket)? = open[key]?[index], !socket.channel.isActive {
                open[key]?[index] = .binding(bind(family))
            }
            return open[key, default: []][index]
        }
        switch slot {
        case .bound(let socket): return socket
        case .binding(let future):
            let socket = try await future.get()
            open.withLock { open in
                // Another one may stand there by now.
                guard let slots = open[key], index < slots.count, case .binding(let waited) = slots[index],
                    waited === future
                else { return }
                open[key]?[index] = .bound(socket)
            }
            return socket
        }
    }

    /// Counts a query, and says whether its slot's socket had enough of them.
    private func isWornOut(_ family: String, _ index: Int) -> Bool {
        used.withLock { used in
            var counts = used[family] ?? Array(repeating: 0, count: perFamily)
            counts[index] += 1
            defer { used[family] = counts }
            guard counts[index] > queriesPerPort else { return false }
            counts[index] = 1
            return true
        }
    }

    /// Closes a socket once every query on it was answered or given up.
    private func retire(_ slot: Slot) {
        switch slot {
        case .bound(let socket): Self.close(socket.channel, in: linger)
        case .binding(let future): future.whenSuccess { [linger] in Self.close($0.channel, in: linger) }
        }
    }

    private static func close(_ channel: any Channel, in linger: TimeAmount) {
        channel.eventLoop.scheduleTask(in: linger) { channel.close(promise: nil) }
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
