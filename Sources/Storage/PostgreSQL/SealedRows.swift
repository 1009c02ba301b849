import Ports
import Sealing

/// Private keys as rows, named as the key files of a state folder are, so that what was sealed there opens here and the other way round.
struct SealedRows: Sendable {
    let seal: Seal
    private let names: KeyFiles
    private let folder: String

    init(_ place: PostgreSQLPlace, _ seal: Seal) throws(Failure) {
        guard seal.current != nil else {
            throw Failure(
                .configuration,
                "private keys are never kept unsealed in PostgreSQL, and no secret is configured: set 'keys: {seal: {secret: …}}' in certadns.yaml"
            )
        }
        self.seal = seal
        // Only for the names that errors show, and that are sealed with the keys.
        folder = "postgresql://\(place.host)/\(place.database)/private_key"
        names = KeyFiles(folder: folder, seal: seal)
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
        do throws(SealError) { return try opened(octets, role, path(role, name)).plain } catch { throw error.failure }
    }

    /// What lies here in the open is nothing that we wrote.
    private func opened(
        _ octets: [UInt8], _ role: KeyRole, _ path: String
    ) throws(SealError) -> (plain: [UInt8], state: Seal.State) {
        let opened = try seal.open(octets, as: role, at: path)
        guard opened.state != .plain else { throw .broken(path: path) }
        return opened
    }

    /// All rows, sorted by name.
    func all(in db: any SQLConnection) throws -> [Held] {
        try db.rows("SELECT name, role, sealed FROM private_key ORDER BY name").map(held)
    }

    /// The row of this name, if there is one.
    func one(_ name: String, in db: any SQLConnection) throws -> Held? {
        try db.row("SELECT name, role, sealed FROM private_key WHERE name = ?", [name]).map(held)
    }

    private func held(_ row: any SQLRow) throws -> Held {
        let role = try row.text("role")
        guard let known = KeyRole(rawValue: role) else { throw BrokenRow("'\(role)' is no key's role") }
        return Held(name: try row.text("name"), role: known, octets: try row.octets("sealed"))
    }

    /// A row as it lies there.
    struct Held: Sendable {
        let name: String
        let role: KeyRole
        let octets: [UInt8]
    }

    /// How it is sealed.
    func state(of held: Held) throws(SealError) -> Seal.State {
        try opened(held.octets, held.role, folder + "/" + held.name).state
    }

    /// How many are sealed how.
    func inventory(of all: [Held]) -> KeyInventory {
        var inventory = KeyInventory()
        for held in all {
            do throws(SealError) { inventory.count(try state(of: held)) } catch {
                inventory.unreadable.append("\(error)")
            }
        }
        return inventory
    }

    /// The same under the seal as it is configured; `nil` where it is so already.
    func anew(_ held: Held) throws(SealError) -> [UInt8]? {
        let path = folder + "/" + held.name
        let (plain, state) = try opened(held.octets, held.role, path)
        return state == seal.wanted ? nil : try seal.close(plain, as: held.role, at: path)
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

    /// Takes a key file of a backup in, which must be sealed: the local CA's own has no place here.
    func take(_ file: StateRecord.KeyFile, in db: any SQLConnection) throws {
        let name = row(file.name)
        guard file.name == "keys/" + name, let role = KeyFiles.role(of: name) else {
            throw Failure(
                .configuration,
                "'\(file.name)' is no key that PostgreSQL keeps: the local CA's lies in a folder; configure a CA that speaks ACME, or back up with --no-keys"
            )
        }
        guard file.isSealed else {
            throw Failure(
                .configuration,
                "the backup's private keys are not sealed, and PostgreSQL keeps no others: seal them with 'certadns keys rotate' before the backup, or back up with --no-keys"
            )
        }
        try db.run(
            """
            INSERT INTO private_key (name, role, sealed) VALUES (?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed
            """, [name, role.rawValue, file.octets])
    }

    func drop(_ role: KeyRole, _ name: String, in db: any SQLConnection) throws {
        try db.run("DELETE FROM private_key WHERE name = ?", [row(path(role, name))])
    }
}
