import DNS
import Findings
import MTASTS
import Planning
import TLSRPT
import Testing

/// Policies that nobody wrote down: before CertaDNS, and while a ledger was not looking.
@Suite struct AssumedPolicyTests {
    private static let now = Instant(seconds: 1_800_000_000)
    private static let theirs =
        PolicyID("20200101") ?? PolicyID.make(counter: 9, digest: [UInt8](repeating: 9, count: 8))

    private static func zone() throws -> DomainName { try DomainName("example.com") }

    /// A zone that was taken over from somebody whose policy nobody knows.
    private static func adopted(history: MaxAge? = nil) throws -> ZoneLedger {
        let desired = DesiredZone(
            zone: try zone(), providers: ["primary"], mtaSTS: nil, tlsRPT: nil, host: .addresses([]), history: history)
        var ledger = ZoneLedger(zone: try zone())
        let body = PublishedBody(
            id: PolicyID.make(counter: 1, digest: [UInt8](repeating: 1, count: 8)),
            body: "version: STSv1\r\nmode: testing\r\nmx: mx.example.com\r\nmax_age: 86400\r\n")
        var left = Publication(policy: body)
        left.mtaSTS = Owned.mtaSTSRecord(of: try zone(), id: body.id, ttl: 300)
        let row = try #require(PolicyIdentity.row(for: body, ttl: 300, at: now))
        for event in [
            LedgerEvent.assumed(.assumed(theirs, ttl: 300, at: now)),
            .intent(Intent(step: "p", resource: .policy, at: now), policy: row),
            .outcome(step: "p", resource: .policy, left: left),
            .outcome(step: "r", resource: .mtaSTSRecord, left: left), .replacementSeen(ReplacementLook()),
            .converged(AppliedDesire(zone: desired, digest: "d", commit: nil, at: now)),
        ] { ledger = ledger.recording(event, at: now) }
        return ledger
    }

