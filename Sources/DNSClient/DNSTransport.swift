package import DNS
package import NIOCore
import NIOPosix
import Synchronization

/// Exchanges messages with DNS servers: queries over UDP with retry and TCP where an answer is cut, transfers, signed updates.
///
/// Shared by everything that asks; bounded in queries in flight at each server, so that a fleet's plan floods no server.
package final class DNSTransport: Sendable {
    private let group: any EventLoopGroup
    private let sockets: UDPSockets
    private let random: @Sendable () -> UInt64
    private let clock: @Sendable () -> UInt64
    private let inFlight: Int
    private let lines = Mutex<[ServerAddress: ServerLine]>([:])
    /// Seconds for one try over UDP, for each try; the last entry's wait is the longest.
    private let tries: [TimeAmount]
    private let tcpDeadline: TimeAmount
    /// Octets of one transfer: more than any zone with mail needs, and little enough to hold.
    private let transferLimit: Int
    private let asked = Atomic<Int>(0)

    /// A transport. `clock` gives Unix seconds for TSIG, `random` ids and ports; a socket asks `queriesPerPort` times.
    package init(
        group: any EventLoopGroup,
        tries: [TimeAmount] = [.milliseconds(800), .milliseconds(1_600), .milliseconds(2_600)],
        tcpDeadline: TimeAmount = .seconds(10), inFlight: Int = 200, queriesPerPort: Int = 2_000,
        transferLimit: Int = 32 << 20, random: @escaping @Sendable () -> UInt64,
        clock: @escaping @Sendable () -> UInt64
    ) {
        self.group = group
        self.tries = tries
        self.tcpDeadline = tcpDeadline
        self.random = random
        self.clock = clock
        sockets = UDPSockets(
            group: group, queriesPerPort: queriesPerPort, linger: (tries.max() ?? .zero) + .seconds(1))
        self.inFlight = inFlight
        self.transferLimit = transferLimit
    }

    /// Queries sent so far, retries included.
    package var queryCount: Int { asked.load(ordering: .relaxed) }

    /// Closes the sockets.
    package func close() async { await sockets.close() }

    /// One question to one server; signed, with the answer's signature verified, where there is a `key`.
    package func query(
        _ question: Message.Question, at server: ServerAddress, recursionDesired: Bool = false, key: TSIGKey? = nil
    ) async throws(DNSClientError) -> Message {
        let line = lines.withLock { lines in
            if let line = lines[server] { return line }
            let line = ServerLine(inFlight: inFlight)
            lines[server] = line
            return line
        }
        await line.enter()
        defer { line.leave() }
        let request = QueryRequest(question: question, recursionDesired: recursionDesired, key: key, now: clock())
        let answer = try await udp(request, at: server, line)
        guard answer.flags.isTruncated else { return answer }
        do throws(DNSClientError) { return try await tcp(request, at: server) } catch {
            switch error {
            // Whoever reads this looks at the wrong port otherwise: the server is well, and something stops TCP.
            case .unreachable, .timedOut, .closed: throw .truncated("\(error)")
            case .malformed, .signature, .refused, .truncated, .brokenTransfer: throw error
            }
        }
    }

    private func randomID() -> UInt16 { UInt16(truncatingIfNeeded: random()) }

    private func udp(
        _ request: QueryRequest, at server: ServerAddress, _ line: ServerLine
    ) async throws(DNSClientError) -> Message {
        let mark = line.mark
        var waits = line.tries(of: tries)[...]
        // Tries that ended with the socket, by nobody's fault here, are made again; not for ever.
        var lost = 0
        while let wait = waits.first, lost < 10 {
            do {
                // One draw gives both: which socket, so which port, and the first id.
                let draw = random()
                var ids = [UInt16(truncatingIfNeeded: draw >> 32)]
                let isApart = line.isApart
                let socket = try await sockets.socket(for: server, random: draw, isApart: isApart)
                asked.add(1, ordering: .relaxed)
                let outcome = try await socket.exchange.ask(
                    request, of: try server.socketAddress(), over: socket.channel, within: wait,
                    ids: { ids.popLast() ?? randomID() })
                switch outcome {
                case .answered(let answer):
                    line.heard()
                    return answer
                case .silent: waits.removeFirst()
                case .lost: lost += 1
                case .unsent(let words):
                    // On a shared socket it may be the error of a query beside it.
                    if isApart { throw DNSClientError.unreachable(words) }
                    line.couldNotSend()
                    lost += 1
                }
            } catch let error as DNSClientError {
                throw error
            } catch let error as WireError {
                throw .malformed(error)
            } catch let error as TSIGError {
                throw .signature(error)
            } catch {
                throw .unreachable("\(error)")
            }
        }
        if lost == 10 { throw .unreachable("its sockets were closed again and again") }
        line.fellSilent(since: mark)
        throw .timedOut
    }

    private func tcp(_ request: QueryRequest, at server: ServerAddress) async throws(DNSClientError) -> Message {
        let id = randomID()
        return try await guarded { [group, tcpDeadline] in
            let sent = try request.encoded(id: id)
            return try await TCPExchange(server: server, group: group).exchange([sent.octets], deadline: tcpDeadline) {
                next in
                while let octets = try await next() {
                    if let answer = request.answer(octets, to: sent) { return answer }
                }
                throw DNSClientError.closed
            }
        }
    }

    /// Sends a signed (or, without a key, bare) update over TCP and returns its code. The answer's signature is verified.
    package func update(
        _ update: UpdateMessage, at server: ServerAddress, key: TSIGKey?
    ) async throws(DNSClientError) -> ResponseCode {
        let message = update.message(id: randomID())
        let now = clock()
        return try await guarded { [group, tcpDeadline] in
            let bare = try message.encoded()
            let signed = try key.map { try TSIG.sign(bare, key: $0, time: now) }
            return try await TCPExchange(server: server, group: group).exchange(
                [signed?.octets ?? bare], deadline: tcpDeadline
            ) {
                next in
                while var octets = try await next() {
                    let code = ResponseCode(rawValue: UInt16(octets.count > 3 ? octets[3] & 15 : 2))
                    if let key, let signed {
                        var verifier = TSIGVerifier(key: key, requestMAC: signed.mac, now: now)
                        do { octets = try verifier.next(octets) } catch TSIGError.unsigned where code != .noError {
                            // Unsigned refusals prove nothing, but they are all that some servers give for a wrong key.
                            return code
                        }
                    }
                    let answer = try Message(decoding: octets)
                    if answer.id == message.id, answer.flags.isResponse { return answer.flags.rcode }
                }
                throw DNSClientError.closed
            }
        }
    }

    /// All records of a zone (RFC 5936), from its SOA to its SOA.
    package func transfer(
        _ zone: DomainName, at server: ServerAddress, key: TSIGKey?
    ) async throws(DNSClientError) -> [ResourceRecord] {
        let request = Message(id: randomID(), questions: [Message.Question(zone, .axfr)])
        let now = clock()
        return try await guarded { [group, transferLimit] in
            let bare = try request.encoded()
            let signed = try key.map { try TSIG.sign(bare, key: $0, time: now) }
            return try await TCPExchange(server: server, group: group).exchange(
                [signed?.octets ?? bare], deadline: .seconds(60)
            ) {
                next in
                var reading = TransferReading(
                    key: key, requestMAC: signed?.mac, now: now, id: request.id, limit: transferLimit)
                while let octets = try await next() {
                    if try reading.take(octets) { return try reading.finish() }
                }
                throw DNSClientError.brokenTransfer("the connection ended before the closing SOA")
            }
        }
    }

    /// Turns whatever NIO throws into our closed errors.
    private func guarded<Value: Sendable>(
        _ body: @Sendable () async throws -> Value
    ) async throws(DNSClientError) -> Value {
        do { return try await body() } catch let error as DNSClientError {
            throw error
        } catch let error as WireError {
            throw .malformed(error)
        } catch let error as TSIGError {
            throw .signature(error)
        } catch let error as ChannelError where error == .connectTimeout(tcpDeadline) {
            throw .timedOut
        } catch {
            throw .unreachable("\(error)")
        }
    }
}
