import DNS
import MTASTS
import NIOCore
import NIOExtras
import NIOSSL
import NIOTLS

/// Lets a connection in by the name in its ClientHello, and shuts the door on all others (RFC 8461 §7.1).
///
/// Stands between TLS and HTTP as long as the connection lives: it knows when the handshake is over, and closes what
/// has not come that far when the server stops.
final class HandshakeGate: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let certificates: CertificateSelection
    private let ownNames: Set<DomainName>
    private let limits: PolicyServer.Limits
    private let deadline: ConnectionDeadline
    /// Adds what speaks HTTP with a peer that asked for this name, a policy domain's host or none.
    private let admit: (DomainName, DomainName?) throws -> Void
    private var isOpen = false

    init(
        certificates: CertificateSelection, ownNames: Set<DomainName>, limits: PolicyServer.Limits,
        deadline: ConnectionDeadline, admit: @escaping (DomainName, DomainName?) throws -> Void
    ) {
        self.certificates = certificates
        self.ownNames = ownNames
        self.limits = limits
        self.deadline = deadline
        self.admit = admit
    }

    func handlerAdded(context: ChannelHandlerContext) { deadline.arm(limits.handshake) }

    func channelInactive(context: ChannelHandlerContext) {
        deadline.disarm()
        context.fireChannelInactive()
    }

    /// Decides on the name, then puts TLS in front; a future that fails leaves the connection closed.
    func decide(_ result: SNIResult, on channel: any Channel) -> EventLoopFuture<Void> {
        guard case .hostname(let text) = result else { return refuse(.handshakeFailure, on: channel) }
        guard let name = try? DomainName(text) else { return refuse(.unrecognizedName, on: channel) }
        // Whatever else is asked for is refused without asking the store.
        let zone = WellKnown.zone(ofHost: name)
        guard zone != nil || ownNames.contains(name) else { return refuse(.unrecognizedName, on: channel) }
        if let context = certificates.known(name) {
            return channel.eventLoop.makeCompletedFuture { try self.open(context, name, zone, on: channel) }
        }
        // While the store is asked nothing more is read: the ClientHello is all that a peer may have us keep.
        try? channel.syncOptions?.setOption(.autoRead, value: false)
        let promise = channel.eventLoop.makePromise(of: NIOSSLContext?.self)
        let certificates = certificates
        promise.completeWithTask { try await certificates.context(for: name) }
        return promise.futureResult.assumeIsolated().flatMapResult { context -> Result<NIOSSLContext, any Error> in
            context.map { .success($0) } ?? .failure(Refused(alert: .unrecognizedName))
        }.flatMapThrowing { [self] context in
            guard channel.isActive else { throw ChannelError.alreadyClosed }
            try open(context, name, zone, on: channel)
            try channel.syncOptions?.setOption(.autoRead, value: true)
        }.flatMapError { [self] error in
            refuse((error as? Refused)?.alert ?? .internalError, on: channel).assumeIsolated()
        }.nonisolated()
    }

    private func open(
        _ context: NIOSSLContext, _ name: DomainName, _ zone: DomainName?, on channel: any Channel
    ) throws {
        let operations = channel.pipeline.syncOperations
        try operations.addHandler(NIOSSLServerHandler(context: context), position: .before(self))
        try admit(name, zone)
    }

    private struct Refused: Error { let alert: TLSAlert }

    private func refuse(_ alert: TLSAlert, on channel: any Channel) -> EventLoopFuture<Void> {
        guard channel.isActive else { return channel.eventLoop.makeFailedFuture(ChannelError.alreadyClosed) }
        let written = channel.eventLoop.makePromise(of: Void.self)
        channel.writeAndFlush(alert.record, promise: written)
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
        return channel.eventLoop.makeFailedFuture(Refused(alert: alert))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event {
            isOpen = true
            Acknowledgement.send(on: context.channel)
            deadline.arm(limits.request)
        }
        // Whoever leaves before the handshake is over waits for no answer.
        if !isOpen, event is ChannelShouldQuiesceEvent || event as? ChannelEvent == .inputClosed {
            context.close(promise: nil)
            return
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A stranger's broken handshake or torn connection is no event of ours.
        context.close(promise: nil)
    }
}
