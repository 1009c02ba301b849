import DNS
import Manifests
import Planning
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

/// A state whose leases and waits are ended by hand, wherever it lies.
typealias ByHand = LedgerStore & LeaseBreaker & IssuanceBudgetReader

extension Wiring {
    /// Gives `body` the state for changing by hand, where there is one already: what is done to a ledger by hand makes none.
    func byHand<Value>(_ body: (any ByHand) async throws -> Value) async throws -> Value {
        if let remote = try remote() {
            try await remote.reader.checkClock(Self.now)
            return try await body(remote)
        }
        guard let reader = try reader() else {
            throw Refusal(
                message: "there is no ledger in '\(stateFolder)'", action: "check 'state' in the configuration")
        }
        try await Self.checkClock(reader)
        let store = try store()
        defer { try? store.close() }
        return try await body(store)
    }

    /// Throws where this machine's clock is behind what the ledger says was done: whatever is judged by it would be judged wrongly.
    static func checkClock(_ ledger: some LedgerReader) async throws(Failure) {
        // The ledger first: what another process writes meanwhile is of no time to come.
        guard let last = try await ledger.history(of: nil, limit: 1).first?.at, case let now = now(), now < last else {
            return
        }
        throw Failure(
            .configuration,
            "this machine's clock says \(now), and the ledger's last entry is of \(last): set the clock by NTP, and run again; where it is right now and was ahead when that was written, wait until then"
        )
    }
}
