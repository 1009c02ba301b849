import DNS
import MTASTS
import Planning

/// Reads ledgers from rows. Lists come back in the order in which they were written, which is the reducer's.
enum LedgerRows {
    static func ledger(of zone: DomainName, in db: any SQLConnection) throws -> ZoneLedger {
        var ledger = ZoneLedger(zone: zone)
        let key: [any SQLValue] = [zone.key]
        if let row = try db.row("SELECT * FROM zone WHERE zone = ?", key) {
            try fill(&ledger, from: row)
        }
        ledger.published = try db.rows(
            "SELECT * FROM published WHERE zone = ? ORDER BY rowid", key
        ).map(published)
        ledger.intents = try db.rows(
            "SELECT * FROM intent WHERE zone = ? ORDER BY rowid", key
        ).map(intent)
        ledger.mxSeen = try db.rows(
            "SELECT * FROM mx_seen WHERE zone = ? ORDER BY rowid", key
        ).map(seen)
        ledger.issuance =
            try db.row("SELECT state FROM issuance WHERE zone = ?", key)?
            .json(Issuance.self, "state") ?? Issuance()
        ledger.formerHosts = try db.rows(
            "SELECT * FROM former_host WHERE zone = ? ORDER BY rowid", key
        ).map(former)
        return ledger
    }

    /// All ledgers by six reads, however many zones there are.
    static func all(in db: any SQLConnection) throws -> [ZoneLedger] {
        var ledgers: [String: ZoneLedger] = [:]
        try db.each("SELECT * FROM zone") { row in
            var ledger = ZoneLedger(zone: try row.name("zone"))
            try fill(&ledger, from: row)
            ledgers[ledger.zone.key] = ledger
        }
        func each(
            _ table: String, inOrder: Bool = true, _ add: (inout ZoneLedger, any SQLRow) throws -> Void
        ) throws {
            try db.each("SELECT * FROM \(table)" + (inOrder ? " ORDER BY rowid" : "")) { row in
                let zone = try row.name("zone")
                try add(&ledgers[zone.key, default: ZoneLedger(zone: zone)], row)
            }
        }
        try each("published") { $0.published.append(try published($1)) }
        try each("intent") { $0.intents.append(try intent($1)) }
        try each("mx_seen") { $0.mxSeen.append(try seen($1)) }
        try each("issuance", inOrder: false) { $0.issuance = try $1.json(Issuance.self, "state") }
        try each("former_host") { $0.formerHosts.append(try former($1)) }
        return ledgers.values.sorted { $0.zone < $1.zone }
    }

    private static func fill(_ ledger: inout ZoneLedger, from row: any SQLRow) throws {
        ledger.applied = try row.json(Publication.self, "applied")
        ledger.withdrawnAt = try row.optionalInstant("withdrawn_at")
        ledger.replacementLook = try row.optionalText("replacement_look").map {
            try JSONText.decode(ReplacementLook.self, $0)
        }
        ledger.steering =
            try row.optionalText("steering").map { try JSONText.decode(Steering.self, $0) } ?? Steering()
        ledger.source = try row.optionalText("source").map { try JSONText.decode(AppliedSource.self, $0) }
        ledger.unwatchedSince = try row.optionalInstant("unwatched_since")
        guard let desired = try row.optionalText("desired") else { return }
        ledger.desired = AppliedDesire(
            zone: try JSONText.decode(DesiredZone.self, desired), digest: try row.text("digest"),
            commit: try row.optionalText("commit_id"), at: try row.instant("applied_at"))
    }

    private static func published(_ row: any SQLRow) throws -> PublishedPolicy {
        guard let id = PolicyID(try row.text("id")), let mode = Mode(rawValue: try row.text("mode")),
            let age = MaxAge(seconds: try row.count("max_age")),
            let ttl = UInt32(exactly: try row.integer("largest_ttl")),
            case let counter = try row.count("n"), PublishedPolicy.isCounter(counter)
        else { throw BrokenRow("a published policy of \(try row.text("zone")) is none") }
        return PublishedPolicy(
            id: id, counter: counter, bodyDigest: try row.text("body_digest"), mode: mode,
            mx: try row.json([MXPattern].self, "patterns"), maxAge: age, largestTTL: ttl,
            intentAt: try row.instant("intent_at"), announcedAt: try row.optionalInstant("announced_at"),
            supersededAt: try row.optionalInstant("superseded_at"), replacedAt: try row.optionalInstant("replaced_at"))
    }

    private static func intent(_ row: any SQLRow) throws -> Intent {
        let text = try row.text("resource")
        guard let resource = Resource(rawValue: text) else { throw BrokenRow("'\(text)' is no resource") }
        return Intent(
            step: try row.text("step"), resource: resource, at: try row.instant("at"),
            writing: try row.json([RecordSet].self, "writing"))
    }

    private static func former(_ row: any SQLRow) throws -> FormerHost {
        FormerHost(place: try row.json(HostTarget.self, "place"), until: try row.instant("until"))
    }

    private static func seen(_ row: any SQLRow) throws -> MXSeen {
        MXSeen(
            host: try row.name("host"), first: try row.instant("first"), last: try row.instant("last"),
            left: try row.optionalInstant("left"))
    }
}
