import DNS
import MTASTS
import Planning
import ReferenceSender

/// DNS as it was at every moment: what the zone holds, and what caches on the way still answer.
struct Net {
    private struct Version {
        let since: Int64
        let set: RecordSet?
    }
    private var versions: [RecordKey: [Version]] = [:]
    private var lag: Lag?
    /// For how long a secondary answers without hearing from its primary, in seconds.
    static let expire = 604_800

    /// The secondary, which half of the resolvers ask, hears nothing from its primary.
    private struct Lag {
        let since: Int64
        let until: Int64
        /// It answers senders alone, and none of ours.
        let isSilent: Bool
    }

    /// What the zone holds.
    subscript(key: RecordKey) -> RecordSet? { versions[key]?.last?.set }

    /// What a wildcard makes of a question at a name where nothing stands (RFC 4592).
    func synthesised(_ key: RecordKey) -> RecordSet? {
        guard let wild = Self.wildcard(for: key), let set = self[wild] else { return nil }
        return RecordSet(key: key, ttl: set.ttl, data: set.data)
    }

    /// Of the zone's one wildcard, at which addresses and texts may stand.
    private static func wildcard(for key: RecordKey) -> RecordKey? {
        key.type == .a ? Scene.wildAddress : key.type == .txt ? Scene.wildText : nil
    }

    /// Makes `set` the one at `key`, or takes it away.
    mutating func put(_ set: RecordSet?, at key: RecordKey, _ now: Int64) {
        guard self[key] != set else { return }
        versions[key, default: []].append(Version(since: now, set: set))
    }

    /// The secondary falls behind for so long. Mail hosts are moved with care: it always knows them.
    mutating func fallBehind(for seconds: Int, isSilent: Bool, at now: Int64) {
        let since = lag.flatMap { now < $0.until ? $0.since : nil } ?? now
        lag = Lag(since: since, until: now + Int64(seconds), isSilent: isSilent)
    }

    /// What the secondary answers.
    func secondary(_ key: RecordKey, at now: Int64) -> RecordSet? {
        guard let lag, now < lag.until, key.type != .mx else { return self[key] ?? synthesised(key) }
        if now >= lag.since + Int64(Self.expire) { return nil }
        if let set = versions[key]?.last(where: { $0.since <= lag.since })?.set { return set }
        return Self.wildcard(for: key).flatMap { versions[$0]?.last { $0.since <= lag.since }?.set }
            .flatMap { RecordSet(key: key, ttl: $0.ttl, data: $0.data) }
    }

    /// What a look at every server finds.
    func look(for id: PolicyID?, at now: Int64) -> ReplacementLook {
        guard let lag, now < lag.until else { return ReplacementLook() }
        if lag.isSilent { return ReplacementLook(silent: ["secondary"], expire: Self.expire) }
        let shown = SenderText.id(in: secondary(Scene.record, at: now)?.joinedTexts ?? [])
        return ReplacementLook(lagging: shown == id?.text ? [] : ["secondary"], expire: Self.expire)
    }
}

/// A caching resolver. It asks one of the two servers, and keeps an answer for its TTL, and that there is none for five minutes.
struct Cache: Hashable {
    private struct Entry: Hashable {
        let until: Int64
        let set: RecordSet?
    }
    private var entries: [RecordKey: Entry] = [:]
    private let asksSecondary: Bool

    init(asksSecondary: Bool) { self.asksSecondary = asksSecondary }

    mutating func ask(_ key: RecordKey, of net: Net, at now: Int64) -> RecordSet? {
        if let entry = entries[key], entry.until > now { return entry.set }
        let set = asksSecondary ? net.secondary(key, at: now) : net[key] ?? net.synthesised(key)
        entries[key] = Entry(until: now + Int64(set?.ttl ?? 300), set: set)
        return set
    }

    /// What it still answers without asking.
    func kept(_ key: RecordKey, at now: Int64) -> RecordSet? {
        entries[key].flatMap { $0.until > now ? $0.set : nil }
    }
}

extension RecordSet {
    /// The joined strings of each TXT record.
    var joinedTexts: [[UInt8]] { data.compactMap { if case .txt(let text) = $0 { text.joined } else { nil } } }

    /// The mail hosts, as senders compare them.
    var mailHosts: [String] { data.compactMap { if case .mx(let mx) = $0 { "\(mx.exchange)" } else { nil } } }
}
