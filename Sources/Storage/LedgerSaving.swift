import DNS
import MTASTS
import Planning

/// Writes what an event changed of a ledger. A row that stays keeps its place, since reading follows the rows' order.
enum LedgerSaving {
    static func save(_ after: ZoneLedger, replacing before: ZoneLedger, in db: any SQLConnection) throws {
        let key = after.zone.key
        try saveZone(after, key, in: db)
        for row in after.published where !before.published.contains(row) { try save(row, of: key, in: db) }
        if after.intents != before.intents {
            try db.run("DELETE FROM intent WHERE zone = ?", [key])
            for intent in after.intents {
                try db.run(
                    "INSERT INTO intent (zone, step, resource, at, writing) VALUES (?, ?, ?, ?, ?)",
                    [
                        key, intent.step, intent.resource.rawValue, intent.at.description,
                        try JSONText.encode(intent.writing),
                    ])
            }
        }
        if after.formerHosts != before.formerHosts {
            try db.run("DELETE FROM former_host WHERE zone = ?", [key])
            for former in after.formerHosts {
                try db.run(
                    "INSERT INTO former_host (zone, place, until) VALUES (?, ?, ?)",
                    [key, try JSONText.encode(former.place), former.until.description])
            }
        }
        if after.issuance != before.issuance {
            try db.run(
                "INSERT INTO issuance (zone, state) VALUES (?, ?) ON CONFLICT (zone) DO UPDATE SET state = excluded.state",
                [key, try JSONText.encode(after.issuance)])
        }
        // Also where nothing changed: a row that an edit or a migration left wrong is put right by the next event.
        try DueRows.save(after, in: db)
        for seen in after.mxSeen where !before.mxSeen.contains(seen) {
            try db.run(
                """
                INSERT INTO mx_seen (zone, host, first, last, "left") VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (zone, host)
                DO UPDATE SET first = excluded.first, last = excluded.last, "left" = excluded."left"
                """,
                [
                    key, seen.host.key, seen.first.description, seen.last.description, seen.left?.description,
                ])
        }
    }

    private static func saveZone(_ ledger: ZoneLedger, _ key: String, in db: any SQLConnection) throws {
        try db.run(
            """
            INSERT INTO zone (zone, applied, desired, digest, commit_id, applied_at, adopted, withdrawn_at,
            replacement_look, steering, source, unwatched_since)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (zone) DO UPDATE SET applied = excluded.applied, desired = excluded.desired,
            digest = excluded.digest, commit_id = excluded.commit_id, applied_at = excluded.applied_at,
            adopted = excluded.adopted, withdrawn_at = excluded.withdrawn_at,
            replacement_look = excluded.replacement_look, steering = excluded.steering, source = excluded.source,
            unwatched_since = excluded.unwatched_since
            """,
            [
                key, try JSONText.encode(ledger.applied), try ledger.desired.map { try JSONText.encode($0.zone) },
                ledger.desired?.digest, ledger.desired?.commit, ledger.desired?.at.description,
                ledger.desired?.zone.adopt ?? false, ledger.withdrawnAt?.description,
                try ledger.replacementLook.map(JSONText.encode),
                ledger.steering == Steering() ? nil : try JSONText.encode(ledger.steering),
                try ledger.source.map(JSONText.encode), ledger.unwatchedSince?.description,
            ])
    }

    private static func save(_ row: PublishedPolicy, of zone: String, in db: any SQLConnection) throws {
        try db.run(
            """
            INSERT INTO published
            (zone, id, n, body_digest, mode, patterns, max_age, largest_ttl, intent_at, announced_at, superseded_at,
            replaced_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (zone, id) DO UPDATE SET n = excluded.n, body_digest = excluded.body_digest,
            mode = excluded.mode, patterns = excluded.patterns, max_age = excluded.max_age,
            largest_ttl = excluded.largest_ttl, intent_at = excluded.intent_at,
            announced_at = excluded.announced_at, superseded_at = excluded.superseded_at,
            replaced_at = excluded.replaced_at
            """,
            [
                zone, row.id.text, row.counter, row.bodyDigest, row.mode.rawValue, try JSONText.encode(row.mx),
                row.maxAge.seconds, Int(row.largestTTL), row.intentAt.description, row.announcedAt?.description,
                row.supersededAt?.description, row.replacedAt?.description,
            ])
    }
}
