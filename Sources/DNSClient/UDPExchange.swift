import DNS
import NIOCore
import Synchronization

/// The queries in flight on one UDP socket: which answer belongs to whom.
///
/// An answer counts when its id, its question and its sender's address all match a query in flight (RFC 5452 §9). Whoever
/// takes a query out of the table, its answer or its alarm, resumes it: so each is resumed once.
final class UDPExchange: ChannelDuplexHandler, Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    /// How one query ended.
    enum Outcome: Sendable {
        case answered(Message)
        /// No answer came in time.
        case silent
        /// Its socket was closed by an error of another query.
        case lost
        /// It did not leave this machine: the system's words.
        case unsent(String)
    }

    private struct Key: Hashable {
        let server: SocketAddress
        let id: UInt16
    }

    private struct Waiting {
        let request: QueryRequest
        let sent: QueryRequest.Sent
        let continuation: CheckedContinuation<Outcome, Never>
        /// Tells a query from a later one with the same id.
        let serial: Int
    }

    private let waiting = Mutex<[Key: Waiting]>([:])
    private let serials = Atomic<Int>(0)
    private let isFlushDue = Atomic<Bool>(false)

    /// Sends a query and waits for its answer. `ids` gives ids until one is free.
    func ask(
        _ request: QueryRequest, of server: SocketAddress, over channel: any Channel, within wait: TimeAmount,
        ids: () -> UInt16
    ) async throws -> Outcome {
        var key = Key(server: server, id: ids())
        while waiting.withLock({ $0[key] != nil }) { key = Key(server: server, id: ids()) }
        let sent = try request.encoded(id: key.id)
        let serial = serials.add(1, ordering: .relaxed).newValue
        return await withCheckedContinuation { continuation in
            let entry = Waiting(request: request, sent: sent, continuation: continuation, serial: serial)
            let before = waiting.withLock { $0.updateValue(entry, forKey: key) }
            // Another task drew the same id between the look and the entry: its query counts as lost and is sent again.
            before?.continuation.resume(returning: .silent)
            let entered = key
            channel.eventLoop.execute {
                channel.eventLoop.scheduleTask(in: wait) {
                    self.take(entered, serial)?.continuation.resume(returning: .silent)
                }
                let envelope = AddressedEnvelope(remoteAddress: server, data: ByteBuffer(bytes: sent.octets))
                channel.writeAndFlush(envelope).whenFailure { error in
                    // A socket that another query's error closed says nothing of this server.
                    let outcome =
                        error is ChannelError && !(error as? ChannelError == .writeHostUnreachable)
                        ? Outcome.lost : .unsent("\(error)")
                    self.take(entered, serial)?.continuation.resume(returning: outcome)
                }
            }
        }
    }

    private func take(_ key: Key, _ serial: Int) -> Waiting? {
        waiting.withLock { $0[key]?.serial == serial ? $0.removeValue(forKey: key) : nil }
    }

    /// Queries written in one turn of the event loop leave in one system call.
    func flush(context: ChannelHandlerContext) {
        guard !isFlushDue.exchange(true, ordering: .relaxed) else { return }
        let loopBound = context.loopBound
        context.eventLoop.execute {
            self.isFlushDue.store(false, ordering: .relaxed)
            loopBound.value.flush()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let octets = Array(envelope.data.readableBytesView)
        guard octets.count >= 12 else { return }
        let key = Key(server: envelope.remoteAddress, id: UInt16(octets[0]) << 8 | UInt16(octets[1]))
        guard let entry = waiting.withLock({ $0[key] }) else { return }
        guard let message = entry.request.answer(octets, to: entry.sent) else { return }
        take(key, entry.serial)?.continuation.resume(returning: .answered(message))
    }

    /// An error of one write closes the socket: whoever waits on it asks again on another.
    func channelInactive(context: ChannelHandlerContext) {
        let lost = waiting.withLock { waiting in
            defer { waiting = [:] }
            return waiting.values.map(\.continuation)
        }
        for continuation in lost { continuation.resume(returning: .lost) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // An ICMP 'port unreachable' of one server surfaces here; the query's own deadline judges it.
    }
}

extension ServerAddress {
    /// As NIO wants it.
    func socketAddress() throws -> SocketAddress { try SocketAddress(ipAddress: address.description, port: port) }
}
