import Checkout
import DNS
import DNSClient
import Findings
import Manifests
import Planning
import Ports
import Reconciler
import StateAPI
import Storage

/// Makes a plan of a project: what plan, drift and apply begin with.
struct PlanRun: Sendable {
    let project: Project
    private(set) var wiring: Wiring
    /// Whether nothing but the policies' following of the MX records is planned, and a person asks for it.
    private(set) var followsMX = false
    /// The public ledger that stands for the state.
    private var ledger: PublicLedgerReader?

    // Not inlined: the optimiser of Swift 6.3.1 crashes on splitting the coroutine of a command that holds all of this.
    @inline(never)
    init(
        _ options: ProjectOptions, only: Set<DomainName>? = nil, allowsOlder: Bool = false,
        transport: DNSTransport? = nil
    ) async throws {
        project = await Project.read(options, only: only)
        wiring = try Wiring(try project.required(), folder: project.setup.folder, transport: transport)
        wiring.source = SourceReading(
            commit: project.commit,
            history: GitHistory(GitCheckout(folder: options.zonesFolder), head: project.commit),
            allowsOlder: allowsOlder)
    }

    /// The same manifests, but nothing of the world is remembered.
    func afresh() -> PlanRun {
        var copy = self
        copy.wiring = wiring.afresh()
        return copy
    }

    /// What was last applied, and only that policies follow the MX records as they are now.
    func followingMX() -> PlanRun {
        var copy = self
        copy.followsMX = true
        return copy
    }

    /// By what everybody can see, and the public ledger of `place`; without any, as on a first run.
    func readingPublic(_ place: String?) async throws -> PlanRun {
        var copy = self
        copy.wiring.readsPublic = true
        if let place { copy.ledger = try await copy.wiring.publicLedger(place) }
        return copy
    }

    /// The state for reading, or what stands for it.
    private func stateReader() async throws -> (any StateReading)? {
        wiring.readsPublic ? ledger : try await wiring.stateReader()
    }

    /// The plan of the chosen zones, by readers only.
    func plan(only: Set<DomainName>?) async throws -> Plan {
        let reader = try await stateReader()
        let wishes = try await wishes(only: only, reader)
        return try await plan(wishes, reader)
    }

    /// The plan of these wishes.
    func plan(_ wishes: [ZoneWish], _ reader: (any StateReading)?) async throws -> Plan {
        let fleet = try await wiring.planner(reader).plan(wishes, now: Wiring.now())
        return Plan(
            madeAt: Wiring.now(), commit: project.commit, basis: reader == nil ? .live : .ledger, zones: fleet.zones,
            findings: project.findings + wiring.unseen.findings
                + emptiness(fleet.strangers, hasLedger: reader != nil),
            addOns: project.addOns, budget: fleet.budget)
    }

    /// Each zone's status from a fresh look.
    func statuses(only: Set<DomainName>?) async throws -> [ZoneStatus] {
        let reader = try await wiring.stateReader()
        let wishes = try await wishes(only: only, reader)
        return try await wiring.planner(reader).statuses(wishes, now: Wiring.now())
    }

    /// The chosen zones, all of which a manifest or the ledger must know.
    private func wishes(only: Set<DomainName>?, _ reader: (any StateReading)?) async throws -> [ZoneWish] {
        try await wishes(only: only, reviewed: nil, by: wiring.planner(reader))
    }

    /// The chosen zones; with a `reviewed` plan those of that. An apply and its dry run both begin with them.
    func wishes(
        only: Set<DomainName>?, reviewed: [DomainName: ZonePlan]?, by planner: FleetPlanner
    ) async throws -> [ZoneWish] {
        // Whoever approved a plan named the zones that it changes, and none of those that it held back.
        let named = reviewed.map { plans in Set(plans.values.filter { $0.verdict != .blocked }.map(\.zone)) }
        var wishes = wiring.ours(
            try await planner.wishes(
                project.wishes, only: reviewed.map { Set($0.keys) } ?? only, named: named, now: Wiring.now()))
        if reviewed == nil { try Self.check(only, against: wishes) }
        if followsMX { wishes = try await planner.followingMX(wishes) }
        for index in wishes.indices {
            let plan = reviewed?[wishes[index].zone]
            // What was withheld when it was reviewed is withheld, whatever has been changed since.
            wishes[index].changeBlock = plan?.changeBlock
            wishes[index].isSpokenFor = reviewed == nil ? only != nil : plan?.isAccepted ?? false
        }
        return wishes
    }

    static func check(_ only: Set<DomainName>?, against wishes: [ZoneWish]) throws {
        guard let only else { return }
        let known = Set(wishes.map(\.zone))
        for zone in only.sorted() where !known.contains(zone) {
            guard case .ownName(let host) = CertificateOwner(key: zone) else {
                // By one word a person may mean two, of which one is there.
                let own = CertificateOwner.ownName(zone).key
                if known.contains(own), only.contains(own) { continue }
                throw Refusal(
                    message: "no manifest and no ledger knows the zone \(zone)",
                    action: "add zones/\(zone).yaml, or mend the name")
            }
            if only.contains(host) { continue }
            throw Refusal(
                message: "neither configuration nor ledger knows the name \(host) of serve",
                action: "list it under 'serve: names', or mend the name")
        }
    }

    /// That nothing is known yet: a first run, or a ledger that was lost.
    private func emptiness(_ strangers: [DomainName], hasLedger: Bool) -> [Finding] {
        let place = wiring.configuration.remoteState.map { "beside \($0.url)" } ?? "in \(wiring.stateWords)"
        guard strangers.isEmpty else {
            let named = strangers.prefix(5).map(\.description).joined(separator: ", ")
            let others = strangers.count > 5 ? " and \(strangers.count - 5) more" : ""
            return [
                Finding(
                    .warning, .ledgerEmpty,
                    "\(hasLedger ? "the ledger \(place) knows no zone" : "there is no ledger \(place)"), and records stand at owned names of \(named)\(others): they count as unmanaged, and as no sign that a zone is new",
                    action:
                        "if a ledger was lost, restore it or run 'certadns state rebuild'; if the zones are to be adopted, 'certadns import' writes their manifests",
                    actor: .operator)
            ]
        }
        guard !hasLedger else { return [] }
        return [
            Finding(
                .note, .ledgerMissing, "there is no ledger \(place): desired and live alone are compared",
                action: "nothing on a first run; otherwise check 'state' in the configuration", actor: .operator)
        ]
    }
}

extension Plan {
    /// Each zone's plan.
    var byZone: [DomainName: ZonePlan] { Dictionary(zones.map { ($0.zone, $0) }) { first, _ in first } }
}
