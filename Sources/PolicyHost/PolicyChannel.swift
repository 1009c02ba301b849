import DNS
import NIOCore
import NIOHTTP1
import NIOTLS
import Planning
import Ports

/// How an accepted connection is set up: name, then TLS, then HTTP/1.1.
///
/// The certificate is chosen before TLS begins rather than in its callback: so the connection knows the name that it
/// was certified for, and a context is built once for a name, not once for a handshake.
struct PolicyChannel: Sendable {
    let certificates: CertificateSelection
    let policies: PolicySelection
    /// Names that are let in besides policy hosts.
    let ownNames: Set<DomainName>
    /// What is answered at those names.
    let routes: (any WebRoutes)?
    let limits: PolicyServer.Limits
    let now: @Sendable () -> Instant
    private let date = DateLine()
    private let room: RequestRoom

    init(
        certificates: CertificateSelection, policies: PolicySelection, ownNames: Set<DomainName>,
        routes: (any WebRoutes)?, limits: PolicyServer.Limits, now: @escaping @Sendable () -> Instant
    ) {
        self.certificates = certificates
        self.policies = policies
        self.ownNames = ownNames
        self.routes = routes
        self.limits = limits
        room = RequestRoom(octets: limits.requestOctets)
        self.now = now
    }

    @Sendable func setup(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let deadline = ConnectionDeadline(channel: channel)
            let gate = HandshakeGate(
                certificates: certificates, ownNames: ownNames, limits: limits, deadline: deadline
            ) { name, zone in
                let operations = channel.pipeline.syncOperations
                // Outbound header fields are constants of ours, numbers and a date: there is nothing to validate.
                try operations.configureHTTPServerPipeline(
                    withErrorHandling: false, withOutboundHeaderValidation: false, withEncoderConfiguration: .init(),
                    withDecoderLimitConfiguration: decoderLimits)
                if zone == nil, let routes {
                    return try operations.addHandler(
                        RoutesExchange(
                            name: name, routes: routes, room: room, limits: limits, deadline: deadline,
                            date: { date.text(now()) }))
                }
                try operations.addHandler(
                    PolicyExchange(
                        name: name, zone: zone, policies: policies, limits: limits, deadline: deadline,
                        date: { date.text(now()) }))
            }
            let names = SNIHandler { result in gate.decide(result, on: channel) }
            try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(names))
            try channel.pipeline.syncOperations.addHandler(gate)
        }
    }

    /// Twice what is allowed, and a little: what lies between is read whole and gets the status that fits.
    private var decoderLimits: NIOHTTPDecoderLimitConfiguration {
        var decoder = NIOHTTPDecoderLimitConfiguration()
        decoder.maxHeaderFieldSize = 2 * max(limits.targetOctets, limits.headerOctets)
        decoder.maxHeaderListSize = 2 * (limits.targetOctets + limits.headerOctets)
        decoder.maxHeaderFieldCount = 2 * limits.headerFields
        return decoder
    }
}
