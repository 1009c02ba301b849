package import DNS
import MTASTS
package import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
package import Planning
package import Ports

/// Fetches a policy as a conforming sender does (RFC 8461 §3.3): one GET, no redirect, 64 KiB, certificate checked by PKIX.
package struct PolicyProbe: Probe {
    private let group: any EventLoopGroup
    private let context: NIOSSLContext
    private let judge: ChainJudge
    private let connect: (host: String, port: Int)?
    private let port: Int
    private let deadline: TimeAmount

    /// A probe. `connect` overrides address and port where the observer reaches the host otherwise; SNI and Host stay.
    package init(
        group: any EventLoopGroup, trust: TrustRoots, port: Int = 443, connect: (host: String, port: Int)? = nil,
        deadline: TimeAmount = .seconds(20)
    ) throws(Failure) {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        // Our own judge decides, so that the peer's certificate is known also where it is refused.
        tls.certificateVerification = .noHostnameVerification
        do { context = try NIOSSLContext(configuration: tls) } catch {
            throw Failure(.configuration, "the TLS library can't be set up: \(error)")
        }
        self.group = group
        self.port = port
        self.connect = connect
        self.deadline = deadline
        judge = ChainJudge(roots: trust)
    }

    package func policy(of zone: DomainName, at address: IPAddress?) async -> PolicyLook {
        let host = WellKnown.hostName(zone).description
        guard let target = connect ?? address.map({ ($0.description, port) }) else {
            return PolicyLook(address: host, answer: .unknown("no address to ask"))
        }
        let shown = target.0.contains(":") ? "[\(target.0)]:\(target.1)" : "\(target.0):\(target.1)"
        let record = HandshakeRecord()
        let answer: PolicyLook.Answer
        do {
            let response = try await fetch(host: host, target: target, record: record)
            answer = ResponseJudge.judge(response)
        } catch {
            answer = FetchFailure.answer(error, verdict: record.verdict, address: shown)
        }
        return PolicyLook(address: shown, answer: answer, certificate: record.facts)
    }

    private func fetch(host: String, target: (String, Int), record: HandshakeRecord) async throws -> FetchedResponse {
        let judge = judge
        let context = context
        let channel = try await ClientBootstrap(group: group)
            .connectTimeout(deadline)
            .connect(host: target.0, port: target.1) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let tls = try NIOSSLClientHandler(
                        context: context, serverHostname: host,
                        customVerificationCallback: { chain, promise in
                            promise.completeWithTask { await judge.judge(chain, host: host, record: record) }
                        })
                    try channel.pipeline.syncOperations.addHandler(tls)
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(ResponseLimit())
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let alarm = channel.channel.eventLoop.scheduleTask(in: deadline) {
            record.ranOut()
            channel.channel.close(promise: nil)
        }
        defer { alarm.cancel() }
        return try await channel.executeThenClose { inbound, outbound in
            let head = HTTPRequestHead(
                version: .http1_1, method: .GET, uri: WellKnown.path,
                headers: ["Host": host, "User-Agent": "certadns", "Accept": "text/plain", "Connection": "close"])
            try await outbound.write(.head(head))
            try await outbound.write(.end(nil))
            return try await FetchedResponse.read(inbound)
        }
    }
}
