import Findings
import Foundation
import Manifests
import Ports
import RemoteState
import Sealing
import Storage

/// A state whose leases and waits are ended by hand, wherever it is.
typealias ByHand = LedgerStore & LeaseBreaker & IssuanceBudgetReader

/// Where the state is, decided here alone: in a folder, in a PostgreSQL database, or beside another machine's `certadns serve`.
extension Wiring {
    /// The state for reading, wherever it lies; `nil` where there is none yet. Its clock is this machine's, or it ends here, unless nothing
    /// is `judged` by it.
    func stateReader(judged: Bool = true) async throws(Failure) -> (any StateReading)? {
        if let remote = try remote() {
            if judged { try await remote.reader.checkSkew(Self.now) }
            return remote.reader
        }
        guard let reader = try await reader(judged: judged) else { return nil }
        if judged { try await checkLastEntry(reader) }
        return reader
    }

    /// The state that this machine itself holds, for reading; `nil` where there is none yet. Of a clock that is not the server's nothing is
    /// said where nothing is `judged` by it.
    func reader(judged: Bool = true) async throws(Failure) -> (any StateReading)? {
        try refuseRemote()
        if let place = try postgreSQL() {
            guard let reader = try await PostgreSQLReader.open(place) else { return nil }
            if judged { try await reader.checkSkew(Self.now, of: place.words) }
            return reader
        }
        try checkFolder()
        return try SQLiteReader.open(folder: stateFolder, clock: Self.now)
    }

    /// The state that this machine itself holds, for writing.
    func store() async throws(Failure) -> any StateStore {
        try refuseRemote()
        let seal = try seal()
        if let place = try postgreSQL() {
            let store = try await PostgreSQLStore.open(place, seal: seal)
            try await store.checkSkew(Self.now, of: place.words)
            return store
        }
        try checkFolder()
        return try SQLiteStore.open(folder: stateFolder, seal: seal, clock: Self.now)
    }

    /// The store for writing, where there is one already: what is done by hand to a ledger makes none.
    func existingStore() async throws -> any StateStore {
        guard try await reader() != nil else {
            throw Refusal(message: "there is no ledger in \(stateWords)", action: "check 'state' in the configuration")
        }
        return try await store()
    }

    /// Gives `body` the state for changing by hand, wherever it is, where there is one already: what is done to a ledger by hand makes none.
    func byHand<Value>(_ body: (any ByHand) async throws -> Value) async throws -> Value {
        if let remote = try remote() {
            try await remote.reader.checkSkew(Self.now)
            return try await body(remote)
        }
        let store = try await existingStore()
        try await checkLastEntry(store)
        defer { try? store.close() }
        return try await body(store)
    }

    /// How the private keys that this machine itself holds are sealed. Nothing is made or migrated for the look.
    func keyInventory() async throws(Failure) -> KeyInventory {
        let seal = try seal()
        guard let place = try postgreSQL() else { return try KeyFiles(folder: stateFolder, seal: seal).inventory() }
        guard let reader = try await PostgreSQLReader.open(place) else { return KeyInventory() }
        defer { reader.close() }
        return try await reader.inventory(under: seal)
    }

    /// The private keys that this machine itself holds, for sealing them anew; no folder or database is made for them.
    func sealedKeys() async throws -> any SealedKeys {
        if configuration.postgreSQL != nil { return try await existingStore() }
        return KeyFiles(folder: stateFolder, seal: try seal())
    }

    /// Throws where the store's own clock is behind what the ledger says was done. In a folder that is this machine's; that this machine's is
    /// near a server's is another check, made when its store is opened.
    func checkLastEntry(_ ledger: some LedgerReader & StoreClock) async throws(Failure) {
        try await ledger.checkLastEntry(
            by: configuration.postgreSQL == nil ? "this machine's clock" : "the clock of \(stateWords)")
    }

    /// Where the state of this machine is, for people.
    var stateWords: String {
        guard let choice = configuration.postgreSQL else { return "'\(stateFolder)'" }
        return "the database '\(choice.database)' of PostgreSQL at \(choice.host):\(choice.port)"
    }

    /// The keys and the ledger beside `serve` are its own machine's to change.
    private func refuseRemote() throws(Failure) {
        guard let remote = configuration.remoteState else { return }
        throw Failure(
            .configuration, "the state is beside the 'certadns serve' of \(remote.url); do this where it runs")
    }

    private func checkFolder() throws(Failure) {
        try StoreFiles(folder: stateFolder).checkShape(statedAt: configuration.statePlace?.description)
    }

    private func postgreSQL() throws(Failure) -> PostgreSQLPlace? {
        guard let choice = configuration.postgreSQL else { return nil }
        let password: Redacted<String>? =
            if let reference = choice.password {
                try Secrets.text(reference, folder: folder, of: "the password of 'state: postgres'")
            } else { nil }
        let encryption: PostgreSQLPlace.Encryption =
            switch choice.tls {
            case .off: .off
            case .asServerWishes: .asServerWishes
            case .verified(let file): .verified(roots: file.map(path) ?? Self.systemRoots)
            }
        return PostgreSQLPlace(
            host: choice.host, port: choice.port, database: choice.database,
            user: choice.user, password: password, schema: choice.schema, encryption: encryption)
    }

    /// The system's CAs as one file: libpq 15 takes no other form. By the variable that OpenSSL itself goes by, else Debian's.
    private static var systemRoots: String {
        ProcessInfo.processInfo.environment["SSL_CERT_FILE"] ?? "/etc/ssl/certs/ca-certificates.crt"
    }
}
