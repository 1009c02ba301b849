import DNS
import Doubles
import Foundation
import MTASTS
import Planning
import Ports
import Reconciler
import TLSRPT

/// A small world in memory, and an applier over it.
struct World {
    let faults = FaultPlan()
    let dns: MemoryDNS
    let host: MemoryHost
    let ledger: MemoryLedger

    init() {
        dns = MemoryDNS(faults: faults)
        host = MemoryHost(faults: faults)
        ledger = MemoryLedger(now: Instant(seconds: 1_800_000_000), faults: faults)
    }

    static func name(_ text: String) -> DomainName { (try? DomainName(text)) ?? .root }

    static func key(_ name: String, _ type: RecordType) -> RecordKey { RecordKey(name: Self.name(name), type: type) }

    /// MX records of a zone, each with an address.
    func mail(_ zone: String, _ hosts: [String]) {
        let data = hosts.enumerated().map {
            RecordData.mx(MX(preference: UInt16($0.offset), exchange: Self.name($0.element)))
        }
        if let set = RecordSet(key: Self.key(zone, .mx), ttl: 300, data: data) {
            dns.edit(set)
        } else {
            dns.remove(Self.key(zone, .mx))
        }
        for host in hosts {
            guard let address = IPv4Address("192.0.2.25"),
                let set = RecordSet(key: Self.key(host, .a), ttl: 300, data: [.a(address)])
            else { continue }
            dns.edit(set)
        }
    }

    func text(_ name: String, _ text: String) {
        if let set = RecordSet(key: Self.key(name, .txt), ttl: 60, data: [.txt(TextData(text))]) { dns.edit(set) }
    }

    /// A wish for a policy.
    static func wish(
        _ zone: String, mode: Mode = .testing, mx: MXDesire = .derived(also: []), maxAge: Int = 604_800,
        generation: Int = 1,
        reports: Bool = true, adopt: Bool = false
    ) -> ZoneWish {
        let desire = MaxAge(seconds: maxAge).map {
            MTASTSDesire(mode: mode, mx: mx, maxAge: $0, generation: generation)
        }
        let rua = (try? ReportURI("mailto:reports@example.net")).map { [$0] } ?? []
        let desired = DesiredZone(
            zone: name(zone), providers: ["primary"], mtaSTS: desire, tlsRPT: reports ? TLSRPTDesire(rua: rua) : nil,
            host: .addresses([IPAddress("192.0.2.80")].compactMap { $0 }), adopt: adopt)
        return ZoneWish(
            zone: name(zone), wish: .desired(desired),
            digest: "\(mode) \(mx) \(maxAge) \(generation) \(reports) \(adopt)")
    }

    private var readers: ZoneReaders {
        ZoneReaders(
            dns: dns, resolver: dns, forgetfulResolver: dns, probe: host, probesFixedPlace: false, policies: host,
            certificates: host)
    }

    var planner: FleetPlanner { FleetPlanner(ledger: ledger) { _, _ in readers } }

    /// The zone's plan from a fresh look.
    func plan(_ wish: ZoneWish) async throws -> ZonePlan {
        try await planner.look(at: wish, now: try await ledger.now()).planned.plan
    }

    /// Applies without waiting between tries.
    @discardableResult
    func apply(
        _ wishes: ZoneWish..., reviewed: [DomainName: ZonePlan]? = nil,
        stop: @escaping @Sendable () -> Bool = { false },
        who: String = "test"
    ) async -> [ZoneOutcome] {
        let writers = ZoneWriters(dns: dns, policies: host, keys: host, issuer: host)
        let run = ApplyRun(
            owner: LeaseOwner(who: who, runner: "here", command: "apply"), commit: "c0ffee",
            retry: RetryDecision(tries: 2),
            sleep: { _ in }, jitter: { 0 }, isStopping: stop, tell: { _ in })
        let applier = Applier(store: ledger, planner: planner, run: run) { _, _ async throws(Failure) in
            (readers, writers)
        }
        return await FleetApplier(applier).apply(wishes, reviewed: reviewed)
    }
}
