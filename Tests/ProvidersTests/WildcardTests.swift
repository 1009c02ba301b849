import DNS
import DNSClient
import Lab
import Planning
import Ports
import Providers
import Synchronization
import Testing

/// A record set that was answered is a wildcard's, its own, or unknown; and unknown is never taken for 'no wildcard'.
@Suite struct WildcardTests {
    private let key: RecordKey
    private let data = RecordData.txt(TextData("v=spf1 -all"))

    init() throws { key = RecordKey(name: try DomainName("_mta-sts.example.com"), type: .txt) }

    /// Two looks at the record set, at a server that answers for it always, and for its random sibling at first by `rcode`.
    private func looks(_ rcode: ResponseCode, isAuthoritative: Bool = true) async throws -> [Observation<RecordSet>?] {
        let siblings = Atomic<Int>(0)
        let (key, data) = (key, data)
        let server = try await FaultyServer.start { query, _, _ in
            guard let name = query.questions.first?.name, name != key.name else {
                return [.bytes(try query.answer([data]).encoded())]
            }
            guard siblings.add(1, ordering: .relaxed).oldValue == 0 else {
                return [.bytes(try query.answer([data]).encoded())]
            }
            var answer = query.answer([], rcode: rcode)
            answer.flags.isAuthoritative = isAuthoritative
            return [.bytes(try answer.encoded())]
        }
        let transport = Transports.make()
        let reader = AuthoritativeReader(
            transport: transport, server: server.address, key: nil, randomLabel: Transports.randomLabel)
        let first = await reader.read([key])[key]
        let second = await reader.read([key])[key]
        await transport.close()
        await server.stop()
        return [first, second]
    }

    @Test(arguments: [ResponseCode.servFail, .refused])
    func `a sibling that was not answered is unknown, and asked for again`(rcode: ResponseCode) async throws {
        let looks = try await looks(rcode)
        let unknown = try #require(looks[0]?.unknown)
        #expect(
            unknown.reason.contains("whether a wildcard covers _mta-sts.example.com")
                && unknown.reason.contains("127.0.0.1"))
        #expect(unknown.passing == (rcode == .servFail))
        #expect(looks[1] == .absent(.coveredByWildcard([data.description])), "the second look found the wildcard")
    }

    @Test func `a sibling that a server without authority denies is unknown`() async throws {
        #expect(try await looks(.noError, isAuthoritative: false)[0]?.unknown != nil)
    }

    @Test func `a sibling that is proven absent is remembered`() async throws {
        let looks = try await looks(.nxDomain)
        #expect(looks[0]?.value?.data == [data] && looks[1]?.value?.data == [data])
    }

    @Test func `no wildcard covers the apex of a zone, whatever its parent's server says`() async throws {
        let (key, data) = (key, data)
        let soa = RecordData.soa(
            SOA(mname: key.name, rname: key.name, serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 1))
        let server = try await FaultyServer.start { query, _, _ in
            guard let question = query.questions.first, question.name == key.name else {
                return [.bytes(try query.answer([], rcode: .refused).encoded())]
            }
            return [.bytes(try query.answer([question.type == .soa ? soa : data]).encoded())]
        }
        let transport = Transports.make()
        let reader = AuthoritativeReader(
            transport: transport, server: server.address, key: nil, randomLabel: Transports.randomLabel)
        #expect(await reader.read([key])[key]?.value?.data == [data])
        await transport.close()
        await server.stop()
    }
}
