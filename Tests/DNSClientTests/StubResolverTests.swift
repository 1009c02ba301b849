import DNS
import DNSClient
import Lab
import NIOCore
import NIOPosix
import Planning
import Ports
import Testing

/// Names as everybody sees them: aliases followed, absence only where it is proven.
@Suite struct StubResolverTests {
    private let name: DomainName
    private let alias: DomainName
    private let address = IPv4Address("192.0.2.1").map { RecordData.a($0) }

    init() throws {
        name = try DomainName("mx.example.com")
        alias = try DomainName("mail.example.net")
    }

    private func resolve(
        _ scripts: [FaultyServer.Script], patience: TimeAmount = .seconds(30)
    ) async throws -> Observation<Resolution> {
        var servers: [FaultyServer] = []
        for script in scripts { servers.append(try await FaultyServer.start(script)) }
        let transport = DNSTransport(
            group: MultiThreadedEventLoopGroup.singleton, tries: [patience], tcpDeadline: .seconds(1),
            random: { UInt64.random(in: 0 ... .max) }, clock: { 0 })
        let answer = await StubResolver(transport: transport, servers: servers.map(\.address)).resolve(name, .a)
        await transport.close()
        for server in servers { await server.stop() }
        return answer
    }

    @Test func `the next server is asked where one fails, and what failed is told when all do`() async throws {
        let address = try #require(address)
        let good: FaultyServer.Script = { query, _, _ in [.bytes(try query.answer([address]).encoded())] }
        let bad: FaultyServer.Script = { query, _, _ in [.bytes(try query.answer([], rcode: .servFail).encoded())] }
        let silent: FaultyServer.Script = { _, _, _ in [] }
        #expect(try await until { try await resolve([bad, silent, good], patience: $0).value?.data == [address] })
        var reason = ""
        let isTold = try await until { patience in
            reason = try await resolve([bad, silent], patience: patience).unknown?.reason ?? ""
            return reason.contains("SERVFAIL") && reason.contains("did not answer in time")
        }
        #expect(isTold, "\(reason)")
    }

    /// One patience holds for all servers, the silent one among them: short at first, longer on a busy machine.
    private func until(_ holds: (TimeAmount) async throws -> Bool) async throws -> Bool {
        for milliseconds: Int64 in [200, 2_000, 20_000] where try await holds(.milliseconds(milliseconds)) {
            return true
        }
        return false
    }

    @Test(arguments: [ResponseCode.noError, .nxDomain])
    func `no data and no name are absent`(code: ResponseCode) async throws {
        let answer = try await resolve([{ query, _, _ in [.bytes(try query.answer([], rcode: code).encoded())] }])
        #expect(answer == .absent(.plain))
    }

    @Test func `an alias is followed and told, also through a second question`() async throws {
        let (name, alias, address) = (name, alias, try #require(address))
        let answer = try await resolve([
            { query, _, _ in
                [.bytes(try query.answer(query.questions[0].name == name ? [.cname(alias)] : [address]).encoded())]
            }
        ])
        #expect(answer.value == Resolution(aliases: [name], data: [address], ttl: 60))
    }

    @Test func `aliases in a circle end`() async throws {
        let answer = try await resolve([
            { query, _, _ in [.bytes(try query.answer([.cname(query.questions[0].name)]).encoded())] }
        ])
        #expect(answer.unknown?.reason.contains("circle") == true)
    }

    @Test(arguments: [2, 30])
    func `a circle and a chain too long from a server that recurses are unknown, not absent`(
        length: Int
    ) async throws {
        let names = try [name] + (1..<length).map { try DomainName("a\($0).example.net") }
        let answer = try await resolve([
            { query, _, _ in
                var answer = query.answer([])
                answer.flags.recursionAvailable = true
                answer.answers = names.indices.map { index in
                    let target = RecordData.cname(names[(index + 1) % names.count])
                    return WireRecord(ResourceRecord(name: names[index], ttl: 60, data: target))
                }
                return [.bytes(try answer.encoded())]
            }
        ])
        #expect(answer.unknown?.passing == false, "\(answer)")
    }

    @Test func `a chain that a resolver cut is asked on, and an SOA behind it proves that there is nothing`()
        async throws
    {
        let (name, alias, address) = (name, alias, try #require(address))
        let soa = SOA(mname: alias, rname: alias, serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 1)
        for isProven in [true, false] {
            let answer = try await resolve([
                { query, _, _ in
                    var answer = query.answer(query.questions[0].name == name ? [.cname(alias)] : [address])
                    answer.flags.recursionAvailable = true
                    answer.flags.isAuthoritative = false
                    if isProven {
                        answer.authorities = [WireRecord(ResourceRecord(name: alias, ttl: 60, data: .soa(soa)))]
                    }
                    return [.bytes(try answer.encoded())]
                }
            ])
            #expect(isProven ? answer == .absent(.plain) : answer.value?.data == [address])
        }
    }

    @Test func `a server that neither recurses nor is authoritative says nothing about absence`() async throws {
        let answer = try await resolve([
            { query, _, _ in
                var referral = query.answer([])
                referral.flags.isAuthoritative = false
                return [.bytes(try referral.encoded())]
            }
        ])
        #expect(answer.unknown != nil)
    }
}
