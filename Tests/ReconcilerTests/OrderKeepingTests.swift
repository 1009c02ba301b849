import Doubles
import Findings
import Planning
import Ports
import Reconciler
import Synchronization
import Testing

/// An order that the CA has placed is not lost because the store gave no answer just then.
@Suite struct OrderKeepingTests {
    /// Places an order, or goes on with the one that is open.
    private final class Ordering: CertificateIssuer {
        let name = "local"
        private let world: World
        private let placing: @Sendable () -> Void
        private let count = Mutex(0)

        /// `placing` is called when the CA has placed an order, before that is written down.
        init(_ world: World, placing: @escaping @Sendable () -> Void) {
            self.world = world
            self.placing = placing
        }

        var placed: Int { count.withLock { $0 } }

        func issue(
            _ request: CertificateRequest, at desk: IssuanceDesk
        ) async throws(Failure) -> CertificateMaterial {
            if try await desk.journal.openOrder() == nil {
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                placing()
                let order = OpenOrder(url: "\(number)", issuer: name, names: request.names, since: request.now)
                try await desk.journal.began(order, key: Redacted("key"))
            }
            return try await world.host.issue(request, at: desk)
        }
    }

    private func world(failing times: Int, isRetryable: Bool) -> (World, Ordering) {
        var world = World()
        world.mail("example.com", ["mx.example.com"])
        let faults = world.faults
        let issuer = Ordering(world) {
            faults.fail("record", .before, kind: .busy, isRetryable: isRetryable, times: times)
        }
        world.issuer = issuer
        return (world, issuer)
    }

    @Test func `a store that is away for a while costs no second order`() async throws {
        let (world, issuer) = world(failing: 2, isRetryable: true)
        #expect(await world.apply(World.wish("example.com")).map(\.kind) == [.applied])
        #expect(issuer.placed == 1)
    }

    @Test func `what will not pass is not tried again`() async throws {
        let (world, issuer) = world(failing: 1, isRetryable: false)
        #expect(await world.apply(World.wish("example.com")).map(\.kind) == [.failed])
        #expect(issuer.placed == 1)
        let order = try await world.ledger.ledger(of: World.name("example.com")).issuance.order
        #expect(order == nil)
    }
}
