import DNS
import Findings
import Foundation
import Manifests
import Planning
import Testing

/// A zone that no manifest names is withdrawn; a slip in a file's name must not look like that.
@Suite struct ZoneClaimTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("certadns-claims-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try write("good.example.yaml", Self.manifest("good.example"))
    }

    private static func manifest(_ zone: String) -> String {
        "zone: \(zone)\nadd_ons: [email-authentication]\ndns: primary\ntls_rpt: {rua: [managed]}\n"
    }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    private func read(only: Set<DomainName>? = nil) async -> (wishes: [ZoneWish], findings: [Finding]) {
        await ManifestFolder(path: folder.path).read(
            configuration: ManifestProbe.configuration(Samples.configuration).configuration, only: only)
    }

    @Test(
        arguments: [
            "a.example.yaml", "b.example.yml", "b.example.YAML", "b.example.Yml", "b.example.yaml.bak", "b.example",
            "b_example.yaml",
        ])
    func `a zone whose file got a wrong name is unknown, not gone`(name: String) async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write(name, Self.manifest("b.example"))
        let zone = try DomainName("b.example")
        let all = await read()
        let wish = try #require(all.wishes.first { $0.zone == zone })
        #expect(wish.wish == .unknown)
        #expect(wish.findings.contains { $0.severity == .error && $0.place?.file.hasSuffix("/\(name)") == true })
        #expect(all.wishes.contains { $0.zone.description == "good.example" && $0.wish != .unknown })
        #expect(await read(only: [zone]).wishes == [wish], "a plan of that zone alone sees it too")
    }

    @Test func `a mismatched file that does not even parse still names its zone`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write("a.example.yaml", "zone: \"b.example\"  # mail\nadd_ons: [\n")
        let wishes = await read().wishes
        #expect(wishes.map(\.zone.description) == ["a.example", "b.example", "good.example"])
        #expect(wishes[1].wish == .unknown)
    }

    @Test func `a link named like a zone makes it unknown`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/b.example", withDestinationPath: "/etc/hostname")
        #expect(await read().wishes.first { $0.zone.description == "b.example" }?.wish == .unknown)
    }

    @Test func `a claim counts nothing where the zone has its own manifest`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write("good.example.yml", "x")
        try write("c.example.yaml", Self.manifest("good.example"))
        let read = await read()
        #expect(read.wishes.map(\.zone.description) == ["c.example", "good.example"])
        #expect(read.wishes[1].wish != .unknown)
        #expect(read.findings.map(\.severity) == [.error], "the stray file is still told")
    }

    @Test func `prose that quotes a manifest claims nothing`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write("README.md", "# Zones\n```yaml\nzone: b.example\n```\n")
        #expect(await read().wishes.map(\.zone.description) == ["good.example"])
    }

    @Test(arguments: ["", "/", "//"])
    func `the folder itself may be no link`(ending: String) async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let link = folder.path + ".link"
        defer { unlink(link) }
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.path)
        let configuration = ManifestProbe.configuration(Samples.configuration).configuration
        let read = await ManifestFolder(path: link + ending).read(configuration: configuration)
        #expect(read.wishes.isEmpty)
        #expect(read.findings.map(\.code) == [.noManifests])
        #expect(read.findings.first?.message.contains("symbolic link") == true)
        #expect(await ManifestFolder(path: folder.path + ending).read(configuration: configuration).wishes.count == 1)
    }
}
