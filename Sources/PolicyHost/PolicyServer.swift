package import DNS
import Foundation
package import Logging
import NIOCore
import NIOPosix
package import Planning
package import Ports
import ServiceLifecycle

/// Serves MTA-STS policies over HTTPS to senders (RFC 8461 §3.2, §3.3).
///
/// Certificate by SNI, policy by Host, both from the store through bounded caches: what another process stores is served within
/// ``Limits/freshness``, what this one stores at once.
package struct PolicyServer: Service {
    private let address: String
    private let port: Int
    private let channel: PolicyChannel
    private let limits: Limits
    private let logger: Logger
    private let onRunning: @Sendable (Int) async -> Void

    /// What a stranger may cost.
    package struct Limits: Sendable {
        /// From accepting a connection to the end of its TLS handshake.
        package var handshake: Duration = .seconds(10)
        /// From the end of the handshake, or of an answer, to the end of the next request.
        package var request: Duration = .seconds(20)
        /// From the end of a request until its answer has been taken.
        package var answer: Duration = .seconds(20)
        /// How long the other side may take to close after we did.
        package var farewell: Duration = .seconds(2)
        /// Octets of a request target (RFC 9112 §3 wants lines of 8000 to work).
        package var targetOctets = 8_000
        /// Octets of all header fields together.
        package var headerOctets = 16_384
        /// Header fields of one request.
        package var headerFields = 64
        /// Octets of a request's body, which is read and dropped.
        package var bodyOctets = 4_096
        /// Connections at once; further ones wait in the kernel's queue.
        package var connections = 20_000
        /// Octets that all requests at names of serve itself may take at once, with their answers; further ones wait.
        package var requestOctets = 256 * 1_048_576
        /// Names whose certificate or policy is kept in memory.
        package var cachedNames = 10_000
        /// Seconds for which certificates and policies are served from memory before the store is asked whether another process
        /// changed it; what this process stores is served at once.
        package var freshness = 2

        /// Octets that the process stays below, whatever strangers do: what it has without them, its names (a TLS context, a
        /// policy), its connections, each of them at its worst (a TLS record and a head of the greatest size half read), and what
        /// requests at its own names take.
        package var memory: Int {
            128 * 1_048_576 + cachedNames * 16_384 + connections * 98_304 + requestOctets
        }

        /// The usual limits.
        package init() {}
    }

    /// A server for `address:port`; port 0 takes a free one, which `onRunning` tells. `now` dates the answers. Besides policy hosts the
    /// `ownNames` are let in; they have no policy, but the `routes`.
    package init(
        address: String, port: Int, ownNames: Set<DomainName> = [], routes: (any WebRoutes)? = nil,
        policies: any PolicyReader,
        keys: any MaterialReader, changes: any ChangeReader,
        limits: Limits = Limits(), logger: Logger,
        now: @escaping @Sendable () -> Instant = { Instant(Date()) },
        onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.address = address
        self.port = port
        self.limits = limits
        self.logger = logger
        self.onRunning = onRunning
        let moments = StoreMoments(changes: changes, interval: .seconds(limits.freshness))
        channel = PolicyChannel(
            certificates: CertificateSelection(keys: keys, moments: moments, limits: limits, logger: logger),
            policies: PolicySelection(policies: policies, moments: moments, limits: limits, logger: logger),
            ownNames: ownNames, routes: routes, limits: limits, now: now)
    }

    /// Serves until told to stop; then takes no more connections, ends idle ones, finishes answers under way.
    /// Throws a ``Failure`` that says what to do where it can't listen.
    package func run() async throws {
        let listener = Listener(
            address: address, port: port, connections: limits.connections, logger: logger, setup: channel.setup)
        do { try await listener.run(onRunning: onRunning) } catch {
            throw Failure.listening(
                "the policy host", at: address, port: port, number: (error as? IOError)?.errnoCode, words: "\(error)")
        }
    }
}
