import DNS
import DNSClient
import Doubles
import Foundation
import Lab
import NIOCore
import NIOPosix
import Planning
import PortConformance
import Ports
import Providers
import Testing

/// One suite for every provider: real name servers, files, and the double that other tests rely on.
@Suite struct ConformanceTests {
    private let zone: DomainName

    init() throws { zone = try DomainName("awkward.test") }

    @Test(arguments: NameServer.Kind.allCases, RFC2136Provider.Reading.allCases)
    func `a real name server keeps the contract of the port`(
        kind: NameServer.Kind, reading: RFC2136Provider.Reading
    ) async throws {
        let server = try await NameServer.start(kind, zones: [zone: DNSConformance.zoneText(zone)])
        defer { server.stop() }
        let transport = Transports.make()
        try await DNSConformance(zone: zone) { [zone] in
            let records = try await transport.transfer(zone, at: server.address, key: server.key)
            return Set(RecordSet.grouping(records.filter { $0.data.type != .soa }).values)
        } provider: {
            RFC2136Provider(
                transport: transport, server: server.address, key: server.key, reading: reading,
                randomLabel: Transports.randomLabel)
        }.check()
        await transport.close()
    }

    @Test func `a master file keeps the contract of the port`() async throws {
        let folder = NSTemporaryDirectory() + "certadns-zonefile-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/\(zone).zone"
        try Data(DNSConformance.zoneText(zone).utf8).write(to: URL(fileURLWithPath: path))
        try await DNSConformance(zone: zone) { [zone] in
            let octets = try Data(contentsOf: URL(fileURLWithPath: path))
            let file = try MasterFile(parsing: Array(octets), origin: zone)
            return Set(file.recordSets.values.filter { $0.key.type != .soa })
        } provider: {
            ZoneFileProvider(folder: folder)
        }.check()
    }

    @Test func `the double keeps the contract of the port`() async throws {
        let double = MemoryDNS()
        let file = try MasterFile(parsing: Array(DNSConformance.zoneText(zone).utf8), origin: zone)
        for set in file.recordSets.values { double.edit(set) }
        try await DNSConformance(zone: zone) {
            Set(double.sets.values.filter { $0.key.type != .soa })
        } provider: {
            double
        }.check()
    }
}

/// Transports as the program makes them, but patient: a busy machine is no silent server.
enum Transports {
    static func make(quick: Bool = false) -> DNSTransport {
        DNSTransport(
            group: MultiThreadedEventLoopGroup.singleton,
            tries: quick ? [.milliseconds(100), .milliseconds(200)] : [.seconds(2), .seconds(4), .seconds(60)],
            tcpDeadline: .seconds(quick ? 1 : 60), random: { UInt64.random(in: 0 ... .max) },
            clock: { UInt64(max(0, Date().timeIntervalSince1970)) })
    }

    @Sendable static func randomLabel() -> String { "random-\(UInt64.random(in: 0 ... .max))" }
}
