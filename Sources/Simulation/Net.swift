import DNS

/// DNS as it was at every moment: what the zone holds, and what caches on the way still answer.
struct Net {
    private struct Version {
        let since: Int64
        let set: RecordSet?
    }
    private var versions: [RecordKey: [Version]] = [:]

    /// What the zone holds.
    subscript(key: RecordKey) -> RecordSet? { versions[key]?.last?.set }

    /// Makes `set` the one at `key`, or takes it away.
    mutating func put(_ set: RecordSet?, at key: RecordKey, _ now: Int64) {
        guard self[key] != set else { return }
        versions[key, default: []].append(Version(since: now, set: set))
    }
}

/// A caching resolver. It keeps an answer for its TTL, and that there is none for five minutes.
struct Cache: Hashable {
    private struct Entry: Hashable {
        let until: Int64
        let set: RecordSet?
    }
    private var entries: [RecordKey: Entry] = [:]

    mutating func ask(_ key: RecordKey, of net: Net, at now: Int64) -> RecordSet? {
        if let entry = entries[key], entry.until > now { return entry.set }
        let set = net[key]
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
