package import DNS
import MTASTS
package import NIOCore
package import NIOHTTP1
import NIOPosix
import NIOSSL
package import Planning
package import Ports

/// Fetches a policy as a conforming sender does (RFC 8461 §3.3): one GET, no redirect, 64 KiB, PKIX.
///
/// How many looks are under way at once is the caller's choice; each takes one connection.
package struct PolicyProbe: Probe {
    private let group: any EventLoopGroup
    private let context: NIOSSLContext
    private let judge: ChainJudge
    private let connect: (host: String, port: Int)?
    private let port: Int
    private let deadline: TimeAmount

    /// A probe. `connect` overrides address and port where the observer reaches the host otherwise; SNI and Host stay.
    /// `deadline` is for the whole look, from connecting to the answer's last octet. `now` is the time by which certificates
    /// are judged.
    package init(
        group: any EventLoopGroup, trust: TrustRoots, port: Int = 443, connect: (host: String, port: Int)? = nil,
        deadline: TimeAmount = .seconds(20), now: @escaping @Sendable () -> Instant
    ) throws(Failure) {
        context = try JudgedTLS.context()
        self.group = group
        self.port = port
        self.connect = connect
        self.deadline = deadline
        judge = ChainJudge(roots: trust, now: now)
    }

    package func policy(of zone: DomainName, at address: IPAddress?) async -> PolicyLook {
        let host = WellKnown.hostName(zone).lowercased.description
        guard let target = connect ?? address.map({ ($0.description, port) }) else {
            return PolicyLook(address: host, answer: .unknown("no address to ask"))
        }
        let shown = target.0.contains(":") ? "[\(target.0)]:\(target.1)" : "\(target.0):\(target.1)"
        let record = FetchRecord()
        let answer: PolicyLook.Answer
        do {
            answer = try await fetch(host: host, target: target, record: record)
        } catch {
            answer = FetchFailure.answer(
                error, record: record, host: host, seconds: max(1, deadline.nanoseconds / 1_000_000_000))
        }
        return PolicyLook(address: shown, answer: answer, certificate: record.facts)
    }

    private func fetch(host: String, target: (String, Int), record: FetchRecord) async throws -> PolicyLook.Answer {
        let end = NIODeadline.now() + deadline
        let channel = try await open(host: host, target: target, record: record)
        let alarm = channel.channel.eventLoop.scheduleTask(deadline: end) {
            record.ranOut()
            channel.channel.close(promise: nil)
        }
        defer { alarm.cancel() }
        return try await Self.ask(channel, host: host)
    }

    /// A connection that speaks HTTP as a client.
    package typealias Exchange = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    /// Asks for the policy of `host`, takes the answer's measure, and closes the connection.
    ///
    /// The request is one write. Its head alone is a whole request to a server: where this program is kept from running
    /// before a second write, the server has answered and left by then, and that write's failure would hide the answer.
    package static func ask(_ channel: Exchange, host: String) async throws -> PolicyLook.Answer {
        try await channel.executeThenClose { inbound, outbound in
            let head = HTTPRequestHead(
                version: .http1_1, method: .GET, uri: WellKnown.path,
                headers: ["Host": host, "User-Agent": "certadns", "Accept": "text/plain", "Connection": "close"])
            try await outbound.write(contentsOf: [.head(head), .end(nil)])
            return ResponseJudge.judge(try await FetchedResponse.read(inbound))
        }
    }

    private func open(host: String, target: (String, Int), record: FetchRecord) async throws -> Exchange {
        let judge = judge
        let context = context
        let setUp: @Sendable (any Channel) -> EventLoopFuture<Exchange> = { channel in
            channel.eventLoop.makeCompletedFuture {
                let tls = try NIOSSLClientHandler(
                    context: context, serverHostname: host,
                    customVerificationCallback: { chain, promise in
                        promise.completeWithTask { await judge.judge(chain, host: host, record: record) }
                    })
                let decoder = HTTPResponseDecoder(
                    leftOverBytesStrategy: .dropBytes, limitConfiguration: Self.headerLimits)
                let operations = channel.pipeline.syncOperations
                try operations.addHandlers(tls, HTTPRequestEncoder(), ByteToMessageHandler(decoder))
                try operations.addHandler(FetchWitness(record: record))
                return try Exchange(wrappingChannelSynchronously: channel)
            }
        }
        let bootstrap = ClientBootstrap(group: group).connectTimeout(deadline)
        // An address as it is needs no resolver's thread.
        if let address = try? SocketAddress(ipAddress: target.0, port: target.1) {
            return try await bootstrap.connect(to: address, channelInitializer: setUp)
        }
        return try await bootstrap.connect(host: target.0, port: target.1, channelInitializer: setUp)
    }

    private static var headerLimits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = FetchedResponse.limit
        limits.maxHeaderListSize = FetchedResponse.limit
        limits.maxHeaderFieldCount = 200
        return limits
    }
}
