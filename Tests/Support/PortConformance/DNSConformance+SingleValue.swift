import DNS
import Planning
import Ports
import Testing

extension DNSConformance {
    /// One TXT value among those of others, as proofs of a certificate authority need it.
    func singleValues() async throws {
        let name = try DomainName("_acme-challenge.\(zone)")
        let key = RecordKey(name: name, type: .txt)
        let (ours, more) = (TextData("ours"), TextData("Ours, too; \"quoted\""))
        try await provider.remove(ours, at: name)
        #expect(await look(key) == .absent(.plain), "what was never there is gone already")
        for _ in 0..<2 {
            try await provider.add(ours, at: name, ttl: 60)
            #expect(await look(key) == .value(provider.normalForm(of: try set(name, [.txt(ours)]).with(ttl: 60))))
        }
        try await provider.remove(ours, at: name)
        #expect(await look(key) == .absent(.plain))
        try await besideOthers(ours, more, at: name)
        let alias = try DomainName("alias.\(zone)")
        await expect(.conflict) { try await provider.add(ours, at: alias, ttl: 60) }
        try await provider.remove(ours, at: alias)
        let covered = try DomainName("own.wild.\(zone)")
        try await provider.add(ours, at: covered, ttl: 60)
        #expect(await look(RecordKey(name: covered, type: .txt)).value?.data == [.txt(ours)])
        for _ in 0..<2 { try await provider.remove(ours, at: covered) }
    }

    /// What others have at the name stays as it was, its TTL among it (RFC 2181 §5.2).
    private func besideOthers(_ ours: TextData, _ more: TextData, at name: DomainName) async throws {
        let others = try set(name, [.txt(TextData("theirs")), .txt(TextData("OURS"))]).with(ttl: 4_321)
        try await provider.write(put(others))
        for (value, data) in [
            (ours, others.data + [.txt(ours)]), (ours, others.data + [.txt(ours)]),
            (more, others.data + [.txt(ours), .txt(more)]),
        ] {
            try await provider.add(value, at: name, ttl: 60)
            let wanted = try set(name, data).with(ttl: 4_321)
            #expect(await look(others.key) == .value(provider.normalForm(of: wanted)))
        }
        for value in [ours, ours, more, more] { try await provider.remove(value, at: name) }
        let normal = provider.normalForm(of: others)
        #expect(await look(others.key) == .value(normal))
        try await provider.write(delete(normal))
    }
}
