import DNS
import Doubles
import Findings
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
    /// What answers senders: the host, but where its store was lost.
    let probe: MemoryHost
    let ledger: MemoryLedger
    /// What senders' resolvers answer: the zone as it is, unless a test has them lag.
    var resolver: (any Resolver)?
    /// Who issues certificates, if not the host itself, and what its account may order.
    var issuer: (any CertificateIssuer)?
    var budget: BudgetRules?
    /// How control of a host's name is proven.
    var proving = ProvingPorts.none
    /// Whether the host is a web server of others, to which certificates are given.
    var delivers = false
    /// What reports say of the domain's mail.
    var evidence: KnownEvidence?
    /// What mail hosts show; `nil` where they are not asked.
    var mailProbe: (any MailHostProbe)? = KnownMailHosts()
    /// Whether nobody can be asked whether an id is gone.
    var assumesReplacement = false
    /// What authoritative servers say of mail hosts.
    var mailServers: (any MailHostWatcher)?

    init(now: Instant = Instant(seconds: 1_800_000_000)) {
        dns = MemoryDNS(faults: faults)
        host = MemoryHost(faults: faults)
        probe = host
        ledger = MemoryLedger(now: now, faults: faults)
    }

    private init(dns: MemoryDNS, seen: MemoryHost) {
        self.dns = dns
        host = MemoryHost(faults: faults)
        probe = seen
        ledger = MemoryLedger(now: Instant(seconds: 1_800_000_000), faults: faults)
    }

    /// A world in which `zone` has a mail host, and was applied.
    static func applied(_ zone: String) async -> World {
        let world = World()
        world.mail(zone, ["mx.\(zone)"])
        await world.apply(wish(zone))
        return world
    }

    /// The same DNS and the same servers, looked at by somebody whose ledger and policies are lost; certificates are there.
    func forgetting() -> World { World(dns: dns, seen: host) }

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

    func text(_ name: String, _ text: String) { texts(name, [text]) }

    func texts(_ name: String, _ texts: [String]) {
        let data = texts.map { RecordData.txt(TextData($0)) }
        if let set = RecordSet(key: Self.key(name, .txt), ttl: 60, data: data) { dns.edit(set) }
    }

    func alias(_ name: String, to target: String) {
        if let set = RecordSet(key: Self.key(name, .cname), ttl: 60, data: [.cname(Self.name(target))]) {
            dns.edit(set)
        }
    }

    func address(_ name: String, _ address: IPAddress) {
        guard case .v4(let v4) = address, let set = RecordSet(key: Self.key(name, .a), ttl: 60, data: [.a(v4)]) else {
            return
        }
        dns.edit(set)
    }

    static func address(_ text: String) -> IPAddress {
        guard let address = IPAddress(text) else { preconditionFailure("'\(text)' is no address") }
        return address
    }

    /// Calls that change the world, in order.
    var writes: [String] { faults.calls.filter { $0 != "record" } }

    /// Lets the next call of this name fail in every try of one apply.
    func fail(_ name: String, _ moment: FaultPlan.Moment) { faults.fail(name, moment) }

    /// Lets the call that follows the next one of this name fail before its effect.
    func fail(after name: String, isRetryable: Bool) { faults.fail(after: name, isRetryable: isRetryable) }

    /// A wish for a policy.
    static func wish(
        _ zone: String, mode: Mode = .testing, mx: MXDesire = .derived(also: []), maxAge: Int = 604_800,
        generation: Int = 1, policy: Bool = true, reports: Bool = true, rua: String = "mailto:reports@example.net",
        host: HostTarget = .addresses([address("192.0.2.80")]), ttl: TTLs = TTLs(), receivesMail: Bool = true,
        adopt: Bool = false, protect: Bool? = nil, proves: Bool = true
    ) -> ZoneWish {
        let desire = MaxAge(seconds: maxAge).map {
            MTASTSDesire(mode: mode, mx: mx, maxAge: $0, generation: generation)
        }
        let uris = (try? ReportURI(rua)).map { [$0] } ?? []
        let desired = DesiredZone(
            zone: name(zone), providers: ["primary"], mtaSTS: policy && receivesMail ? desire : nil,
            tlsRPT: reports && receivesMail ? TLSRPTDesire(rua: uris) : nil, host: host, ttl: ttl,
            receivesMail: receivesMail, adopt: adopt, protect: protect)
        return ZoneWish(
            zone: name(zone), wish: .desired(desired), digest: "\(desired)",
            waivers: proves && mode == .enforce ? [Waiver(code: .enforceUnproven, reason: "known otherwise")] : [])
    }

    var readers: ZoneReaders {
        ZoneReaders(
            dns: dns, resolver: resolver ?? dns, forgetfulResolver: dns, probe: probe, probesFixedPlace: false,
            policies: host,
            certificates: probe, delivery: delivers ? host : nil,
            evidence: evidence, mail: mailServers, mailProbe: mailProbe, assumesReplacement: assumesReplacement)
    }

    var planner: FleetPlanner {
        FleetPlanner(ledger: ledger, budget: budget.map { BudgetReading(rules: $0, reader: ledger) }) { _, _ in readers
        }
    }

    /// The zone's plan from a fresh look.
    func plan(_ wish: ZoneWish) async throws -> ZonePlan {
        try await planner.look(at: wish, now: try await ledger.now()).planned.plan
    }

    /// The zone's status from a fresh look.
    func status(_ wish: ZoneWish) async throws -> ZoneStatus {
        let statuses = try await planner.statuses([wish], now: try await ledger.now())
        guard let status = statuses.first else { preconditionFailure("a zone without a status") }
        return status
    }

    /// Applies without waiting between tries.
    @discardableResult
    func apply(
        _ wishes: ZoneWish..., reviewed: [DomainName: ZonePlan]? = nil,
        stop: @escaping @Sendable () -> Bool = { false },
        who: String = "test", retry: RetryDecision = RetryDecision(tries: 2)
    ) async -> [ZoneOutcome] {
        await apply(all: wishes, reviewed: reviewed, stop: stop, who: who, retry: retry)
    }

    /// The same for a list.
    @discardableResult
    func apply(
        all wishes: [ZoneWish], reviewed: [DomainName: ZonePlan]? = nil,
        stop: @escaping @Sendable () -> Bool = { false },
        who: String = "test", retry: RetryDecision = RetryDecision(tries: 2)
    ) async -> [ZoneOutcome] {
        let run = ApplyRun(
            owner: LeaseOwner(who: who, runner: "here", command: "apply"), commit: "c0ffee",
            retry: retry,
            sleep: { _ in }, jitter: { 0 }, isStopping: stop, tell: { _ in })
        return await FleetApplier(applier(run)).apply(wishes, reviewed: reviewed)
    }

    /// One group after the other.
    func apply(inTurn groups: [[ZoneWish]]) async {
        let run = ApplyRun(
            owner: LeaseOwner(who: "test", runner: "here", command: "apply"), commit: nil,
            retry: RetryDecision(tries: 2), sleep: { _ in }, jitter: { 0 }, isStopping: { false }, tell: { _ in })
        _ = await FleetApplier(applier(run)).apply(inTurn: groups, reviewed: nil)
    }

    func applier(_ run: ApplyRun) -> Applier {
        let writers = ZoneWriters(
            dns: dns, policies: host, keys: host, issuer: issuer ?? host, delivery: delivers ? host : nil,
            proving: proving, budget: budget.map { BudgetSpending(rules: $0, store: ledger) })
        return Applier(store: ledger, planner: planner, run: run) { _, _ async throws(Failure) in (readers, writers) }
    }
}

/// Mail hosts that show what they show: a certificate that names them, unless a test says otherwise.
struct KnownMailHosts: MailHostProbe {
    var verdicts: [DomainName: MailHostVerdict] = [:]

    func check(_ host: DomainName, at addresses: [IPAddress]) async -> MailHostVerdict { verdicts[host] ?? .valid }
}

/// Evidence that is what it is.
struct KnownEvidence: EvidenceReader {
    private let known: EnforceEvidence

    init(_ known: EnforceEvidence) { self.known = known }

    func evidence(for zone: DomainName) async throws(Failure) -> EnforceEvidence { known }
}
