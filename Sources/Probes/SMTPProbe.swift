package import DNS
import Foundation
package import NIOCore
import NIOPosix
import NIOSSL
package import Planning
package import Ports

/// Asks mail hosts for their certificates over SMTP, as a conforming sender would before it delivers (RFC 8461 §4.2).
///
/// How many are asked at once is the caller's choice; each address takes one connection.
package struct SMTPProbe: MailHostProbe {
    private let group: any EventLoopGroup
    private let context: NIOSSLContext
    private let judge: ChainJudge
    private let port: Int
    private let deadline: TimeAmount
    private let patience: TimeAmount

    /// No mail host needs more; a record set that has more is somebody's mistake or somebody's trap.
    private static let mostAddresses = 16

    /// A probe. A connection has `patience` to come about, and `deadline` to tell. `now` is the time by which certificates are judged.
    package init(
        group: any EventLoopGroup, trust: TrustRoots, port: Int = 25, deadline: TimeAmount = .seconds(15),
        patience: TimeAmount = .seconds(5), now: @escaping @Sendable () -> Instant
    ) throws(Failure) {
        context = try JudgedTLS.context()
        self.group = group
        self.port = port
        self.deadline = deadline
        self.patience = patience
        judge = ChainJudge(roots: trust, now: now)
    }

    package func check(_ host: DomainName, at addresses: [IPAddress]) async -> MailHostVerdict {
        let name = host.lowercased.description
        let asked = addresses.prefix(Self.mostAddresses)
        let verdicts = await withTaskGroup(of: (Int, MailHostVerdict).self) { group in
            for (index, address) in asked.enumerated() {
                group.addTask { (index, await check(name, at: address, isOneOfMany: asked.count > 1)) }
            }
            var verdicts: [(Int, MailHostVerdict)] = []
            for await verdict in group { verdicts.append(verdict) }
            return verdicts.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return .together(verdicts)
    }

    private func check(_ name: String, at address: IPAddress, isOneOfMany: Bool) async -> MailHostVerdict {
        let record = SMTPRecord()
        let place = address.description.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        do {
            let channel = try await connect(name, to: address, record: record)
            let silence = Unknown("\(place) said nothing of use within \(deadline.nanoseconds / 1_000_000_000) s")
            let alarm = channel.eventLoop.scheduleTask(in: deadline) {
                record.end(.unknown(silence))
                channel.close(promise: nil)
            }
            await withTaskCancellationHandler {
                try? await channel.closeFuture.get()
            } onCancel: {
                record.end(.unknown(Unknown("the look was given up before it ended")))
                channel.close(promise: nil)
            }
            alarm.cancel()
        } catch {
            record.end(.unknown(unreachable(error, place)))
        }
        let verdict = record.verdict ?? .unknown(Unknown("\(place) gave no answer"))
        return isOneOfMany ? verdict.at(place) : verdict
    }

    private func connect(
        _ name: String, to address: IPAddress, record: SMTPRecord
    ) async throws -> any Channel {
        let judge = judge
        let context = context
        return try await ClientBootstrap(group: group).connectTimeout(patience)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = SMTPHandler(record: record) {
                        try NIOSSLClientHandler(
                            context: context, serverHostname: name,
                            customVerificationCallback: { chain, promise in
                                promise.completeWithTask {
                                    guard let refusal = await judge.judge(chain, host: name).0 else {
                                        return .certificateVerified
                                    }
                                    record.refuse(refusal)
                                    return .failed
                                }
                            })
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .connect(to: try SocketAddress(ipAddress: address.description, port: port)).get()
    }

    /// No connection says nothing of the host: it may be the network from here that keeps port 25 shut.
    private func unreachable(_ error: any Error, _ place: String) -> Unknown {
        if case .connectTimeout? = error as? ChannelError {
            return Unknown("\(place) is not reached from here within \(patience.nanoseconds / 1_000_000_000) s")
        }
        switch (error as? IOError)?.errnoCode {
        case ECONNREFUSED: return Unknown("\(place) takes no connection from here")
        case ETIMEDOUT, ENETUNREACH, EHOSTUNREACH, EAFNOSUPPORT, EADDRNOTAVAIL, EACCES, EPERM:
            return Unknown("there is no way to \(place) from here", passing: false)
        default: return Unknown("the connection to \(place) failed: \(Printable.line("\(error)"))")
        }
    }
}

extension MailHostVerdict {
    /// The same, with the address that it is about.
    fileprivate func at(_ place: String) -> MailHostVerdict {
        switch self {
        case .failing(let fault, let words): .failing(fault, "\(words) (at \(place))")
        case .refused(let words): .refused("\(words) (at \(place))")
        case .valid, .unknown: self
        }
    }
}
