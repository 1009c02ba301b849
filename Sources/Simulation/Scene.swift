import DNS
import Findings
import MTASTS
import Planning
import ReferenceSender
import TLSRPT

/// One domain's world: its DNS, its policy host, its senders, and what breaks a rule.
struct Scene {
    static let zone = name("example.com")
    static let record = RecordKey(name: WellKnown.recordName(zone), type: .txt)
    static let host = RecordKey(name: WellKnown.hostName(zone), type: .a)
    static let reports = RecordKey(name: TLSRPTRecord.recordName(zone), type: .txt)
    static let mail = RecordKey(name: zone, type: .mx)
    /// Where a wildcard of the zone's administrator stands: addresses at which no policy is, and texts that mean nothing here.
    static let wildAddress = RecordKey(name: name("*.example.com"), type: .a)
    static let wildText = RecordKey(name: name("*.example.com"), type: .txt)
    static let wildData: [RecordKey: RecordData] = [
        wildAddress: IPAddress("192.0.2.66").flatMap { if case .v4(let address) = $0 { .a(address) } else { nil } },
        wildText: .txt(TextData("v=spf1 -all")),
    ].compactMapValues(\.self)

    var now: Int64 = 1_800_000_000
    var net = Net()
    var policy: PublishedBody?
    var certificate: CertificateFacts?
    var isDown = false
    var senders: [(sender: Sender, cache: Cache)]
    /// What broke a rule, in words; the first ends the schedule.
    var breaches: [String] = []
    var tally = Tally()
    /// The body of every id that was announced.
    private var bodies: [String: String] = [:]
    private var largest = 0
    private var changed: Int64 = 0
    private var issued = 0
    /// What our runs wrote last: a tool that deletes what it does not know deletes that.
    private var ours: [RecordKey: RecordSet] = [:]
    /// Whether that tool was here since the run that writes last looked.
    private var isSwept = false
    /// Every record set that announced a policy of ours.
    private(set) var announced: [RecordSet] = []
    /// When mail hosts came and left.
    var movements = MailMovements()

    init() {
        senders = Sender.Habit.allCases.flatMap { habit in
            [false, true].map { (Sender(habit: habit), Cache(asksSecondary: $0)) }
        }
        setMail(["mx0.example.com"])
    }

    static func name(_ text: String) -> DomainName { (try? DomainName(text)) ?? .root }

    /// The mail administrator's work.
    mutating func setMail(_ hosts: [String]) {
        let data = hosts.map { RecordData.mx(MX(preference: 10, exchange: Self.name($0))) }
        movements.note(hosts, at: now)
        net.put(RecordSet(key: Self.mail, ttl: 300, data: data), at: Self.mail, now)
    }

    var mailHosts: [String] { net[Self.mail]?.mailHosts ?? [] }

    mutating func breach(_ words: String) { breaches.append("at \(Instant(seconds: now)): \(words)") }

    // MARK: what our calls change

    mutating func write(_ change: RecordChange) -> Bool {
        for set in change.expecting where net[set.key] != set { return false }
        for type in change.absent where net[RecordKey(name: change.owner, type: type)] != nil { return false }
        let keys = Set((change.expecting + change.writing).map(\.key))
        for key in keys {
            ours[key] = change.writing.first { $0.key == key }
            net.put(ours[key], at: key, now)
        }
        changed = now
        judgeWrite(change)
        return true
    }

    /// A second tool that owns the zone deletes what it does not know.
    mutating func sweep() {
        isSwept = true
        tally.looks["swept", default: 0] += 1
        for (key, set) in ours where net[key] == set { net.put(nil, at: key, now) }
    }

    /// A run looks at what is served: from here on it answers for what it announces.
    mutating func noteLook() { isSwept = false }

    mutating func put(_ body: PublishedBody?) {
        if let words = movements.breach(from: policy?.body, to: body?.body, at: now) { breach(words) }
        policy = body
        changed = now
        if body == nil { judgeTakenAway("the policy") }
        judgeServed()
    }

    mutating func issue(_ names: [DomainName]) {
        issued += 1
        certificate = CertificateFacts(
            names: names.map(\.description), notBefore: Instant(seconds: now),
            notAfter: Instant(seconds: now) + 90 * 86_400, issuer: "local", fingerprint: "\(issued)")
    }

    mutating func dropCertificate() {
        certificate = nil
        judgeTakenAway("the certificate")
    }

