import DNS
import DNSClient
import Lab
import Planning
import Ports
import Providers
import Testing

/// A server may answer NOERROR and change nothing (RFC 2136 §3.4.2.2): only what reads back is done.
@Suite struct ReadBackTests {
    @Test func `an accepted update that does not show is a failure`() async throws {
        let name = try DomainName("_mta-sts.example.com")
        let zone = try DomainName("example.com")
        let soa = SOA(
            mname: zone, rname: zone, serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 1)
        let server = try await FaultyServer.start { query, _, _ in
            if query.flags.opcode == 5 { return [.bytes(try query.answer([]).encoded())] }
            var answer = query.answer([])
            answer.authorities = [WireRecord(ResourceRecord(name: zone, ttl: 60, data: .soa(soa)))]
            return [.bytes(try answer.encoded())]
        }
        let transport = Transports.make()
        let provider = RFC2136Provider(
            transport: transport, server: server.address, key: nil, randomLabel: Transports.randomLabel)
        let set = try #require(
            RecordSet(key: RecordKey(name: name, type: .txt), ttl: 60, data: [.txt(TextData("v=STSv1; id=1;"))]))
        let change = RecordChange(owner: name, expecting: [], absent: [.txt, .cname], writing: [set])
        Self.judge(await #expect(throws: Failure.self) { try await provider.write(change) })
        Self.judge(
            await #expect(throws: Failure.self) { try await provider.add(TextData("proof"), at: name, ttl: 60) })
        await transport.close()
        await server.stop()
    }

    private static func judge(_ failure: Failure?) {
        #expect(failure?.kind == .rejected)
        #expect(failure?.retryable == true)
        #expect(failure?.detail.contains("accepted the update of _mta-sts.example.com, but does not show it") == true)
    }
}
