import Ports
import Sealing

/// Private keys as rows, named as the key files of a state folder are, so that what was sealed there opens here and the other way round.
struct SealedRows: Sendable {
    let seal: Seal
    private let names: KeyFiles

    init(_ place: PostgreSQLPlace, _ seal: Seal) throws(Failure) {
        guard seal.current != nil else {
            throw Failure(
                .configuration,
                "private keys are never kept unsealed in PostgreSQL, and no secret is configured: set 'keys: {seal: {secret: …}}' in certadns.yaml"
            )
        }
        self.seal = seal
        // Only for the names that errors show, and that are sealed with the keys.
        names = KeyFiles(folder: "postgresql://\(place.host)/\(place.database)", seal: seal)
    }

    /// What a key is called, for errors and for its seal; its last part is the row's name.
    private func path(_ role: KeyRole, _ name: String) -> String { names.path(of: role, name) }

    private func row(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    func close(_ plain: [UInt8], as role: KeyRole, _ name: String) throws(Failure) -> [UInt8] {
        do throws(SealError) { return try seal.close(plain, as: role, at: path(role, name)) } catch {
            throw error.failure
        }
    }

    func open(_ octets: [UInt8], as role: KeyRole, _ name: String) throws(Failure) -> [UInt8] {
        let path = path(role, name)
        do throws(SealError) {
            let (plain, state) = try seal.open(octets, as: role, at: path)
            if state == .plain { throw SealError.broken(path: path) }
            return plain
        } catch { throw error.failure }
    }

    func get(_ role: KeyRole, _ name: String, in db: any SQLConnection) throws -> [UInt8]? {
        try db.row("SELECT sealed FROM private_key WHERE name = ?", [row(path(role, name))])?.octets("sealed")
    }

    func put(_ sealed: [UInt8], _ role: KeyRole, _ name: String, in db: any SQLConnection) throws {
        try db.run(
            """
            INSERT INTO private_key (name, role, sealed) VALUES (?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed
            """, [row(path(role, name)), role.rawValue, sealed])
    }

    func drop(_ role: KeyRole, _ name: String, in db: any SQLConnection) throws {
        try db.run("DELETE FROM private_key WHERE name = ?", [row(path(role, name))])
    }
}
