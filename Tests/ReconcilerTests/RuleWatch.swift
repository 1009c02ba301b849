import DNS
import Doubles
import MTASTS
import Planning
import Synchronization

/// Looks at the world after every call of ours and writes down what breaks rules 2, 3 and 5.
final class RuleWatch: Sendable {
    private struct State {
        var bodies: [String: String] = [:]
        var host: [IPAddress] = []
        var breaches: [String] = []
        /// Addresses that the announced host left, and that it did not come back to.
        var departed: Set<IPAddress> = []
    }
    private let state = Mutex(State())
    private let world: World
    private let zone: DomainName

    init(_ world: World, zone: DomainName) {
        self.world = world
        self.zone = zone
        world.faults.watch { [weak self] call in self?.judge(call) }
    }

    var breaches: [String] { state.withLock(\.breaches) }
    var departed: Set<IPAddress> { state.withLock(\.departed) }

    /// No resolver leads there any more, as the caller's clock has it.
    func forget(_ address: IPAddress) { state.withLock { _ = $0.departed.remove(address) } }

    private func judge(_ call: String) {
        judgeDeparted()
        switch call {
        case "write _mta-sts.\(zone)": judgeAnnouncement()
        case "write mta-sts.\(zone)": judgeHost()
        case "put \(zone)": judgeBody()
        case "remove \(zone)" where announced != nil:
            breach("the policy was taken away while \(announced?.text ?? "") was announced")
        default: break
        }
    }

    /// The one id that senders see, if it is one of ours.
    private var announced: PolicyID? {
        let texts = (world.dns.sets[World.key("_mta-sts.\(zone)", .txt)]?.data ?? []).compactMap {
            if case .txt(let text) = $0 { text.joined } else { [UInt8]?.none }
        }
        guard case .one(let record, _) = RecordSelection.select(from: texts), record.id.counter != nil else {
            return nil
        }
        return record.id
    }

    private var addresses: [IPAddress] {
        let host = "mta-sts.\(zone)"
        if case .cname(let target)? = world.dns.sets[World.key(host, .cname)]?.data.first {
            return (world.dns.sets[RecordKey(name: target, type: .a)]?.data ?? []).compactMap(\.address)
        }
        return [RecordType.a, .aaaa].flatMap { world.dns.sets[World.key(host, $0)]?.data ?? [] }.compactMap(\.address)
    }

    /// Rule 2: an id is announced only where every address of the host serves its body. Rule 5: and always the same body.
    private func judgeAnnouncement() {
        guard let announced else { return }
        let bodies = addresses.map { world.host.served(zone, at: $0) }
        if bodies.isEmpty { breach("\(announced) was announced, and the host has no address") }
        for body in bodies {
            // A repaired record may name the predecessor of what is served by now.
            guard let body, (body.id.counter ?? 0) >= (announced.counter ?? 0) else {
                breach("\(announced) was announced, and \(body?.id.text ?? "nothing") is served")
                continue
            }
            guard body.id == announced else { continue }
            state.withLock { state in
                if state.bodies[announced.text, default: body.body] != body.body {
                    state.breaches.append("\(announced) came back with another body")
                }
                state.bodies[announced.text] = body.body
            }
        }
    }

    /// Rule 2: the name points only at addresses that serve, once anything is announced.
    private func judgeHost() {
        let addresses = addresses
        let last = state.withLock { state in
            defer { state.host = addresses }
            if announced != nil, !addresses.isEmpty {
                state.departed = state.departed.union(state.host).subtracting(addresses)
            }
            return state.host
        }
        // A host that stood there before is put back whatever it serves: it only adds cover.
        guard announced != nil, addresses != last else { return }
        for address in addresses where world.host.served(zone, at: address) == nil {
            breach("the host's name was pointed at \(address), which serves nothing")
        }
    }

    /// Rule 2: a sender that is still led to a former address gets the announced policy or its successor, unless the machine there
    /// is down.
    private func judgeDeparted() {
        guard let announced else { return }
        for address in departed where !world.host.isSilent(at: address) {
            let body = world.host.served(zone, at: address)
            if (body?.id.counter ?? 0) < (announced.counter ?? 0) {
                breach("\(announced) is announced, and the former \(address) serves \(body?.id.text ?? "nothing")")
            }
        }
    }

    /// Rule 2: what is served is never older than what is announced. Rule 3: nor does it refuse every live mail host.
    private func judgeBody() {
        guard let served = world.host.hosted(zone) else { return }
        if let announced, (served.id.counter ?? 0) < (announced.counter ?? 0) {
            breach("\(announced) is announced, and its predecessor \(served.id) is served")
        }
        guard let policy = try? Policy.parse(Array(served.body.utf8)) else {
            return breach("\(served.id) is no policy")
        }
        let hosts = (world.dns.sets[World.key("\(zone)", .mx)]?.data ?? []).compactMap {
            if case .mx(let mx) = $0 { mx.exchange } else { DomainName?.none }
        }
        if policy.mode == .enforce, !hosts.contains(where: { host in policy.mx.contains { $0.matches(host) } }) {
            breach("\(served.id) refuses every mail host: \(hosts)")
        }
    }

    private func breach(_ words: String) { state.withLock { $0.breaches.append(words) } }
}
