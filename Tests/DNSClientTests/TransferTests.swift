import DNS
import DNSClient
import Foundation
import Lab
import NIOCore
import NIOPosix
import PortConformance
import Testing

/// Zone transfers: a whole zone or an error, never half of one.
@Suite struct TransferTests {
    private let zone: DomainName
    private let soa: RecordData

    init() throws {
        zone = try DomainName("awkward.test")
        soa = .soa(
            SOA(
                mname: try DomainName("ns1.awkward.test"), rname: try DomainName("hostmaster.awkward.test"), serial: 1,
                refresh: 1, retry: 1, expire: 1, minimum: 1))
    }

    private func transport(limit: Int = 32 << 20) -> DNSTransport {
        DNSTransport(
            group: MultiThreadedEventLoopGroup.singleton, tcpDeadline: .seconds(60), transferLimit: limit,
            random: { UInt64.random(in: 0 ... .max) },
            clock: { UInt64(max(0, Date().timeIntervalSince1970)) })
    }

    @Test(arguments: NameServer.Kind.allCases)
    func `a real server's zone comes whole, each message's signature verified`(kind: NameServer.Kind) async throws {
        let text = DNSConformance.zoneText(zone)
        let server = try await NameServer.start(kind, zones: [zone: text])
        defer { server.stop() }
        let transport = transport()
        let records = try await transport.transfer(zone, at: server.address, key: server.key)
        let file = try MasterFile(parsing: Array(text.utf8), origin: zone)
        #expect(RecordSet.grouping(records) == file.recordSets)
        let forged = TSIGKey(name: server.key.name, algorithm: .hmacSHA256, secret: Array(0..<32))
        for key in [forged, nil] {
            await #expect(throws: DNSClientError.self) {
                _ = try await transport.transfer(zone, at: server.address, key: key)
            }
        }
        await transport.close()
    }

    @Test(arguments: TSIGKey.Algorithm.allCases)
    func `a zone of several signed messages comes whole, under either algorithm`(
        algorithm: TSIGKey.Algorithm
    ) async throws {
        // A message holds 64 KiB at most.
        let text = String(repeating: "x", count: 200)
        let many = (0..<2_000).map { "many\($0) TXT \"\(text)\"\n" }.joined()
        let file = DNSConformance.zoneText(zone) + many
        let server = try await NameServer.start(.bind, zones: [zone: file], algorithm: algorithm)
        defer { server.stop() }
        #expect(server.key.algorithm == algorithm)
        let transport = transport()
        let records = try await transport.transfer(zone, at: server.address, key: server.key)
        #expect(RecordSet.grouping(records) == (try MasterFile(parsing: Array(file.utf8), origin: zone)).recordSets)
        let add = UpdateMessage(
            zone: zone, prerequisites: [],
            updates: [.deleteSet(RecordKey(name: try DomainName("many1.\(zone)"), type: .txt))])
        #expect(try await transport.update(add, at: server.address, key: server.key) == .noError)
        await transport.close()
    }

    /// What a transfer from a server with this script gives.
    private func transfer(
        limit: Int = 32 << 20, _ messages: @escaping @Sendable (Message) throws -> [FaultyServer.Reply]
    ) async throws -> Result<Int, DNSClientError> {
        let server = try await FaultyServer.start { query, _, _ in try messages(query) }
        let transport = transport(limit: limit)
        let result: Result<Int, DNSClientError>
        do throws(DNSClientError) {
            result = .success(try await transport.transfer(zone, at: server.address, key: nil).count)
        } catch { result = .failure(error) }
        await transport.close()
        await server.stop()
        return result
    }

    @Test func `several messages make one zone`() async throws {
        let (soa, txt) = (soa, RecordData.txt(TextData("x")))
        #expect(
            try await transfer { query in
                [
                    .bytes(try query.answer([soa, txt]).encoded()),
                    .bytes(try query.answer([.txt(TextData("y")), soa]).encoded()),
                ]
            } == .success(3))
    }

    @Test func `half a zone is an error`() async throws {
        let (soa, txt) = (soa, RecordData.txt(TextData("x")))
        #expect(
            try await transfer { query in [.bytes(try query.answer([soa, txt]).encoded()), .close] }
                == .failure(.brokenTransfer("the connection ended before the closing SOA")))
    }

    @Test func `a transfer that begins elsewhere, answers another or is refused is an error`() async throws {
        let (soa, txt) = (soa, RecordData.txt(TextData("x")))
        #expect(
            try await transfer { query in [.bytes(try query.answer([txt, soa]).encoded())] }
                == .failure(.brokenTransfer("it does not begin with an SOA")))
        #expect(
            try await transfer { query in
                var other = query.answer([soa, soa])
                other.id &+= 1
                return [.bytes(try other.encoded())]
            } == .failure(.brokenTransfer("a message of another answer")))
        #expect(
            try await transfer { query in [.bytes(try query.answer([], rcode: .refused).encoded())] }
                == .failure(.refused(.refused)))
    }

    @Test func `a transfer that has no end is cut by its octets, few records or many`() async throws {
        let (soa, zone) = (soa, zone)
        let script: @Sendable (Message) throws -> [FaultyServer.Reply] = { query in
            let long = RecordData.unknown(RecordType(rawValue: 65_280), [UInt8](repeating: 0, count: 40_000))
            return [.bytes(try query.answer([soa]).encoded())]
                + (try (0..<30).map { _ in .bytes(try query.answer([long]).encoded()) })
                + [.bytes(try query.answer([soa]).encoded())]
        }
        #expect(
            try await transfer(limit: 1_000_000, script)
                == .failure(.brokenTransfer("it has more than 1000000 octets; read the zone by queries")))
        #expect(try await transfer(limit: 2_000_000, script) == .success(31), "\(zone)")
    }
}
