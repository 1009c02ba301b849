package import DNS
import MTASTS
package import Planning
import Ports

/// Looks at one zone from all sides at once and writes down what was seen.
package struct Observer: Sendable {
    private let readers: ZoneReaders

    /// An observer through these ports.
    package init(_ readers: ZoneReaders) { self.readers = readers }

    /// One look at what `needs` names; the rest stays 'not asked'.
    package func look(at zone: DomainName, needs: LookNeeds = .all) async -> LiveZone {
        var live = LiveZone(zone: zone)
        async let mx = needs.mail ? mailHosts(of: zone) : .unknown(.notAsked)
        async let certificate = needs.certificate ? held(zone) : .unknown(.notAsked)
        async let delivered = needs.certificate ? delivered(zone) : nil
        async let hosted = needs.policy ? hosted(zone) : .unknown(.notAsked)
        async let permission = needs.caa ? permission(in: zone) : (.unknown(.notAsked), nil)
        async let seen = needs.sendersView ? sendersView(of: zone, needs) : [:]
        let keys =
            needs.policy
            ? Owned.keys(of: zone, delegation: needs.delegation)
            : needs.reports ? Owned.keys(of: zone, resource: .tlsRPTRecord, delegation: needs.delegation) : []
        async let aliases = aliases(needs.aliases)
        if !keys.isEmpty { live.records = await readers.dns.read(keys) }
        live.seen = await seen
        live.aliases = await aliases
        if needs.policy {
            live.policy = await policy(
                of: zone, live, asSenders: needs.sendersView || needs.delegation != nil)
        }
        for place in needs.former where !readers.probesFixedPlace {
            live.former[place] = await former(place, of: zone)
        }
        if needs.policy, let evidence = readers.evidence {
            do throws(Failure) { live.evidence = try await evidence.evidence(for: zone) } catch {
                live.evidence = .missing("what was taken in can't be read: \(error.detail)")
            }
        }
        live.mx = await mx
        if needs.whereabouts {
            let whereabouts = await whereabouts(of: zone)
            live.whereabouts = whereabouts
            // Whoever answers for it now may answer our record still.
            if case .away = whereabouts.verdict(home: needs.home), !needs.sendersView {
                live.seen = await sendersView(of: zone, needs)
            }
        }
        if let listed = needs.listed, let watcher = readers.mail,
            (live.mx.value ?? []).contains(where: { mail in !listed.contains { $0.matches(mail.host) } })
        {
            live.mailServers = await watcher.mailHosts(of: zone)
        }
        live.certificate = await certificate
        live.delivered = await delivered
        live.hosted = await hosted
        (live.caa, live.issuer) = await permission
        // Nobody knew before this look that one has to be issued.
        if needs.certificate, !needs.caa, live.certificate.isAbsent {
            (live.caa, live.issuer) = await self.permission(in: zone)
        }
        return live
    }

    /// Where the domain is delegated to, and where its provider says.
    private func whereabouts(of zone: DomainName) async -> Whereabouts {
        let key = RecordKey(name: zone, type: .ns)
        async let asked = readers.resolver.resolve(zone, .ns)
        let held = await readers.dns.read([key])[key] ?? .unknown(.notAsked)
        func names(_ data: [RecordData]) -> [DomainName] {
            data.compactMap { if case .ns(let name) = $0 { name } else { nil } }
        }
        return Whereabouts(asked: await asked.map { names($0.data) }, held: held.map { names($0.data) })
    }

    /// Whom CAA has to allow, and the set that counts; nobody is asked for the set where it can decide nothing.
    private func permission(in zone: DomainName) async -> (Observation<CAALook>, IssuerIdentity?) {
        guard let issuer = await readers.issuer() else { return (.unknown(.notAsked), nil) }
        return (await caa(of: zone), issuer)
    }

    /// RFC 8659 §3: the host's own set, an alias followed, else the closest one above; the root is not asked (CAA-1).
    private func caa(of zone: DomainName) async -> Observation<CAALook> {
        var name: DomainName? = CertificateOwner(key: zone).host
        while let current = name, current != .root {
            switch await readers.resolver.resolve(current, .caa) {
            case .unknown(let unknown): return .unknown(unknown)
            case .value(let resolution) where !resolution.data.isEmpty:
                let records = resolution.data.compactMap { if case .caa(let caa) = $0 { caa } else { nil } }
                return .value(CAALook(owner: current, records: records))
            case .value, .absent: name = current.parent
            }
        }
        return .absent(.plain)
    }

    /// The two TXT sets as resolvers answer them: caches and lagging secondaries included, which is what senders get.
    private func sendersView(of zone: DomainName, _ needs: LookNeeds) async -> [RecordKey: Observation<[RecordData]>] {
        var seen: [RecordKey: Observation<[RecordData]>] = [:]
        for resource in [Resource.mtaSTSRecord, .tlsRPTRecord] {
            guard resource == .mtaSTSRecord ? needs.policy : needs.reports,
                let owner = Owned.owner(of: resource, zone: zone)
            else { continue }
            let answer = await readers.resolver.resolve(owner, .txt).map(\.data)
            seen[RecordKey(name: owner, type: .txt)] = answer
            // Through the owner's alias that is the record of ours.
            if let ours = needs.delegation?.owner(of: resource, zone: zone) {
                seen[RecordKey(name: ours, type: .txt)] = answer
            }
        }
        return seen
    }

    /// What each of `names` is an alias of, as everybody sees it.
    private func aliases(_ names: [DomainName]) async -> [DomainName: Observation<DomainName>] {
        var found: [DomainName: Observation<DomainName>] = [:]
        for name in names {
            switch await readers.resolver.resolve(name, .cname) {
            case .unknown(let unknown): found[name] = .unknown(unknown)
            case .absent(let absence): found[name] = .absent(absence)
            case .value(let resolution):
                if case .cname(let target)? = resolution.data.first {
                    found[name] = .value(target)
                } else {
                    found[name] = .absent(.plain)
                }
            }
        }
        return found
    }

    /// MX records with what each host's name leads to (RFC 5321 §5.1).
    private func mailHosts(of zone: DomainName) async -> Observation<[LiveMX]> {
        let answer = await readers.resolver.resolve(zone, .mx)
        guard case .value(let resolution) = answer else { return answer.map { _ in [] } }
        let records = resolution.data.compactMap { if case .mx(let mx) = $0 { mx } else { nil } }
        let hosts = await withTaskGroup(of: LiveMX.self) { group in
            for mx in records {
                group.addTask {
                    LiveMX(preference: mx.preference, host: mx.exchange, target: await target(of: mx.exchange))
                }
            }
            var hosts: [LiveMX] = []
            for await host in group { hosts.append(host) }
            return hosts
        }
        return .value(hosts.sorted { ($0.preference, $0.host) < ($1.preference, $1.host) })
    }

    private func target(of host: DomainName) async -> LiveMX.Target {
        if host == .root { return .nowhere }
        async let v4 = readers.resolver.resolve(host, .a)
        async let v6 = readers.resolver.resolve(host, .aaaa)
        var addresses: [IPAddress] = []
        var unknown: String?
        for answer in [await v4, await v6] {
            switch answer {
            case .value(let resolution):
                if !resolution.aliases.isEmpty, let end = await end(of: host) { return .alias(end) }
                addresses += resolution.data.compactMap(\.address)
            case .absent: break
            case .unknown(let why): unknown = why.reason
            }
        }
        if let unknown { return .unknown(unknown) }
        if !addresses.isEmpty { return .addresses(addresses.sorted()) }
        return await end(of: host).map { .alias($0) } ?? .nowhere
    }

    /// What a CNAME at `host` names; `nil` when there is none.
    private func end(of host: DomainName) async -> DomainName? {
        guard case .value(let resolution) = await readers.resolver.resolve(host, .cname),
            case .cname(let target)? = resolution.data.first
        else { return nil }
        return target
    }

    /// The policy as each address of the host serves it; the host as the provider has it, or as senders' resolvers do.
    private func policy(of zone: DomainName, _ live: LiveZone, asSenders: Bool) async -> Observation<[PolicyLook]> {
        switch asSenders ? await resolved(WellKnown.hostName(zone)) : await addresses(of: zone, records: live) {
        case .absent(let absence): return .absent(absence)
        case .unknown(let unknown): return .unknown(unknown)
        case .value(let addresses):
            return .value(await look(zone, at: readers.probesFixedPlace ? [nil] : addresses.map(Optional.some)))
        }
    }

    /// A place that the policy host left, as senders find it who are still led there.
    private func former(_ place: HostTarget, of zone: DomainName) async -> Observation<[PolicyLook]> {
        let addresses: [IPAddress]
        switch place {
        case .addresses(let stated): addresses = stated
        case .cname(let name):
            switch await resolved(name) {
            case .value(let found): addresses = found
            case .absent(let absence): return .absent(absence)
            case .unknown(let unknown): return .unknown(unknown)
            }
        }
        return .value(await look(zone, at: addresses))
    }

    /// One look at each address, all at once.
    package func look(_ zone: DomainName, at addresses: [IPAddress?]) async -> [PolicyLook] {
        await withTaskGroup(of: (Int, PolicyLook).self) { group in
            for (index, address) in addresses.enumerated() {
                group.addTask { (index, await readers.probe.policy(of: zone, at: address)) }
            }
            var looks: [(Int, PolicyLook)] = []
            for await look in group { looks.append(look) }
            return looks.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// Every address of the policy host, as the zone's provider has it; through a CNAME, as everybody sees it.
    package func addresses(of zone: DomainName, records: LiveZone) async -> Observation<[IPAddress]> {
        let host = WellKnown.hostName(zone)
        if case .value(let alias) = records[RecordKey(name: host, type: .cname)],
            case .cname(let target)? = alias.data.first
        {
            return await resolved(target)
        }
        var found: [IPAddress] = []
        for type in [RecordType.a, .aaaa] {
            switch records[RecordKey(name: host, type: type)] {
            case .value(let set): found += set.data.compactMap(\.address)
            case .absent: break
            case .unknown(let unknown): return .unknown(unknown)
            }
        }
        return found.isEmpty ? .absent(.plain) : .value(found.sorted())
    }

    /// Every address of `name`, through aliases, as everybody sees it.
    package func resolved(_ name: DomainName) async -> Observation<[IPAddress]> {
        async let v4 = readers.resolver.resolve(name, .a)
        async let v6 = readers.resolver.resolve(name, .aaaa)
        var found: [IPAddress] = []
        for answer in [await v4, await v6] {
            switch answer {
            case .value(let resolution): found += resolution.data.compactMap(\.address)
            case .absent: break
            case .unknown(let unknown): return .unknown(unknown)
            }
        }
        return found.isEmpty ? .absent(.plain) : .value(found.sorted())
    }

    private func held(_ zone: DomainName) async -> Observation<CertificateFacts> {
        do throws(Failure) {
            return try await readers.certificates.certificate(for: CertificateOwner(key: zone).host).map { .value($0) }
                ?? .absent(.plain)
        } catch {
            return .unknown(Unknown(error.detail, passing: error.retryable))
        }
    }

    private func delivered(_ zone: DomainName) async -> Observation<DeliveredCertificate>? {
        guard let delivery = readers.delivery else { return nil }
        do throws(Failure) {
            return try await delivery.delivered(for: CertificateOwner(key: zone).host).map { .value($0) }
                ?? .absent(.plain)
        } catch {
            return .unknown(Unknown(error.detail, passing: error.retryable))
        }
    }

    private func hosted(_ zone: DomainName) async -> Observation<String> {
        do throws(Failure) {
            return try await readers.policies.policy(for: zone).map { .value($0.body) } ?? .absent(.plain)
        } catch {
            return .unknown(Unknown(error.detail, passing: error.retryable))
        }
    }
}
