import DNS
import Manifests
import Ports
import RemoteState
import Storage

extension ZoneArguments {
    /// A zone that a command can't do without.
    static func name(_ text: String) throws -> DomainName {
        guard let name = ZoneName.parse(key: text) else {
            throw Refusal(message: "'\(text)' is no domain name", action: "name a zone")
        }
        return name
    }
}

extension Wiring {
    /// Runs `body` over the ledger, wherever it lies, where there is one already.
    func withLedger<Value>(_ body: (any LedgerStore) async throws -> Value) async throws -> Value {
        if let remote = try remote() {
            try await remote.reader.checkClock(Self.now)
            return try await body(remote)
        }
        let store = try existingStore()
        defer { try? store.close() }
        return try await body(store)
    }

    /// The store for writing, where there is one already: what is done by hand to a ledger makes none.
    func existingStore() throws -> SQLiteStore {
        guard try reader() != nil else {
            throw Refusal(
                message: "there is no ledger in '\(stateFolder)'", action: "check 'state' in the configuration")
        }
        return try store()
    }
}
