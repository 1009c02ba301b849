import NIOCore
import NIOSSL
import NIOTLS
import Planning
import Synchronization

/// What one connection to a mail host came to; the first word counts.
final class SMTPRecord: Sendable {
    private let found = Mutex<MailHostVerdict?>(nil)
    private let refusal = Mutex<ChainJudge.Refusal?>(nil)

    /// The verdict, where there is one.
    var verdict: MailHostVerdict? { found.withLock { $0 } }
    /// Why the certificate was not accepted.
    var refused: ChainJudge.Refusal? { refusal.withLock { $0 } }

    func end(_ verdict: MailHostVerdict) { found.withLock { $0 = $0 ?? verdict } }

    func refuse(_ reason: ChainJudge.Refusal) { refusal.withLock { $0 = reason } }
}

/// Plays the client's part on one connection, begins TLS, and closes as soon as the verdict is there.
final class SMTPHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let record: SMTPRecord
    private let tls: () throws -> NIOSSLClientHandler
    private var dialogue = SMTPDialogue(name: "[127.0.0.1]")
    private var isUpgraded = false

    /// `tls` makes the handler that shakes hands and judges the chain.
    init(record: SMTPRecord, tls: @escaping () throws -> NIOSSLClientHandler) {
        self.record = record
        self.tls = tls
    }

    func channelActive(context: ChannelHandlerContext) {
        // A client without a name that leads back to it names its address (RFC 5321 §4.1.4).
        if let address = context.localAddress?.ipAddress {
            dialogue = SMTPDialogue(name: address.contains(":") ? "[IPv6:\(address)]" : "[\(address)]")
        }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isUpgraded, record.verdict == nil else { return }
        switch dialogue.take(unwrapInboundIn(data).readableBytesView) {
        case .wait: break
        case .send(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        case .end(let verdict): end(verdict, context)
        case .upgrade:
            isUpgraded = true
            do { try context.pipeline.syncOperations.addHandler(try tls(), position: .first) } catch {
                end(.unknown(Unknown("TLS can't be begun here: \(error)")), context)
            }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Only now has the mail host shown that the certificate's key is its own.
        if case .handshakeCompleted? = event as? TLSUserEvent { end(.valid, context) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(isUpgraded ? handshake(error) : dialogue.closed, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        record.end(isUpgraded ? handshake(nil) : dialogue.closed)
        context.fireChannelInactive()
    }

    private func handshake(_ error: (any Error)?) -> MailHostVerdict {
        if let refusal = record.refused { return .failing(refusal.fault, refusal.words) }
        guard let reason = error.flatMap(FetchFailure.reason) else {
            return .failing(.handshake, "it closed the connection during the TLS handshake")
        }
        return .failing(.handshake, "the TLS handshake failed (\(reason))")
    }

    private func end(_ verdict: MailHostVerdict, _ context: ChannelHandlerContext) {
        guard record.verdict == nil else { return }
        record.end(verdict)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "QUIT\r\n")), promise: nil)
        context.close(promise: nil)
    }
}
