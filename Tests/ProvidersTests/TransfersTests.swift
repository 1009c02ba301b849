import DNS
import DNSClient
import Lab
import Planning
import Ports
import Providers
import Synchronization
import Testing

/// Reading by transfer: one AXFR serves all who ask in a run, and what went wrong in passing does not stay.
@Suite struct TransfersTests {
    private let zone: DomainName
    private let soa: RecordData
    private let txt = RecordData.txt(TextData("x"))

    init() throws {
        zone = try DomainName("example.com")
        soa = .soa(SOA(mname: zone, rname: zone, serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 1))
    }

    /// Counts what a server was asked, and lets it answer the `n`-th transfer (from 0) by `transfer`.
    private func observe(
        _ transfer: @escaping @Sendable (Message, Int) throws -> [FaultyServer.Reply],
        _ body: (RFC2136Provider) async throws -> Void
    ) async throws -> Int {
        let transfers = Atomic<Int>(0)
        let (zone, soa) = (zone, soa)
        let server = try await FaultyServer.start { query, _, _ in
            if query.questions.first?.type == .axfr {
                return try transfer(query, transfers.add(1, ordering: .relaxed).oldValue)
            }
            var answer = query.answer([])
            answer.authorities = [WireRecord(ResourceRecord(name: zone, ttl: 60, data: soa))]
            return [.bytes(try answer.encoded())]
        }
        let transport = Transports.make()
        try await body(
            RFC2136Provider(
                transport: transport, server: server.address, key: nil, reading: .transfer,
                randomLabel: Transports.randomLabel))
        await transport.close()
        await server.stop()
        return transfers.load(ordering: .relaxed)
    }

    private func key(_ number: Int) throws -> RecordKey {
        RecordKey(name: try DomainName("_mta-sts.z\(number).example.com"), type: .txt)
    }

    private func whole(_ query: Message) throws -> [FaultyServer.Reply] {
        [.bytes(try query.answer([soa, txt, soa]).encoded())]
    }

    @Test func `forty looks at once and forty after them take one transfer`() async throws {
        let keys = try (0..<40).map { try key($0) }
        let count = try await observe({ query, _ in try whole(query) }) { provider in
            for _ in 0..<2 {
                await withTaskGroup(of: Void.self) { group in
                    for key in keys {
                        group.addTask { #expect(await provider.read([key])[key] == .absent(.plain)) }
                    }
                }
            }
        }
        #expect(count == 1)
    }

    @Test func `a transfer that broke is unknown, and taken again by the next who asks`() async throws {
        let key = try key(1)
        let count = try await observe({ query, number in number == 0 ? [.close] : try whole(query) }) { provider in
            _ = await provider.read([key])
            #expect(await provider.read([key])[key] == .absent(.plain))
        }
        #expect(count == 2)
    }

    @Test func `a transfer that was refused is asked for once`() async throws {
        let key = try key(1)
        let count = try await observe({ query, _ in [.bytes(try query.answer([], rcode: .refused).encoded())] }) {
            provider in
            for _ in 0..<3 {
                #expect(await provider.read([key])[key]?.unknown?.reason.contains("allow-transfer") == true)
            }
        }
        #expect(count == 1)
    }
}
