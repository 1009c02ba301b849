import DNS
import Manifests
import Ports
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
    /// The store for writing, where there is one already: what is done by hand to a ledger makes none.
    func existingStore() throws -> SQLiteStore {
        guard try reader() != nil else {
            throw Refusal(
                message: "there is no ledger in '\(stateFolder)'", action: "check 'state' in the configuration")
        }
        return try store()
    }
}
