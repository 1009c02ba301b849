import DNS
import NIOCore
import Synchronization

/// The queries in flight on one UDP socket: which answer belongs to whom. Pure bookkeeping under a lock.
///
/// An answer counts when its id, its question and its sender's address all match a query in flight (RFC 5452 §9).
final class UDPExchange: ChannelInboundHandler, Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    struct Key: Hashable {
        let server: ServerAddress
        let id: UInt16
    }

    struct Waiting {
        let question: Message.Question
        let promise: EventLoopPromise<Message>
    }

    private let waiting = Mutex<[Key: Waiting]>([:])

    /// Enters a query; `false` when that id is already in flight to that server.
    func enter(_ key: Key, _ entry: Waiting) -> Bool {
        waiting.withLock { table in
            guard table[key] == nil else { return false }
            table[key] = entry
            return true
        }
    }

    /// Gives up on a query.
    func leave(_ key: Key) { _ = waiting.withLock { $0.removeValue(forKey: key) } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let octets = Array(envelope.data.readableBytesView)
        guard octets.count >= 12, let server = ServerAddress(envelope.remoteAddress) else { return }
        let key = Key(server: server, id: UInt16(octets[0]) << 8 | UInt16(octets[1]))
        guard let entry = waiting.withLock({ $0[key] }) else { return }
        // What can't be decoded or answers something else may be a forgery: the true answer may still come.
        guard let message = try? Message(decoding: octets), message.flags.isResponse,
            message.questions.isEmpty && message.flags.rcode != .noError || message.questions == [entry.question]
        else { return }
        leave(key)
        entry.promise.succeed(message)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // An ICMP 'port unreachable' of one server surfaces here; the query's own deadline judges it.
    }
}

extension ServerAddress {
    /// The peer of a datagram.
    init?(_ address: SocketAddress) {
        guard let text = address.ipAddress, let ip = IPAddress(text), let port = address.port else { return nil }
        self.init(address: ip, port: port)
    }

    /// As NIO wants it.
    func socketAddress() throws -> SocketAddress { try SocketAddress(ipAddress: address.description, port: port) }
}
