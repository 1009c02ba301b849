import DNS
import Manifests
import Planning
import Ports
import Reconciler
import RemoteState
import Storage

/// What plans and applies zones over an open store.
struct Applying: Sendable {
    let planner: FleetPlanner
    let applier: Applier

    /// What a zone's provider has to be able to do.
    enum Purpose: Sendable {
        /// All that a plan may hold; what an earlier write still owes is made up for.
        case changes
        /// Certificates alone: by http-01 they write nothing to DNS, and need no secret there.
        case renewals
    }

    /// By the wiring that is `current` whenever a zone has its turn. `budget` is what plans know of the issuer's account.
    init(
        _ store: any StateStore, for purpose: Purpose, run: ApplyRun, budget: BudgetReading?,
        by current: @escaping @Sendable () -> Wiring
    ) {
        let planner = FleetPlanner(
            ledger: store, budget: budget, limits: current().limits, source: current().source
        ) { wish, ledger in
            let wiring = current()
            let dns = wiring.dnsReader(wish, ledger, settles: purpose == .changes)
            return wiring.readers(store, dns: dns, of: wish.desired(or: ledger), settles: true)
        }
        self.planner = planner
        applier = Applier(store: store, planner: planner, run: run) { wish, ledger async throws(Failure) in
            let wiring = current()
            let dns =
                switch purpose {
                case .changes: try wiring.dnsWriter(wish, ledger)
                case .renewals: wiring.renewalDNS(wish, ledger)
                }
            let zone = wish.desired(or: ledger)
            let readers = wiring.readers(store, dns: dns, of: zone, settles: true)
            return (readers, try wiring.writers(store, dns: dns, of: zone))
        }
    }
}

extension Applying {
    /// Over a remote store: certificates are issued beside it.
    init(_ store: RemoteStore, run: ApplyRun, budget: BudgetReading?, by wiring: Wiring) {
        let planner = FleetPlanner(
            ledger: store, budget: budget, limits: wiring.limits, source: wiring.source
        ) { wish, ledger in
            wiring.readers(
                store, dns: wiring.dnsReader(wish, ledger, settles: true), of: wish.desired(or: ledger), settles: true)
        }
        self.planner = planner
        applier = Applier(store: store, planner: planner, run: run) { wish, ledger async throws(Failure) in
            let dns = try wiring.dnsWriter(wish, ledger)
            let zone = wish.desired(or: ledger)
            return (
                wiring.readers(store, dns: dns, of: zone, settles: true),
                wiring.remoteWriters(store, dns: dns, of: zone)
            )
        }
    }
}

extension ApplyRun {
    /// Waits so many milliseconds.
    static let sleep: @Sendable (Int) async throws -> Void = { try await Task.sleep(for: .milliseconds($0)) }

    /// A run of this process.
    init(
        commit: String?, lockTimeout: Int = 0, isStopping: @escaping @Sendable () -> Bool,
        tell: @escaping @Sendable (ApplyEvent) -> Void
    ) {
        self.init(
            owner: .thisProcess(), commit: commit, lockTimeout: lockTimeout,
            sleep: Self.sleep,
            jitter: { Double.random(in: 0..<1) }, isStopping: isStopping, tell: tell)
    }
}