    private static func live(_ ledger: ZoneLedger, id: PolicyID? = nil) throws -> LiveZone {
        var live = LiveZone(zone: try zone())
        for key in Owned.keys(of: try zone()) { live.records[key] = .absent(.plain) }
        let record = id.map { Owned.mtaSTSRecord(of: ledger.zone, id: $0, ttl: 300) } ?? ledger.applied.mtaSTS
        for set in record { live.records[set.key] = .value(set) }
        live.hosted = ledger.applied.policy.map { .value($0.body) } ?? .absent(.plain)
        live.mx = .value([
            LiveMX(
                preference: 10, host: try DomainName("mx.example.com"),
                target: .addresses([try #require(IPAddress("192.0.2.1"))]))
        ])
        live.certificate = .absent(.plain)
        return live
    }

    @Test func `a withdrawal waits a year for what nobody knows, and no longer than a person vouches for`() throws {
        let gone = ZoneWish(zone: try Self.zone(), wish: .gone, digest: "")
        let week = try #require(MaxAge(seconds: 7 * 86_400))
        for (history, age) in [(nil, 31_557_600), (week, 7 * 86_400)] {
            let ledger = try Self.adopted(history: history)
            let plan = Planner.plan(
                PlannerInput(wish: gone, ledger: ledger, live: try Self.live(ledger), now: Self.now)
            ).plan
            let until = plan.holds.first { $0.resource == .mtaSTSRecord }?.until
            #expect(until == Self.now + age + 300 + 86_400)
            #expect(plan.findings.contains { $0.code == .historyStated && $0.severity == .note } == (history != nil))
            #expect(ledger.published.first?.maxAge == .longest, "the word is the manifest's, not the ledger's")
        }
    }

    @Test func `an id that a restored ledger does not know is no edit to be put back`() throws {
        let ledger = try Self.adopted()
        let later = PolicyID.make(counter: 7, digest: [UInt8](repeating: 7, count: 8))
        let live = try Self.live(ledger, id: later)
        let delegation: Delegation? = nil
        let edited = try Self.live(ledger, id: PolicyID("20300101") ?? Self.theirs)
        #expect(
            ledger.surprises(in: edited, delegation: delegation).isEmpty, "an id of no form of ours is somebody's edit")
        #expect(!ledger.recording(.restored, at: Self.now).surprises(in: edited, delegation: delegation).isEmpty)
        let restored = ledger.recording(.restored, at: Self.now)
        let known = restored.surprises(in: live, delegation: delegation).reduce(restored) {
            $0.recording($1, at: Self.now)
        }
        #expect(known.published.last == .assumed(later, ttl: 300, at: Self.now))
        #expect(known.applied.mtaSTS == Owned.mtaSTSRecord(of: ledger.zone, id: later, ttl: 300))
        #expect(known.surprises(in: live, delegation: delegation).isEmpty, "it is learnt once")

        let mtaSTS = MTASTSDesire(mode: .testing, mx: .derived(also: []), maxAge: .day)
        var desired = try #require(ledger.desired).zone
        desired.mtaSTS = mtaSTS
        let wish = ZoneWish(zone: ledger.zone, wish: .desired(desired), digest: "d2")
        func record(_ ledger: ZoneLedger, _ live: LiveZone) -> Step? {
            Planner.plan(PlannerInput(wish: wish, ledger: ledger, live: live, now: Self.now)).plan.steps.first {
                $0.resource == .mtaSTSRecord || $0.resource == .policy
            }
        }
        let gone = ZoneWish(zone: ledger.zone, wish: .gone, digest: "")
        let kept = Planner.plan(PlannerInput(wish: gone, ledger: ledger, live: edited, now: Self.now)).plan.steps
        #expect(kept.first { $0.resource == .mtaSTSRecord }?.causes.contains(.drift) == true)
        let step = try #require(record(restored, live))
        #expect(step.causes == [.commit], "\(step.causes)")
        guard case .policy(let body, _) = step.effect else {
            Issue.record("no policy comes first")
            return
        }
        #expect(body.id.counter == 8, "an id that was announced never returns")
        let holds = Planner.plan(PlannerInput(wish: gone, ledger: restored, live: live, now: Self.now)).plan.holds
        #expect(holds.first?.until == Self.now + 31_557_600 + 300 + 86_400)
    }

    @Test func `once all is live the ledger has seen all again`() throws {
        let ledger = try Self.adopted()
        let restored = ledger.recording(.restored, at: Self.now)
        #expect(restored.unwatchedSince == Self.now)
        #expect(restored.recording(.restored, at: Self.now + 9).unwatchedSince == Self.now)
        let desired = try #require(ledger.desired)
        #expect(restored.recording(.converged(desired), at: Self.now).unwatchedSince == nil)
    }

    @Test func `a zone that was released is a stranger, and what it published is not forgotten`() throws {
        let ledger = try Self.adopted()
        let released = ledger.recording(.released(manifest: nil), at: Self.now + 60)
        #expect(!released.isManaged && released.desired == nil)
        #expect(released.published.map(\.id) == ledger.published.map(\.id))
        // Taken up again, what was announced meanwhile counts as the worst.
        let later = PolicyID.make(counter: 7, digest: [UInt8](repeating: 7, count: 8))
        let live = try Self.live(ledger, id: later)
        #expect(released.surprises(in: live, delegation: nil).isEmpty)
        let desired = try #require(ledger.desired).zone
        let wish = ZoneWish(zone: ledger.zone, wish: .desired(desired), digest: "other")
        var plan = Planner.plan(PlannerInput(wish: wish, ledger: released, live: live, now: Self.now)).plan
        plan.verdict = .changes
        plan.steps = [
            Step(
                .change, .policy, causes: [.commit], reason: "",
                effect: .removal(host: WellKnown.hostName(ledger.zone)))
        ]
        #expect(released.assumption(in: live, delegation: nil, before: plan, at: Self.now)?.kind == "assumed")
    }

    @Test func `what another instance published counts as our own`() throws {
        let ledger = try Self.adopted()
        let heir = ZoneLedger(zone: ledger.zone).recording(.inherited(ledger.published), at: Self.now)
        #expect(heir.published == ledger.published)
        #expect(heir.bindsUntil(replacedBy: Self.now) == ledger.bindsUntil(replacedBy: Self.now))
        let twice = heir.recording(.inherited(ledger.published), at: Self.now)
        #expect(twice == heir)
        // What is out by one's word is out, whatever the other says.
        var over = ledger.published
        for index in over.indices {
            over[index].supersededAt = Self.now
            over[index].replacedAt = Self.now
        }
        #expect(heir.recording(.inherited(over), at: Self.now).published == ledger.published)
        let other = ZoneLedger(zone: ledger.zone).recording(.inherited(over), at: Self.now)
        #expect(other.recording(.inherited(ledger.published), at: Self.now).published == ledger.published)
    }
}

extension AssumedPolicyTests {
    @Test func `a receipt is read back as it was written, and takes the place of the worst`() throws {
        let ledger = try Self.adopted()
        let receipt = ReleaseReceipt(for: ledger, at: Self.now)
        #expect(ReleaseReceipt.decode(try receipt.encoded()) == receipt)
        #expect(receipt.served.map(\.cachedUntil) == [Self.now + 31_557_600 + 300 + 86_400, nil])
        #expect(receipt.defect(for: ledger.zone) == nil && receipt.defect(for: .root) != nil)
        #expect(ReleaseReceipt.decode(Array("{}".utf8)) == nil)

        var desired = try #require(ledger.desired).zone
        desired.mtaSTS = MTASTSDesire(mode: .testing, mx: .derived(also: []), maxAge: .day)
        desired.adopt = true
        var wish = ZoneWish(zone: ledger.zone, wish: .desired(desired), digest: "d")
        wish.receipt = .read(receipt)
        let heir = ZoneLedger(zone: ledger.zone)
        let live = try Self.live(ledger)
        let plan = Planner.plan(PlannerInput(wish: wish, ledger: heir, live: live, now: Self.now)).plan
        func event(_ receipt: ReleaseReceipt?, live: LiveZone) -> LedgerEvent? {
            heir.assumption(
                in: live, delegation: nil, before: plan, receipt: receipt.map { .read($0) }, at: Self.now)
        }
        #expect(event(receipt, live: live) == .inherited(ledger.published))
        #expect(event(nil, live: live)?.kind == "assumed")
        // What was published after the release stands in no receipt.
        let later = PolicyID.make(counter: 7, digest: [UInt8](repeating: 7, count: 8))
        let rows = ledger.published + [.assumed(later, ttl: 300, at: Self.now)]
        #expect(event(receipt, live: try Self.live(ledger, id: later)) == .inherited(rows))

        wish.receipt = .unreadable(Finding(.error, .fileUnreadable, "it is gone", action: "bring it back"))
        let blocked = Planner.plan(PlannerInput(wish: wish, ledger: heir, live: live, now: Self.now)).plan
        #expect(blocked.verdict == .blocked && blocked.steps.isEmpty && blocked.firstError == "it is gone")
        // Spent with the adoption.
        let spent = Planner.plan(PlannerInput(wish: wish, ledger: ledger, live: live, now: Self.now)).plan
        #expect(spent.verdict != .blocked)
    }

    @Test func `a ledger that was copied back knows by a later id of our form what it missed`() throws {
        // Id 8 was announced after the copy was made, and nobody said that the copy was put back.
        let ledger = try Self.adopted()
        let later = PolicyID.make(counter: 8, digest: [UInt8](repeating: 8, count: 8))
        let live = try Self.live(ledger, id: later)
        let known = ledger.surprises(in: live, delegation: nil).reduce(ledger) { $0.recording($1, at: Self.now) }
        #expect(known.published.last == .assumed(later, ttl: 300, at: Self.now))
        #expect(known.surprises(in: live, delegation: nil).isEmpty, "it is learnt once")
        let unread = ZoneWish(zone: ledger.zone, wish: .unknown, digest: "")
        let gone = ZoneWish(zone: ledger.zone, wish: .gone, digest: "")
        for wish in [unread, gone] {
            let plan = Planner.plan(PlannerInput(wish: wish, ledger: ledger, live: live, now: Self.now)).plan
            for set in plan.steps.flatMap(\.writing) where set.key.type == .txt {
                let texts = set.data.compactMap { if case .txt(let text) = $0 { text.joined } else { nil } }
                let id = try #require(PolicyIdentity.announcedID(in: texts))
                #expect(id.counter ?? 0 > 8, "\(id) is announced again")
            }
        }
        let holds = Planner.plan(PlannerInput(wish: gone, ledger: ledger, live: live, now: Self.now)).plan.holds
        #expect(holds.first?.until == Self.now + 31_557_600 + 300 + 86_400)
        // Where a step of ours is open, and for an earlier id, nothing is assumed.
        let intent = Intent(step: "s", resource: .mtaSTSRecord, at: Self.now)
        let begun = ledger.recording(.intent(intent, policy: nil), at: Self.now)
        #expect(begun.surprises(in: live, delegation: nil).isEmpty)
        let earlier = PolicyID.make(counter: 1, digest: [UInt8](repeating: 3, count: 8))
        #expect(ledger.surprises(in: try Self.live(ledger, id: earlier), delegation: nil).isEmpty)
    }

    @Test func `a receipt counts until the policies of a zone are known here`() throws {
        let ledger = try Self.adopted()
        let receipt = ReceiptReading.read(ReleaseReceipt(for: ledger, at: Self.now))
        var desired = try #require(ledger.desired).zone
        desired.mtaSTS = MTASTSDesire(mode: .testing, mx: .derived(also: []), maxAge: .day)
        desired.adopt = true
        var wish = ZoneWish(zone: ledger.zone, wish: .desired(desired), digest: "d")
        wish.receipt = receipt
        let live = try Self.live(ledger)
        // A first run came no further than the host record.
        var begun = ZoneLedger(zone: ledger.zone)
        let address = try #require(IPv4Address("192.0.2.80"))
        let key = RecordKey(name: WellKnown.hostName(ledger.zone), type: .a)
        begun.applied.host = [try #require(RecordSet(key: key, ttl: 60, data: [.a(address)]))]
        for heir in [ZoneLedger(zone: ledger.zone), begun] {
            let plan = Planner.plan(PlannerInput(wish: wish, ledger: heir, live: live, now: Self.now)).plan
            let event = heir.assumption(in: live, delegation: nil, before: plan, receipt: receipt, at: Self.now)
            #expect(event == .inherited(ledger.published))
        }
        var known = ledger
        known.unwatchedSince = Self.now
        let plan = Planner.plan(PlannerInput(wish: wish, ledger: known, live: live, now: Self.now)).plan
        #expect(known.assumption(in: live, delegation: nil, before: plan, receipt: receipt, at: Self.now) == nil)
    }
}
