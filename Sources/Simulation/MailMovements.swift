import Planning

/// When mail hosts came and left, and whether an enforced policy that follows them is in step: judged by its text alone.
struct MailMovements {
    private var came: [String: Int64] = [:]
    private var left: [String: Int64] = [:]
    /// Whether the policy follows the MX records, and not a list of a commit's.
    var isFollowed = true

    mutating func note(_ hosts: [String], at now: Int64) {
        for host in hosts where came[host] == nil {
            came[host] = now
            left[host] = nil
        }
        for host in came.keys where !hosts.contains(host) {
            came[host] = nil
            left[host] = now
        }
    }

    /// What is wrong with one enforced policy after another; a milder one in between may list what it likes.
    func breach(from old: String?, to new: String?, at now: Int64) -> String? {
        guard isFollowed, let old, let new, [old, new].allSatisfy({ $0.contains("mode: enforce") }) else { return nil }
        let before = Self.hosts(old)
        let after = Self.hosts(new)
        for host in after.subtracting(before) where now - (came[host] ?? now) < 3_600 {
            return "\(host) is listed by an enforced policy less than an hour after it came"
        }
        for host in before.subtracting(after) where came[host] != nil || left[host].map({ now - $0 < 86_400 }) ?? false
        {
            return "\(host) is dropped by an enforced policy less than a day after it left"
        }
        return nil
    }

    private static func hosts(_ body: String) -> Set<String> {
        Set(body.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("mx: ") }.map { String($0.dropFirst(4)) })
    }
}

extension ZoneWish {
    /// Whether its policy follows the MX records.
    var followsMailHosts: Bool {
        if case .desired(let desired) = wish { desired.mtaSTS?.mx.isDerived ?? false } else { false }
    }
}
