import DNS
import Planning
import Ports

/// Budgets as rows: ``IssuerBook`` says what they mean. Times are whole seconds, for windows are ranges of them.
enum BudgetRows {
    static func book(of issuer: String, in db: any SQLConnection) throws -> IssuerBook {
        IssuerBook(
            entries: try entries(
                "SELECT * FROM budget WHERE issuer = ? ORDER BY n", [issuer], in: db),
            hold: try hold(of: issuer, in: db))
    }

    /// As much of the book as bears on one claim: its windows, and not the account's whole history.
    static func book(
        of issuer: String, for claim: BudgetClaim, within limits: BudgetLimits, at now: Instant,
        in db: any SQLConnection
    ) throws -> IssuerBook {
        var found: [BudgetEntry] = []
        func add(_ kind: BudgetEntry.Kind, _ limit: BudgetLimits.Limit?, _ column: String?, _ value: String) throws {
            guard let limit else { return }
            // What is under way counts as new however long it has been so.
            found += try entries(
                "SELECT * FROM budget WHERE issuer = ? AND kind = ? AND (at > ? OR NOT settled)"
                    + (column.map { " AND \($0) = ?" } ?? "") + " ORDER BY n",
                [issuer, kind.rawValue, now.seconds - Int64(limit.seconds)] + (column == nil ? [] : [value]), in: db)
        }
        try add(.order, limits.orders, nil, "")
        try add(.certificate, limits.registeredDomain, "registered", claim.registered)
        if limits.registeredDomain == nil { try add(.certificate, limits.duplicates, "host", claim.host.key) }
        if let limit = limits.duplicates, let domain = limits.registeredDomain, limit.seconds > domain.seconds {
            // The longer window's rest.
            found = found.filter { $0.kind != .certificate }
            try add(.certificate, limit, "registered", claim.registered)
        }
        try add(.failure, limits.failedAuthorisations, "host", claim.host.key)
        found += try entries(
            "SELECT * FROM budget WHERE issuer = ? AND kind = 'waiting' ORDER BY n", [issuer], in: db)
        return IssuerBook(entries: found, hold: try hold(of: issuer, in: db))
    }

    private static func entries(_ sql: String, _ arguments: [any SQLValue], in db: any SQLConnection) throws
        -> [BudgetEntry]
    {
        try db.rows(sql, arguments).map { row in
            let kind = try row.text("kind")
            guard let known = BudgetEntry.Kind(rawValue: kind) else {
                throw BrokenRow("'\(kind)' counts for no budget")
            }
            return BudgetEntry(
                known, at: try row.seconds("at"), zone: try row.name("zone"),
                host: try row.name("host"), registered: try row.text("registered"), isSettled: try row.flag("settled"))
        }
    }

    static func hold(of issuer: String, in db: any SQLConnection) throws -> BudgetRefusal? {
        try db.row("SELECT until, reason FROM issuer_hold WHERE issuer = ?", [issuer]).map {
            BudgetRefusal(until: try $0.seconds("until"), reason: try $0.text("reason"))
        }
    }

    static func add(_ entry: BudgetEntry, of issuer: String, in db: any SQLConnection) throws {
        try db.run(
            "INSERT INTO budget (issuer, kind, at, zone, host, registered, settled) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                issuer, entry.kind.rawValue, entry.at.seconds, entry.zone.key, entry.host.key, entry.registered,
                entry.isSettled,
            ])
    }

    static func keep(_ hold: BudgetRefusal, of issuer: String, in db: any SQLConnection) throws {
        try db.run(
            """
            INSERT INTO issuer_hold (issuer, until, reason) VALUES (?, ?, ?) ON CONFLICT (issuer) DO UPDATE
            SET until = excluded.until, reason = excluded.reason WHERE excluded.until > issuer_hold.until
            """, [issuer, hold.until.seconds, hold.reason])
    }

    /// ``IssuerBook/release(_:)``.
    static func release(_ zone: DomainName, in db: any SQLConnection) throws {
        try db.run("DELETE FROM budget WHERE zone = ? AND NOT settled AND kind <> 'waiting'", [zone.key])
    }

    static func stopWaiting(_ zone: DomainName, in db: any SQLConnection) throws {
        try db.run("DELETE FROM budget WHERE zone = ? AND kind = 'waiting'", [zone.key])
    }

    /// ``IssuerBook/prune(at:longest:)``.
    static func prune(_ issuer: String, longest: Int, at now: Instant, in db: any SQLConnection) throws {
        let age = max(longest, IssuerBook.longestOrder)
        // Each kind by itself: so the index finds the old ones, and the account's history is not gone through at every order.
        for kind in BudgetEntry.Kind.allCases {
            try db.run(
                "DELETE FROM budget WHERE issuer = ? AND kind = ? AND at < ?",
                [issuer, kind.rawValue, now.seconds - Int64(age)])
        }
    }

    /// ``IssuerBook/note(_:of:at:)``.
    static func note(_ event: LedgerEvent, of zone: DomainName, at now: Instant, in db: any SQLConnection) throws {
        switch event {
        case .issuance(.ordered): try settle(zone, .order, at: nil, in: db)
        case .issuance(.abandoned):
            try db.run(
                "DELETE FROM budget WHERE zone = ? AND kind = 'certificate' AND NOT settled", [zone.key]
            )
        case .issuance(.unproven(let host, let issuer)):
            try add(BudgetEntry(.failure, at: now, zone: zone, host: host, registered: ""), of: issuer, in: db)
        case .issuance(.waitEnded(let issuer?)):
            try db.run("DELETE FROM issuer_hold WHERE issuer = ?", [issuer])
        case .outcome(_, .certificate, let left) where left.certificate != nil:
            try settle(zone, .order, at: nil, in: db)
            try settle(zone, .certificate, at: now, in: db)
            try stopWaiting(zone, in: db)
        default: break
        }
    }

    private static func settle(
        _ zone: DomainName, _ kind: BudgetEntry.Kind, at now: Instant?, in db: any SQLConnection
    ) throws {
        try db.run(
            "UPDATE budget SET settled = ?, at = coalesce(?, at) WHERE zone = ? AND kind = ? AND NOT settled",
            [true, now?.seconds, zone.key, kind.rawValue])
    }
}
