import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
import NIOPosix
import NIOSSL
package import Ports
import ServiceLifecycle

/// Serves MTA-STS policies over HTTPS to senders (RFC 8461 §3.2, §3.3).
///
/// Certificate by SNI, policy by Host, both from the store at each request through small caches: what an apply stores is served
/// within ``Limits/freshness`` without a restart.
package struct PolicyServer: Service {
    private let address: String
    private let port: Int
    private let certificates: CertificateSelection
    private let responder: PolicyResponder
    private let limits: Limits
    private let logger: Logger
    private let onRunning: @Sendable (Int) async -> Void

    /// What a stranger may cost.
    package struct Limits: Sendable {
        /// A connection without traffic is closed after so many seconds.
        package var idle = 20
        /// Octets of one header field, and of all.
        package var headerOctets = 8_192
        /// Header fields of one request.
        package var headerFields = 64
        /// Connections at once; further ones wait in the kernel's queue.
        package var connections = 20_000
        /// Names whose certificate or policy is kept in memory.
        package var cachedNames = 10_000
        /// Seconds for which a certificate or policy is served from memory before the store is asked again.
        package var freshness = 2

        /// The usual limits.
        package init() {}
    }

    /// A server for `address:port`; port 0 takes a free one, which `onRunning` tells.
    package init(
        address: String, port: Int, policies: any PolicyReader, keys: any KeyStore, limits: Limits = Limits(), logger: Logger,
        onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.address = address
        self.port = port
        self.limits = limits
        self.logger = logger
        self.onRunning = onRunning
        certificates = CertificateSelection(keys: keys, limits: limits, logger: logger)
        responder = PolicyResponder(policies: policies, limits: limits, logger: logger)
    }

    package func run() async throws {
        // A server's configuration demands a default certificate, and there is none: every handshake gets its own by SNI or
        // ends. A client's has no certificate; without verification it asks the peer for none either.
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .none
        tls.minimumTLSVersion = .tlsv12
        tls.applicationProtocols = ["http/1.1"]
        let certificates = certificates
        tls.sslContextCallback = { values, promise in
            promise.completeWithTask { try await certificates.configuration(for: values.serverHostname) }
        }
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: limits.headerOctets, maxHeaderListSize: limits.headerOctets * 2,
            maxHeaderFieldCount: limits.headerFields)
        let http = HTTP1Channel.Configuration(idleTimeout: .seconds(Int64(limits.idle)), httpDecoderConfiguration: decoder)
        let onRunning = onRunning
        var quiet = logger
        quiet.logLevel = .warning
        let application = Application(
            responder: responder, server: try .tls(.http1(configuration: http), tlsConfiguration: tls),
            configuration: ApplicationConfiguration(
                address: .hostname(address, port: port), serverName: nil, backlog: 1_024,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections)),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? 0) },
            logger: quiet)
        try await application.run()
    }
}