    // MARK: what senders get

    /// The body that a sender gets whose resolver answers for the host.
    private func fetch(_ cache: inout Cache) -> [UInt8]? {
        guard !isDown, let host = cache.ask(Self.host, of: net, at: now),
            host.data.first != Self.wildData[Self.wildAddress],
            let certificate, certificate.notAfter.seconds > now
        else {
            return nil
        }
        return policy.map { Array($0.body.utf8) }
    }

    /// One message of one sender.
    mutating func deliver(_ index: Int) {
        var (sender, cache) = senders[index]
        let records = cache.ask(Self.record, of: net, at: now)?.joinedTexts
        let hosts = cache.ask(Self.mail, of: net, at: now)?.mailHosts ?? []
        let held = sender.cached
        var inner = cache
        let verdict = sender.deliver(at: now, records: records, hosts: hosts) { fetch(&inner) }
        senders[index] = (sender, inner)
        tally.deliveries += 1
        if let held, held == sender.cached, held.expires > now, held.id != policy?.id.text {
            tally.staleDeliveries += 1
        }
        if case .refused(let id) = verdict {
            breach("rule 3: a sender refuses every mail host (\(hosts.joined(separator: ", "))) by policy \(id)")
        }
    }

    // MARK: rules

    /// Ids of ours that a sender can see now: at a name server, or in a resolver's cache.
    private var visible: [(id: String, counter: Int)] {
        let sets =
            [net[Self.record], net.secondary(Self.record, at: now)]
            + senders.map { $0.cache.kept(Self.record, at: now) }
        return sets.compactMap { $0 }.flatMap { set -> [(String, Int)] in
            guard let id = SenderText.id(in: set.joinedTexts), let counter = PolicyID(id)?.counter else { return [] }
            return [(id, counter)]
        }
    }

    private mutating func judgeWrite(_ change: RecordChange) {
        switch change.owner {
        case Self.record.name: change.writing.isEmpty ? judgeUnannounced() : judgeAnnounced()
        case Self.host.name where change.writing.isEmpty: judgeTakenAway("the host's record")
        default: break
        }
    }

    /// Rule 2: what is announced is served. Rule 5: an id stands for one body, and counts upwards.
    private mutating func judgeAnnounced() {
        guard let set = net[Self.record], let id = SenderText.id(in: set.joinedTexts),
            let counter = PolicyID(id)?.counter
        else { return breach("rule 2: the record announces nothing that a sender takes") }
        if !announced.contains(set) { announced.append(set) }
        if counter < largest { breach("rule 5: \(id) is announced after a larger counter, \(largest)") }
        largest = max(largest, counter)
        let isCertified = certificate.map { $0.notAfter.seconds > now } ?? false
        guard let policy, !isDown, isCertified, net[Self.host] != nil else {
            // What went between the look and the write nobody could know.
            if isSwept, policy != nil, isCertified { return }
            return breach("rule 2: \(id) is announced and nothing is served")
        }
        if (policy.id.counter ?? 0) < counter {
            breach("rule 2: \(id) is announced, and its predecessor \(policy.id) is served")
        }
        guard policy.id.text == id else { return }
        if bodies[id, default: policy.body] != policy.body { breach("rule 5: \(id) came back with another body") }
        bodies[id] = policy.body
    }

    /// Rule 2: what is served is never older than what anybody may see announced.
    private mutating func judgeServed() {
        guard let policy, let counter = policy.id.counter else { return }
        for seen in visible where seen.counter > counter {
            return breach("rule 2: \(seen.id) is announced, and its predecessor \(policy.id) is served")
        }
        if let known = bodies[policy.id.text], known != policy.body {
            breach("rule 5: \(policy.id) is served with another body than before")
        }
        bodies[policy.id.text] = policy.body
    }

    /// Rule 4: the record goes only when no sender is bound any more.
    private mutating func judgeUnannounced() {
        for held in senders.compactMap(\.sender.cached) where held.expires > now && held.policy.mode != "none" {
            return breach("rule 4: the record went while a sender holds \(held.id) (\(held.policy.mode))")
        }
    }

    /// Rule 2: nothing goes that a sender may still be led to.
    private mutating func judgeTakenAway(_ what: String) {
        if let seen = visible.first { return breach("rule 2: \(what) went while \(seen.id) can be seen") }
        judgeUnannounced()
    }
}
