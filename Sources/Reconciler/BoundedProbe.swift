package import DNS
package import Planning
package import Ports
import Synchronization

/// Bounds how many looks are under way at each address: a fleet shares few policy hosts, and one that hangs holds up only
/// those who ask it.
package final class BoundedProbe: Probe {
    private let probe: any Probe
    private let limit: Int
    private let gates = Mutex<[IPAddress?: Gate]>([:])

    /// `probe`, at most `limit` looks at once at each address.
    package init(_ probe: any Probe, limit: Int = 64) {
        self.probe = probe
        self.limit = limit
    }

    package func policy(of zone: DomainName, at address: IPAddress?) async -> PolicyLook {
        let gate = gates.withLock { gates in
            if let gate = gates[address] { return gate }
            let gate = Gate(limit: limit)
            gates[address] = gate
            return gate
        }
        await gate.enter()
        defer { gate.leave() }
        return await probe.policy(of: zone, at: address)
    }
}
