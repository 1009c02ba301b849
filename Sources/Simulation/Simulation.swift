import DNS
import Findings
import MTASTS
import Planning
import ReferenceSender
import TLSRPT

/// Runs schedules against the product's decisions, with senders of their own making at work all the while.
package struct Simulation {
    /// What became of one schedule.
    package struct Result: Sendable {
        /// The first rule that broke, in words; `nil` where all held.
        package let breach: String?
        /// What was met.
        package let tally: Tally
    }

    private var scene = Scene()
    private var ledger = ZoneLedger(zone: Scene.zone)
    private var chance: Chance
    private let mutant: Mutant?
    private var wish: ZoneWish
    private var earlier: ZoneWish
    private var trouble: Run.Trouble?
    private var hidden = Run.Unanswered()
    private var holds: [Hold] = []
    private var isNamed = false
    /// A record set that is not ours, until somebody else takes it away.
    private var neighbour: RecordSet?
    /// The manifest says 'adopt: true'.
    private var adopts = false
    /// The last run in peace ended with nothing blocked.
    private var isConverged = false

    private init(seed: UInt64, mutant: Mutant?) {
        chance = Chance(seed ^ 0x5555)
        self.mutant = mutant
        wish = Self.wish(.policy(mode: 0, maxAge: 604_800, mx: 0, generation: 1), mutant)
        earlier = wish
    }

    /// The schedule of a seed.
    package static func schedule(seed: UInt64) -> [Turn] {
        var chance = Chance(seed)
        return Turn.schedule(&chance)
    }

    /// Runs a schedule; `seed` decides what the turns leave open.
    package static func run(_ turns: [Turn], seed: UInt64, mutant: Mutant? = nil) -> Result {
        var simulation = Simulation(seed: seed, mutant: mutant)
        for turn in turns {
            simulation.take(turn)
            if let breach = simulation.scene.breaches.first {
                return Result(breach: breach, tally: simulation.scene.tally)
            }
        }
        return Result(breach: nil, tally: simulation.scene.tally)
    }

    /// The shortest schedule that still breaks a rule, found by leaving turns out one by one.
    package static func shrink(_ turns: [Turn], seed: UInt64, mutant: Mutant? = nil) -> [Turn] {
        var turns = turns
        var index = turns.count - 1
        while index >= 0 {
            var shorter = turns
            shorter.remove(at: index)
            if run(shorter, seed: seed, mutant: mutant).breach != nil { turns = shorter }
            index -= 1
        }
        return turns
    }

    // MARK: turns

    private mutating func take(_ turn: Turn) {
        switch turn {
        case .commit(let commit):
            earlier = wish
            if case .deleted = commit { forgetAdoption() }
            wish = Self.wish(commit, mutant, adopts: adopts)
            if case .deleted = commit { isNamed = true } else { isNamed = false }
            scene.tally.count(holds, "overtaken")
        case .olderCommit:
            apply(earlier, named: true)
            isConverged = false
            return
        case .vanish: return vanish()
        case .mail(let add): changeMail(add: add)
        case .edit(let edit): change(edit)
        case .wait(let seconds): pass(seconds)
        case .waitForHold(let offset):
            let now = Instant(seconds: scene.now)
            guard let until = holds.compactMap(\.until).filter({ $0 > now }).min() else { return }
            let waited = holds.filter { $0.until == until }
            pass(until - now + offset)
            if offset >= 0 { scene.tally.count(waited, "ended") }
        case .kill(let call, let after):
            trouble = .kill(call: call, after: after)
            return
        case .fail(let call, let after):
            trouble = .fail(call: call, after: after)
            return
        case .overtaken(let call):
            run(earlier, named: true, trouble: .overtaken(call: call, by: judged(wish, named: isNamed)))
            isConverged = false
        case .lag(let seconds, let isSilent):
            return scene.net.fallBehind(for: seconds, isSilent: isSilent, at: scene.now)
        case .hostDown:
            scene.isDown = true
            run(wish, named: isNamed)
            scene.isDown = false
            return
        case .neighbour:
            let text = TextData("v=TLSRPTv1; rua=mailto:theirs@example.org")
            neighbour = RecordSet(key: Scene.reports, ttl: 60, data: [.txt(text)])
            scene.net.put(neighbour, at: Scene.reports, scene.now)
            return
        case .adopted: return adopt()
        case .withdrawn: return judgeWithdrawn()
        case .swept(let call):
            trouble = .swept(call: call)
            return
        case .hide(let index):
            let keys = Owned.keys(of: Scene.zone)
            hidden = Run.Unanswered(keys: [keys[index % keys.count]])
            return
        case .half(let bits):
            let keys = Owned.keys(of: Scene.zone).enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element)
            hidden = Run.Unanswered(keys: Set(keys), isHalf: true)
            if !keys.isEmpty { scene.tally.looks["half a list", default: 0] += 1 }
            return
        case .wildcard(let isText, let isGone):
            let key = isText ? Scene.wildText : Scene.wildAddress
            let set = Scene.wildData[key].flatMap { RecordSet(key: key, ttl: 600, data: [$0]) }
            scene.net.put(isGone ? nil : set, at: key, scene.now)
            if !isGone { scene.tally.looks["covered by a wildcard", default: 0] += 1 }
        }
        apply(wish, named: isNamed)
    }

    private mutating func adopt() {
        adopts = true
        wish = Self.wish(.reportsOnly, mutant, adopts: true)
        apply(wish, named: false)
        guard case .v4(let address)? = IPAddress("192.0.2.99") else { return }
        neighbour = RecordSet(key: Scene.host, ttl: 60, data: [.a(address)])
        scene.net.put(neighbour, at: Scene.host, scene.now)
    }

    private mutating func pass(_ seconds: Int) {
        scene.now += Int64(max(0, seconds))
        for index in scene.senders.indices where chance.once(in: 2) { scene.deliver(index) }
    }

    /// A run under trouble, if there is any, and one in peace, after which nothing is left to do.
    private mutating func apply(_ wish: ZoneWish, named: Bool) {
        if trouble != nil || !hidden.keys.isEmpty {
            run(wish, named: named, trouble: trouble, hidden: hidden)
            trouble = nil
            hidden = Run.Unanswered()
        }
        run(wish, named: named)
        // Time passed within that run, and something may have fallen due.
        run(wish, named: named, isFrozen: true)
        let judged = judged(wish, named: named)
        let run = Run(judged, mutant: mutant)
        let planned = run.plan(scene, ledger)
        if !planned.plan.steps.isEmpty, planned.plan.verdict != .unknown, mutant?.plansAsMade ?? true,
            scene.breaches.isEmpty
        {
            scene.breach(
                "rule 1: after a run in peace there is still to do: \(planned.plan.steps.map { "\($0.verb) \($0.resource)" })"
            )
        }
        scene.tally.count(planned.plan.holds.filter { !holds.contains($0) }, "begun")
        holds = planned.plan.holds
        isConverged = planned.plan.verdict == .inSync
        judgeCover(planned)
        for index in scene.senders.indices where chance.once(in: 3) { scene.deliver(index) }
    }

    private mutating func run(
        _ wish: ZoneWish, named: Bool, trouble: Run.Trouble? = nil, hidden: Run.Unanswered = Run.Unanswered(),
        isFrozen: Bool = false
    ) {
        var run = Run(judged(wish, named: named), trouble: trouble, hidden: hidden, isFrozen: isFrozen, mutant: mutant)
        // A zone that was withdrawn to the end may adopt anew.
        if ledger.desired == nil, adopts, neighbour?.key == Scene.host { neighbour = nil }
        run.perform(&scene, &ledger, &chance)
        if let neighbour, scene.net[neighbour.key] != neighbour {
            scene.breach("rule 7: \(neighbour.key) was not ours, and was changed")
        }
    }

    /// The wish, as far as it may take anything away.
    private func judged(_ wish: ZoneWish, named: Bool) -> ZoneWish {
        guard mutant != .withdrawsUnnamed else { return wish }
        // Nine other zones are managed beside this one, so that it is not the last.
        return WithdrawalLimit(.zones(1)).judge(
            [wish], ledgers: [Scene.zone: ledger], named: named ? [Scene.zone] : [], at: Instant(seconds: scene.now))[0]
    }

    /// Whether the manifest that stands asks for a policy, and whether the last run in peace ended with it.
    private var isPolicyAsked: Bool {
        if case .desired(let desired) = wish.wish { desired.mtaSTS != nil } else { false }
    }

    /// A checkout without the file: the only zone is not withdrawn by it.
    private mutating func vanish() {
        let wasAsked = !isNamed && scene.net[Scene.record] != nil && isPolicyAsked
        run(ZoneWish(zone: Scene.zone, wish: .gone, digest: ""), named: false)
        if wasAsked, scene.breaches.isEmpty, isConverged, ledger.withdrawnAt != nil {
            scene.breach("a manifest that was only missing began a withdrawal")
        }
    }

    /// After a run in peace the announced policy can be fetched.
    private mutating func judgeCover(_ planned: PlannedZone) {
        guard scene.breaches.isEmpty, planned.plan.verdict == .inSync, let set = scene.net[Scene.record],
            SenderText.id(in: set.joinedTexts).flatMap({ PolicyID($0)?.counter }) != nil
        else { return }
        let isGood = scene.certificate.map { $0.notAfter.seconds > scene.now } ?? false
        if scene.net[Scene.host] == nil || !isGood || scene.policy == nil {
            scene.breach("rule 2: after a run in peace the announced policy can't be fetched")
        }
    }

    /// What comes back after its manifest was deleted is a stranger: it could adopt anew, so there is nothing to take any more.
    private mutating func forgetAdoption() {
        adopts = false
        guard let neighbour, neighbour.key == Scene.host else { return }
        if scene.net[Scene.host] == neighbour { scene.net.put(nil, at: Scene.host, scene.now) }
        self.neighbour = nil
    }

    /// What stands at the policy host's name and is not ours.
    private var neighbourHost: RecordSet? { neighbour?.key == Scene.host ? neighbour : nil }

    /// A withdrawal ends: nothing of ours is left, and the ledger says so.
    private mutating func judgeWithdrawn() {
        guard scene.breaches.isEmpty, case .gone = wish.wish else { return }
        // What somebody else put back after ours was gone is theirs to take away, and senders may be led by it until then.
        if let set = scene.net[Scene.record], !ledger.applied.mtaSTS.contains(set) { return }
        if ledger.isManaged || scene.policy != nil || scene.certificate != nil || scene.net[Scene.host] != neighbourHost
        {
            scene.breach("rule 4: the withdrawal does not end; it waits for \(holds.map(\.reason))")
        }
    }

    /// A mail administrator who heeds the plan: a host goes only when no policy that a sender may hold needs it.
    private mutating func changeMail(add: Bool) {
        let hosts = scene.mailHosts
        // What resolvers keep of the hosts ends first.
        pass(86_400)
        if add {
            guard let new = (0..<3).map({ "mx\($0).example.com" }).first(where: { !hosts.contains($0) }) else { return }
            return scene.setMail(hosts + [new])
        }
        let rest = Array(hosts.dropFirst())
        let held = ledger.held(at: Instant(seconds: scene.now)).filter { $0.mode == .enforce }
        let isSafe = held.allSatisfy { row in
            rest.contains { host in row.mx.contains { SenderText.matches("\($0)", host) } }
        }
        if !rest.isEmpty, isSafe { scene.setMail(rest) }
    }

    private mutating func change(_ edit: Turn.Edit) {
        switch edit {
        case .record:
            // Who announces what we serve before we do is a sender of another policy than ours.
            guard scene.net[Scene.record] != nil else { return }
            let set = RecordSet(
                key: Scene.record, ttl: 60, data: [.txt(TextData("v=STSv1; id=evil\(chance.pick(10));"))])
            scene.net.put(set, at: Scene.record, scene.now)
        case .recordBack:
            guard scene.net[Scene.record] != nil, !scene.announced.isEmpty else { return }
            scene.net.put(chance.one(of: scene.announced), at: Scene.record, scene.now)
        case .recordGone: scene.net.put(nil, at: Scene.record, scene.now)
        case .hostGone:
            if neighbour?.key == Scene.host { neighbour = nil }
            scene.net.put(nil, at: Scene.host, scene.now)
        case .reportsGone:
            if neighbour?.key == Scene.reports { neighbour = nil }
            scene.net.put(nil, at: Scene.reports, scene.now)
        case .swept: scene.sweep()
        }
    }

    // MARK: wishes

    private static func wish(_ commit: Turn.Commit, _ mutant: Mutant?, adopts: Bool = false) -> ZoneWish {
        guard let desired = desired(commit, adopts: adopts || mutant == .adoptsAlways) else {
            return ZoneWish(zone: Scene.zone, wish: .gone, digest: "")
        }
        var wish = ZoneWish(zone: Scene.zone, wish: .desired(desired), digest: "\(commit)")
        wish.waivers = [Waiver(code: .enforceUnproven, reason: "known otherwise")]
        if mutant == .waivesCover { wish.waivers += [Waiver(code: .mxNotInPolicy, reason: "a mistake")] }
        return wish
    }

    private static func desired(_ commit: Turn.Commit, adopts: Bool) -> DesiredZone? {
        var sts: MTASTSDesire?
        switch commit {
        case .deleted: return nil
        case .reportsOnly: break
        case .policy(let mode, let maxAge, let mx, let generation):
            let desires: [MXDesire] = [
                .derived(also: []), .derived(also: []), .patterns([MXPattern(exactly: Scene.name("mx0.example.com"))]),
                .patterns([MXPattern(exactly: Scene.name("nobody.example.com"))]),
            ]
            sts = MaxAge(seconds: maxAge).map {
                MTASTSDesire(
                    mode: [.enforce, .enforce, .testing, .none][mode % 4], mx: desires[mx % 4], maxAge: $0,
                    generation: generation)
            }
        }
        let rua = (try? ReportURI("mailto:reports@example.net")).map { [$0] } ?? []
        let host = IPAddress("192.0.2.80").map { HostTarget.addresses([$0]) } ?? .addresses([])
        return DesiredZone(
            zone: Scene.zone, providers: ["primary"], mtaSTS: sts, tlsRPT: TLSRPTDesire(rua: rua), host: host,
            adopt: adopts)
    }
}
