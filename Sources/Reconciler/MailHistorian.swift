package import DNS
package import Planning
package import Ports

/// Keeps the history of mail hosts while nobody applies: looks at each zone whose policy follows its MX records once in an interval, spread over
/// it, and writes down who came and who left.
///
/// A zone's lease is taken only where there is something to write, and no longer than writing takes; a zone that another run holds is left
/// to it, since an apply writes the same. What could not be read says nothing.
package struct MailHistorian: Sendable {
    private let store: any LedgerStore
    private let run: ApplyRun
    private let interval: Int
    private let concurrency: Int
    private let readers: @Sendable (ZoneWish, ZoneLedger) -> ZoneReaders
    private let failed: @Sendable (DomainName, Failure) -> Void

    /// A historian over `store` that takes `interval` seconds for all zones, `concurrency` of them at once at most; `failed` hears what could not
    /// be written.
    package init(
        store: any LedgerStore, run: ApplyRun, interval: Int = 3_600, concurrency: Int = 8,
        readers: @escaping @Sendable (ZoneWish, ZoneLedger) -> ZoneReaders,
        failed: @escaping @Sendable (DomainName, Failure) -> Void
    ) {
        self.store = store
        self.run = run
        self.interval = interval
        self.concurrency = max(1, concurrency)
        self.readers = readers
        self.failed = failed
    }

    /// One look at each zone, the one that was not looked at for longest first; ends when the interval does, or the run.
    package func pass() async throws(Failure) {
        let ledgers = try await store.ledgers().filter(\.followsMailHosts)
        let zones = ledgers.sorted { ($0.lastMailLook, $0.zone) < ($1.lastMailLook, $1.zone) }.map(\.zone)
        let gap = interval * 1_000 / max(1, zones.count)
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for zone in zones {
                if run.isStopping() { break }
                if running == concurrency {
                    await group.next()
                    running -= 1
                }
                running += 1
                group.addTask {
                    do throws(Failure) { try await look(at: zone) } catch { failed(zone, error) }
                }
                do { try await run.sleep(gap) } catch { break }
            }
            await group.waitForAll()
        }
        if zones.isEmpty { try? await run.sleep(gap) }
    }

    /// Looks without the lease, and decides under it what there is to write.
    private func look(at zone: DomainName) async throws(Failure) {
        let ledger = try await store.ledger(of: zone)
        guard ledger.followsMailHosts else { return }
        let wish = ZoneWish(zone: zone, wish: .renewal, digest: "")
        var needs = LookNeeds.none
        needs.mail = true
        // Every server is asked, whatever the policy lists: they alone tell a record's whole TTL.
        needs.listed = []
        let live = await Observer(readers(wish, ledger)).look(at: zone, needs: needs)
        // Where no server answers from here nobody vouches for a host; that takes no host's time away that another run sees.
        if live.mailServers?.isEmpty ?? false { return }
        guard !ledger.mailHostEvents(in: live, at: try await store.now()).isEmpty else { return }
        do throws(Failure) {
            try await store.withLease(of: zone, by: run.owner, for: run.leaseSeconds) { lease async throws(Failure) in
                let known = try await store.ledger(of: zone)
                for event in known.mailHostEvents(in: live, at: try await store.now()) {
                    let note = AuditNote(commit: nil, digest: nil, what: "mail hosts looked at")
                    try await store.record(event, under: lease, audit: note)
                }
            }
        } catch {
            guard error.kind == .busy else { throw error }
        }
    }
}

extension ZoneLedger {
    /// Whether a policy is out that follows the MX records.
    var followsMailHosts: Bool { hasPolicyOut && desired?.zone.mtaSTS?.mx.isDerived ?? false }
}

/// Never comes first.
private func < (a: (Instant?, DomainName), b: (Instant?, DomainName)) -> Bool {
    let (first, second) = (a.0?.seconds ?? .min, b.0?.seconds ?? .min)
    return first == second ? a.1 < b.1 : first < second
}
