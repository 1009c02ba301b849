package import DNS
import Planning
package import Ports
import Testing

/// What every DNS provider must do, real ones and doubles: awkward values come back as they were put, beside 500 record sets
/// that nobody touches.
package struct DNSConformance: Sendable {
    /// A new one each time: what one phase made a provider remember, such as where its zone begins, must not help the next.
    private let fresh: @Sendable () -> any DNSWriter
    let zone: DomainName
    /// All record sets of the zone but its SOA, seen by other means than the provider's.
    private let everything: @Sendable () async throws -> Set<RecordSet>

    /// A suite over a provider whose zone holds ``zoneText(_:)``; `provider` makes one that has seen nothing.
    package init(
        zone: DomainName, everything: @escaping @Sendable () async throws -> Set<RecordSet>,
        provider fresh: @escaping @Sendable () -> any DNSWriter
    ) {
        self.fresh = fresh
        self.zone = zone
        self.everything = everything
    }

    /// The master file of the zone that the suite wants: 500 record sets that are nobody's business.
    package static func zoneText(_ zone: DomainName) -> String {
        var text = """
            $ORIGIN \(zone).
            $TTL 600
            @ SOA ns1 hostmaster 1 3600 600 86400 300
            @ NS ns1
            ns1 A 127.0.0.1
            *.wild TXT "a wildcard's"
            *.wild A 192.0.2.99
            child NS ns.elsewhere.test.
            leaf.ent TXT "below an empty non-terminal"
            alias CNAME ns1

            """
        for number in 0..<494 {
            switch number % 4 {
            case 0: text += "f\(number) A 192.0.2.\(number % 250)\n"
            case 1: text += "f\(number) TXT \"v=spf1 ip4:192.0.2.0/24 -all\" \"\(number)\"\n"
            case 2: text += "f\(number) MX 10 f\(number - 2)\n"
            default: text += "_f\(number)._tcp 60 TYPE65281 \\# 2 00\(number % 10)0\n"
            }
        }
        return text
    }

    /// Everything.
    package func check() async throws {
        let foreign = try await everything()
        #expect(foreign.count >= 500)
        for value in AwkwardValue.all { try await check(value) }
        try await aliases()
        try await aliasOutOfZone()
        try await singleValues()
        try await contest()
        try await wildcards()
        try await delegation()
        try await emptyNonTerminal()
        #expect(try await everything() == foreign, "nothing of ours is left, and what is not ours is as it was")
    }

    var provider: any DNSWriter { fresh() }

    func look(_ key: RecordKey) async -> Observation<RecordSet> {
        await provider.read([key])[key] ?? .unknown(Unknown("the provider did not answer for \(key)"))
    }

    func put(_ set: RecordSet, expecting: [RecordSet] = []) -> RecordChange {
        let other: RecordType = set.key.type == .cname ? .a : .cname
        return RecordChange(
            owner: set.key.name, expecting: expecting,
            absent: ([set.key.type, other]).filter { type in !expecting.contains { $0.key.type == type } },
            writing: [set])
    }

    func delete(_ set: RecordSet) -> RecordChange {
        RecordChange(owner: set.key.name, expecting: [set], absent: [], writing: [])
    }

    /// Created, read back, other values in their place, the first again, gone.
    private func check(_ value: AwkwardValue) async throws {
        let set = try value.set(in: zone)
        let comment = Comment(rawValue: value.name)
        #expect(await look(set.key) == .absent(.plain), comment)
        try await provider.write(put(set))
        let normal = provider.normalForm(of: set)
        #expect(await look(set.key) == .value(normal), comment)
        #expect(await look(try lowerCased(set.key)) == .value(normal), "names are compared without case")
        // A call whose answer was lost is made again: it succeeds without effect.
        try await provider.write(put(set))
        #expect(await look(set.key) == .value(normal), comment)
        let longer = set.with(ttl: 4_321)
        try await provider.write(put(longer, expecting: [normal]))
        try await provider.write(put(longer, expecting: [normal]))
        #expect(await look(set.key) == .value(provider.normalForm(of: longer)), comment)
        try await provider.write(delete(provider.normalForm(of: longer)))
        try await provider.write(delete(provider.normalForm(of: longer)))
        #expect(await look(set.key) == .absent(.plain), comment)
    }

    private func lowerCased(_ key: RecordKey) throws -> RecordKey {
        RecordKey(name: key.name.lowercased, type: key.type)
    }

    /// An address becomes an alias and an address again; an alias that stands there forbids a new record.
    private func aliases() async throws {
        let name = try DomainName("turn.\(zone)")
        let first = try #require(IPv4Address("192.0.2.1"))
        let address = try set(name, [.a(first)])
        let alias = try set(name, [.cname(DomainName("policy.example.net"))])
        try await provider.write(put(address))
        try await provider.write(put(alias, expecting: [address]))
        #expect(await look(alias.key) == .value(alias))
        #expect(await provider.read([address.key, alias.key])[address.key] == .absent(.plain))
        try await provider.write(put(address, expecting: [alias]))
        #expect(await look(address.key) == .value(address))
        #expect(await look(alias.key) == .absent(.plain))
        try await provider.write(delete(address))
        let besideAlias = try set(DomainName("alias.\(zone)"), [.txt(TextData("beside a CNAME"))])
        await expect(.conflict) { try await provider.write(put(besideAlias)) }
    }

    /// The zone of an alias is the one that it stands in, wherever it points (RFC 1034 §3.6.2).
    private func aliasOutOfZone() async throws {
        for (owner, target) in [("away", "policy.example.net"), ("down", "x.child.\(zone)"), ("up", "\(zone)")] {
            let alias = try set(DomainName("\(owner).\(zone)"), [.cname(DomainName(target))])
            try await provider.write(put(alias))
            #expect(await look(alias.key) == .value(alias), "\(target)")
            let text = try set(alias.key.name, [.txt(TextData("beside"))])
            #expect(await provider.read([alias.key, text.key])[text.key] == .absent(.plain), "\(target)")
            await expect(.conflict) { try await provider.write(put(text)) }
            try await provider.write(put(alias.with(ttl: 60), expecting: [alias]))
            try await provider.write(delete(alias.with(ttl: 60)))
            #expect(await look(alias.key) == .absent(.plain), "\(target)")
        }
    }

    /// What the plan did not see is not overwritten, whichever way it differs.
    private func contest() async throws {
        let name = try DomainName("contest.\(zone)")
        let ours = try set(name, [.txt(TextData("ours"))])
        let theirs = try set(name, [.txt(TextData("theirs")), .txt(TextData("ours"))])
        try await provider.write(put(theirs))
        await expect(.conflict) { try await provider.write(put(ours)) }
        await expect(.conflict) { try await provider.write(put(set(name, [.txt(TextData("new"))]), expecting: [ours])) }
        await expect(.conflict) { try await provider.write(delete(ours)) }
        #expect(await look(ours.key) == .value(theirs))
        try await provider.write(delete(theirs))
        await expect(.conflict) { try await provider.write(put(set(name, [.txt(TextData("new"))]), expecting: [ours])) }
        #expect(await look(ours.key) == .absent(.plain))
    }

    /// An answer that a wildcard made is absent; a record of our own hides it, and it comes back afterwards.
    private func wildcards() async throws {
        let own = try set(DomainName("own.wild.\(zone)"), [.txt(TextData("own"))])
        let covered = Observation<RecordSet>.absent(.coveredByWildcard([#""a wildcard's""#]))
        #expect(await look(own.key) == covered)
        try await provider.write(put(own))
        #expect(await look(own.key) == .value(own))
        try await provider.write(delete(own))
        #expect(await look(own.key) == covered)
        let wildcard = RecordKey(name: try DomainName("*.wild.\(zone)"), type: .txt)
        #expect(await look(wildcard).value?.data == [.txt(TextData("a wildcard's"))], "the wildcard itself stands")
    }

    /// Below a delegation the server has no say: unknown, and no write.
    private func delegation() async throws {
        let below = try set(DomainName("_smtp._tls.child.\(zone)"), [.txt(TextData("lost"))])
        #expect(await look(below.key).unknown != nil)
        do {
            try await provider.write(put(below))
            Issue.record("a record below a delegation was written")
        } catch { #expect(error.kind != .conflict) }
    }

    private func emptyNonTerminal() async throws {
        let above = try set(DomainName("ent.\(zone)"), [.txt(TextData("above"))])
        #expect(await look(above.key) == .absent(.plain))
        try await provider.write(put(above))
        #expect(await look(above.key) == .value(above))
        try await provider.write(delete(above))
    }

    func set(_ name: DomainName, _ data: [RecordData]) throws -> RecordSet {
        let type = try #require(data.first?.type)
        return try #require(RecordSet(key: RecordKey(name: name, type: type), ttl: 300, data: data))
    }

    func expect(_ kind: Failure.Kind, _ body: () async throws -> Void) async {
        do {
            try await body()
            Issue.record("nothing failed where \(kind.rawValue) was due")
        } catch {
            #expect((error as? Failure)?.kind == kind, "\(error)")
        }
    }
}
