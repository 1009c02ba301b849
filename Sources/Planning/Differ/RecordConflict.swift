import DNS
import Findings

/// Several records of one kind at one name: senders act as if there were none (RFC 8461 §3.1, RFC 8460 §3).
enum RecordConflict {
    /// Whether a sender takes it for an MTA-STS or a TLS-RPT record.
    static func isRecord(_ data: RecordData) -> Bool {
        guard case .txt(let text) = data else { return false }
        return ["v=STSv1;", "v=TLSRPTv1;"].contains { text.joined.starts(with: Array($0.utf8)) }
    }

    /// How many such records stand there.
    static func count(_ sets: [RecordSet]) -> Int { sets.flatMap(\.data).count(where: isRecord) }
}

extension Finding {
    static func alias(_ set: RecordSet, isKnown: Bool) -> Finding {
        Finding(
            .error, .cnameConflict,
            "\(set.key.name) is a CNAME to \(target(of: set)) that we did not make: \(holder(of: set))",
            action: isKnown ? spent : "remove it there, or take it over with 'adopt: true' in the manifest")
    }

    static func aliasInPlace(of set: RecordSet) -> Finding {
        Finding(
            .error, .cnameConflict,
            "someone replaced our records at \(set.key.name) by a CNAME to \(target(of: set)): \(holder(of: set))",
            action:
                "remove that CNAME, and the next apply puts ours back; or take the zone out of the manifests")
    }

    static func unmanaged(_ seen: [RecordSet], at owner: DomainName, isKnown: Bool) -> Finding {
        Finding(
            .error, .unmanaged, "at \(owner) stands what we never applied: \(lines(seen))",
            action: isKnown
                ? spent : "compare it with the manifest, then take it over with 'adopt: true', or remove it")
    }

    static func several(_ seen: [RecordSet], at owner: DomainName, isKnown: Bool) -> Finding {
        Finding(
            .error, .severalRecords,
            "at \(owner) stand \(RecordConflict.count(seen)) records that we never applied, so senders see none: \(lines(seen))",
            action: isKnown ? spent : "leave one of them, or take them over with 'adopt: true' in the manifest")
    }

    static func several(_ seen: [RecordSet], at owner: DomainName, not ours: RecordData) -> Finding {
        Finding(
            .error, .severalRecords,
            "someone added a record beside ours at \(owner), so senders see none: \(ours)",
            action: "remove that one there; ours stays")
    }

    private static var spent: String {
        "remove it there: 'adopt: true' counts until a zone was first applied, no longer"
    }

    private static func lines(_ seen: [RecordSet]) -> String { seen.flatMap(\.lines).joined(separator: "; ") }

    private static func target(of set: RecordSet) -> String { set.data.first.map { "\($0)" } ?? "?" }

    private static func holder(of set: RecordSet) -> String {
        for case .cname(let target) in set.data {
            if let holder = KnownHolder.name(of: target) { return "\(holder) seems to hold the name" }
        }
        return "another host seems to hold it"
    }
}
