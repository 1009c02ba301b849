import Foundation
package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
package import Planning
package import Ports
import ServiceLifecycle

/// Answers http-01 challenges on port 80 (RFC 8555 §8.3) from the store, whichever process put them there, and nothing else.
package struct ChallengeServer: Service {
    private let address: String
    private let port: Int
    private let channel: ChallengeChannel
    private let logger: Logger
    private let onRunning: @Sendable (Int) async -> Void

    /// Connections at once: CAs look from a handful of places, and more is nobody we wait for.
    private static let connections = 1_000

    /// A listener at `address:port`; port 0 takes a free one, which `onRunning` tells. `now` dates the answers.
    package init(
        address: String, port: Int, tokens: any ChallengeTokens, limits: PolicyServer.Limits = PolicyServer.Limits(),
        logger: Logger, now: @escaping @Sendable () -> Instant = { Instant(Date()) },
        onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.address = address
        self.port = port
        self.logger = logger
        self.onRunning = onRunning
        channel = ChallengeChannel(
            answers: ChallengeAnswers(tokens: tokens, logger: logger), limits: limits, now: now)
    }

    /// Answers until told to stop; then takes no more connections and finishes answers under way.
    /// Throws a ``Failure`` that says what to do where it can't listen.
    package func run() async throws {
        let listener = Listener(
            address: address, port: port, connections: Self.connections, logger: logger, setup: channel.setup)
        do { try await listener.run(onRunning: onRunning) } catch {
            throw Failure.listening(
                "the listener for http-01", at: address, port: port, number: (error as? IOError)?.errnoCode,
                words: "\(error)")
        }
    }
}

/// How an accepted connection is set up: HTTP/1.1 under the limits of the policy host, each phase with its deadline.
private struct ChallengeChannel: Sendable {
    let answers: ChallengeAnswers
    let limits: PolicyServer.Limits
    let now: @Sendable () -> Instant

    @Sendable func setup(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            var decoder = NIOHTTPDecoderLimitConfiguration()
            decoder.maxHeaderFieldSize = limits.headerOctets
            decoder.maxHeaderListSize = limits.headerOctets
            decoder.maxHeaderFieldCount = limits.headerFields
            let operations = channel.pipeline.syncOperations
            try operations.configureHTTPServerPipeline(
                withErrorHandling: false, withEncoderConfiguration: .init(), withDecoderLimitConfiguration: decoder)
            try operations.addHandler(
                ChallengeExchange(
                    answers: answers, limits: limits, deadline: ConnectionDeadline(channel: channel), now: now))
        }
    }
}
