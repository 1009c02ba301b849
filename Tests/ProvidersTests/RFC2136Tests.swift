import DNS
import DNSClient
import Foundation
import Lab
import Planning
import PortConformance
import Ports
import Providers
import Testing

/// What a provider says when the server does not want it, or is not there.
@Suite struct RFC2136Tests {
    private let zone: DomainName
    private let change: RecordChange
    private let key: RecordKey

    init() throws {
        zone = try DomainName("refusing.test")
        key = RecordKey(name: try DomainName("_smtp._tls.refusing.test"), type: .txt)
        let set = try #require(RecordSet(key: key, ttl: 60, data: [.txt(TextData("v=TLSRPTv1; rua=mailto:r@x.test"))]))
        change = RecordChange(owner: key.name, expecting: [], absent: [.txt, .cname], writing: [set])
    }

    private func failure(_ provider: RFC2136Provider) async -> Failure? {
        do throws(Failure) {
            try await provider.write(change)
            return nil
        } catch { return error }
    }

    @Test(arguments: NameServer.Kind.allCases)
    func `a key that the server does not know, or knows otherwise, is unauthorized and writes nothing`(
        kind: NameServer.Kind
    ) async throws {
        let server = try await NameServer.start(kind, zones: [zone: DNSConformance.zoneText(zone)])
        defer { server.stop() }
        let transport = Transports.make()
        let stranger = TSIGKey(name: try DomainName("stranger"), algorithm: .hmacSHA256, secret: Array(0..<32))
        let forged = TSIGKey(name: server.key.name, algorithm: .hmacSHA256, secret: Array(0..<32))
        for key in [stranger, forged, nil] {
            let provider = RFC2136Provider(
                transport: transport, server: server.address, key: key, randomLabel: Transports.randomLabel)
            let failure = try #require(await failure(provider))
            #expect(failure.kind == .unauthorized, "\(failure)")
            #expect(failure.detail.contains("\(server.address)"), "\(failure)")
            #expect(!failure.detail.contains("AAECAw"), "no secret in an error")
            #expect(await provider.read([self.key])[self.key] == .absent(.plain), "reading needs no key")
        }
        await transport.close()
    }

    @Test func `a dead server is unknown to a reader and a failure to a writer, each in bounded time`() async throws {
        let address = try #require(ServerAddress("127.0.0.1:\(try FreePort.find())"))
        let transport = Transports.make(quick: true)
        let provider = RFC2136Provider(
            transport: transport, server: address, key: nil, randomLabel: Transports.randomLabel)
        let seen = await provider.read([key])[key]
        #expect(seen?.unknown?.passing == true)
        #expect(seen?.unknown?.reason.contains("\(address)") == true)
        let failure = try #require(await failure(provider))
        #expect([.unreachable, .timedOut].contains(failure.kind) && failure.retryable, "\(failure)")
        await transport.close()
    }

    @Test func `a dry run says that the zone could not be read, rather than guess it`() async throws {
        let address = try #require(ServerAddress("127.0.0.1:\(try FreePort.find())"))
        let transport = Transports.make(quick: true)
        let provider = RFC2136Provider(
            transport: transport, server: address, key: nil, randomLabel: Transports.randomLabel)
        let lines = await provider.describe(change)
        #expect(lines.first?.hasPrefix("zone: could not be read (") == true, "\(lines)")
        #expect(lines.first?.contains("\(address)") == true, "\(lines)")
        #expect(!lines.contains { $0.hasPrefix("zone _smtp") }, "\(lines)")
        #expect(lines.contains(#"update add _smtp._tls.refusing.test. 60 IN TXT "v=TLSRPTv1; rua=mailto:r@x.test""#))
        await transport.close()
    }

    @Test func `a server of other zones is unknown to a reader and named to a writer`() async throws {
        let other = try DomainName("other.test")
        let server = try await NameServer.start(.bind, zones: [other: DNSConformance.zoneText(other)])
        defer { server.stop() }
        let transport = Transports.make()
        let provider = RFC2136Provider(
            transport: transport, server: server.address, key: server.key, randomLabel: Transports.randomLabel)
        #expect(await provider.read([key])[key]?.unknown?.passing == false)
        let failure = try #require(await failure(provider))
        #expect(failure.kind == .configuration)
        #expect(failure.detail.contains("holds no zone for _smtp._tls.refusing.test"), "\(failure)")
        await transport.close()
    }

    @Test(arguments: RFC2136Provider.Reading.allCases)
    func `what a provider learnt before its own write misleads it no longer`(
        reading: RFC2136Provider.Reading
    ) async throws {
        let wildcard = #"* TXT "v=TLSRPTv1; rua=mailto:r@x.test""# + "\n"
        let server = try await NameServer.start(.bind, zones: [zone: DNSConformance.zoneText(zone) + wildcard])
        defer { server.stop() }
        let transport = Transports.make()
        let provider = RFC2136Provider(
            transport: transport, server: server.address, key: server.key, reading: reading,
            randomLabel: Transports.randomLabel)
        let covered = Observation<RecordSet>.absent(.coveredByWildcard(change.writing[0].data.map(\.description)))
        #expect(await provider.read([key])[key] == covered)
        // Once it stands, `_tls` exists and the wildcard covers its children no longer: an equal set is its own.
        try await provider.write(change)
        #expect(await provider.read([key])[key] == .value(change.writing[0]))
        try await provider.write(
            RecordChange(owner: key.name, expecting: change.writing, absent: [.cname], writing: []))
        #expect(await provider.read([key])[key] == covered)
        await transport.close()
    }

    @Test func `a dry run prints the prerequisites and the update`() async throws {
        let server = try await NameServer.start(.bind, zones: [zone: DNSConformance.zoneText(zone)])
        defer { server.stop() }
        let transport = Transports.make()
        let provider = RFC2136Provider(
            transport: transport, server: server.address, key: nil, randomLabel: Transports.randomLabel)
        let lines = await provider.describe(change)
        #expect(
            lines == [
                "zone refusing.test.",
                "prereq nxrrset _smtp._tls.refusing.test. IN TXT",
                "prereq nxrrset _smtp._tls.refusing.test. IN CNAME",
                #"update add _smtp._tls.refusing.test. 60 IN TXT "v=TLSRPTv1; rua=mailto:r@x.test""#,
                "send",
            ], "\(lines)")
        await transport.close()
    }

    @Test(arguments: NameServer.Kind.allCases)
    func `the zone of an alias, and of what lies below a DNAME, is the one around it`(
        kind: NameServer.Kind
    ) async throws {
        let aliases = ##"""
            away CNAME policy.example.net.
            *.any CNAME policy.example.net.
            moved TYPE39 \# 16 09656c73657768657265047465737400

            """##
        let server = try await NameServer.start(kind, zones: [zone: DNSConformance.zoneText(zone) + aliases])
        defer { server.stop() }
        let transport = Transports.make()
        for owner in ["away", "x.any", "below.moved", "moved"] {
            let provider = RFC2136Provider(
                transport: transport, server: server.address, key: server.key, randomLabel: Transports.randomLabel)
            let name = try DomainName("\(owner).\(zone)")
            let change = RecordChange(owner: name, expecting: [], absent: [.txt], writing: [])
            #expect(await provider.describe(change).first == "zone refusing.test.", "\(owner)")
        }
        await transport.close()
    }
}
