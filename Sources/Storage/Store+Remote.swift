package import DNS
package import Planning
package import Ports

/// The store as runs elsewhere reach it through `certadns serve`.
extension RowStore {
    package func ledgers(after zone: DomainName?, limit: Int) async throws(Failure) -> [ZoneLedger] {
        try await read { try LedgerRows.page(after: zone, limit: limit, in: $0) }
    }

    package func answer(to write: WriteOnce) async throws(Failure) -> String? {
        try await read { try AccessRows.answer(to: write, in: $0) }
    }

    package func once<Value: Sendable>(
        _ write: WriteOnce, _ body: @Sendable () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await OnceScope.$current.withValue(write) {
            do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    package func check(_ lease: Lease, of token: String) async throws(Failure) {
        try await read { db in
            try AccessRows.check(lease, of: token, in: db)
            try LeaseRows.check(lease, in: db)
        }
    }

    package func add(_ token: AccessToken) async throws(Failure) {
        try await write { try AccessRows.add(token, in: $0) }
    }

    package func tokens() async throws(Failure) -> [AccessToken] {
        try await read { try $0.rows("SELECT * FROM token ORDER BY rowid DESC").map(AccessRows.token) }
    }

    package func token(_ id: String) async throws(Failure) -> AccessToken? {
        try await read { try $0.row("SELECT * FROM token WHERE id = ?", [id]).map(AccessRows.token) }
    }

    package func revoke(_ nameOrID: String, at now: Instant) async throws(Failure) -> [AccessToken] {
        try await write { db in
            let rows = try db.rows(
                "SELECT * FROM token WHERE (name = ? OR id = ?) AND revoked_at IS NULL", [nameOrID, nameOrID])
            var ended = try rows.map(AccessRows.token)
            for index in ended.indices {
                ended[index].revokedAt = now
                try db.run("UPDATE token SET revoked_at = ? WHERE id = ?", [now.description, ended[index].id])
            }
            return ended
        }
    }

    package func note(_ use: TokenUse) async throws(Failure) { try await write { try AccessRows.note(use, in: $0) } }

    package func uses(of id: String?, limit: Int) async throws(Failure) -> [TokenUse] {
        try await read { try AccessRows.uses(of: id, limit: max(0, limit), in: $0) }
    }
}

extension LedgerRows {
    /// Whoever has a ledger stands in one of these tables.
    static func page(after zone: DomainName?, limit: Int, in db: any SQLConnection) throws -> [ZoneLedger] {
        let tables = ["zone", "published", "intent", "mx_seen", "issuance", "former_host"]
        let union = tables.map { "SELECT zone FROM \($0)" }.joined(separator: " UNION ")
        let names = try db.rows(union).map { try $0.name("zone") }.sorted()
        let rest = zone.map { zone in names.filter { zone < $0 } } ?? names
        return try rest.prefix(max(0, limit)).map { try ledger(of: $0, in: db) }
    }
}
