import DNS
import Findings
import Foundation
import MTASTS
import Manifests
import Planning
import TLSRPT
import Testing

/// Manifests come from strangers' pull requests: what is no plain file is refused unopened.
@Suite struct FolderTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("certadns-zones-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    }

    private func read(_ configuration: String? = Samples.configuration) async -> (
        wishes: [ZoneWish], findings: [Finding]
    ) {
        defer { try? FileManager.default.removeItem(at: folder) }
        return await ManifestFolder(path: folder.path).read(
            configuration: configuration.flatMap { ManifestProbe.configuration($0).configuration })
    }

    private func manifest(_ zone: String) -> String {
        "zone: \(zone)\nadd_ons: [email-authentication]\ndns: primary\ntls_rpt: {rua: [managed]}\n"
    }

    @Test func `a link is not opened, so nothing of its target is printed`() async throws {
        try write("secret", "zone: hunter2-is-the-secret")
        try FileManager.default.createSymbolicLink(
            atPath: path("example.com.yaml"), withDestinationPath: path("secret"))
        let wish = await read().wishes[0]
        #expect(wish.wish == .unknown)
        #expect(wish.findings.map(\.code) == [.fileKind])
        #expect(!"\(wish)".contains("hunter2"))
    }

    @Test func `a link under any name is an error that stops no zone`() async throws {
        try write("good.example.yaml", manifest("good.example"))
        try FileManager.default.createSymbolicLink(atPath: path("elsewhere"), withDestinationPath: "/etc/hostname")
        try #require(mkfifo(path("pipe"), 0o600) == 0)
        let read = await read()
        #expect(read.findings.map(\.severity) == [.error, .error])
        #expect(read.findings.map(\.code) == [.fileKind, .fileKind])
        #expect(read.wishes.map(\.wish) != [.unknown] && read.wishes.count == 1)
    }

    @Test func `a FIFO does not hang the reader`() async throws {
        try #require(mkfifo(path("example.com.yaml"), 0o600) == 0)
        #expect(await read().wishes[0].findings.map(\.code) == [.fileKind])
    }

    @Test func `a folder named like a manifest is refused`() async throws {
        try FileManager.default.createDirectory(atPath: path("example.com.yaml"), withIntermediateDirectories: false)
        #expect(await read().wishes[0].findings.map(\.code) == [.fileKind])
    }

    @Test func `a sparse file of a gigabyte is refused unread`() async throws {
        try write("example.com.yaml", "")
        try #require(truncate(path("example.com.yaml"), 1 << 30) == 0)
        #expect(await read().wishes[0].findings.map(\.code) == [.fileTooLarge])
    }

    @Test func `all errors of all files come in one run, and good zones go on`() async throws {
        try write("a.example.yaml", manifest("b.example"))
        try write("good.example.yaml", manifest("good.example"))
        try write("c.example.yaml", "zone: c.example\nfoo: 1\nbar: 2\n")
        try write("notes.txt", "x")
        try write("d.example.yml", "x")
        let read = await read()
        let unknown = read.wishes.filter { $0.wish == .unknown }
        #expect(unknown.map(\.zone.description) == ["a.example", "b.example", "c.example", "d.example"])
        #expect(unknown[2].findings.count { $0.code == .unknownKey } == 2)
        #expect(unknown[3].findings.map(\.code) == [.fileKind])
        #expect(read.wishes.count == 5)
        #expect(read.findings.map(\.code) == [.fileKind])
        #expect(read.findings.map(\.severity) == [.note])
    }

    @Test func `one zone in two files is neither`() async throws {
        try write("b\u{fc}cher.example.yaml", manifest("b\u{fc}cher.example"))
        try write("xn--bcher-kva.example.yaml", manifest("xn--bcher-kva.example"))
        let wishes = await read().wishes
        #expect(wishes.map(\.zone.description) == ["xn--bcher-kva.example"])
        #expect(wishes[0].wish == .unknown)
        let finding = try #require(wishes[0].findings.first { $0.code == .zoneDuplicate })
        #expect(
            finding.message
                == "'\(path("b\u{fc}cher.example.yaml"))' and '\(path("xn--bcher-kva.example.yaml"))' are manifests of one zone, xn--bcher-kva.example"
        )
        #expect(finding.place?.description == path("xn--bcher-kva.example.yaml") + ":1:7")
    }

    @Test func `without a configuration every zone's desire is unknown`() async throws {
        try write("example.com.yaml", manifest("example.com"))
        #expect(await read("state: [").wishes.map(\.wish) == [.unknown])
    }

    @Test func `a missing or empty folder is an error`() async {
        #expect(await read().findings.map(\.code) == [.noManifests])
        #expect(
            await ManifestFolder(path: "/nonexistent/zones").read(configuration: nil).findings.map(\.code) == [
                .noManifests
            ])
    }
}

@Suite struct MeaningTests {
    private func desired(_ text: String) async throws -> DesiredZone {
        let wish = try await ManifestProbe.wish(text)
        guard case .desired(let desired) = wish.wish else {
            Issue.record("\(wish.findings.map(ManifestProbe.line))")
            throw CancellationError()
        }
        return desired
    }

    @Test func `the sample means what it says`() async throws {
        let zone = try await desired(Samples.manifest)
        #expect(zone.mtaSTS?.mode == .testing)
        #expect(zone.mtaSTS?.maxAge.seconds == 604_800)
        #expect(zone.providers == ["primary"])
        #expect(
            zone.tlsRPT?.rua.map(\.text) == [
                "mailto:tls-reports@example.net", "mailto:tls-reports@example.com", "https://reports.example.com/v1",
            ])
    }

    @Test func `defaults are merged under a manifest, and null unsets`() async throws {
        let short = "zone: example.com\nadd_ons: [email-authentication]\ndns: primary\n"
        #expect(try await desired(short).mtaSTS?.maxAge.seconds == 604_800)
        #expect(try await desired(short + "mta_sts: {max_age: 1d}\n").mtaSTS?.maxAge.seconds == 86_400)
        #expect(try await desired(short + "mta_sts: null\ntls_rpt: {rua: [managed]}\n").mtaSTS == nil)
    }

    @Test func `without the add-on a zone gets neither`() async throws {
        let text = Samples.manifest.replacing("add_ons: [email-authentication]\n", with: "")
        let wish = try await ManifestProbe.wish(text)
        guard case .desired(let desired) = wish.wish else { throw CancellationError() }
        #expect(desired.mtaSTS == nil && desired.tlsRPT == nil)
        #expect(wish.findings.contains { $0.code == .addOnMissing && $0.severity == .warning })
    }

    @Test(arguments: [("3599", false), ("3600", true), ("31557599", true), ("31557600", false)])
    func `a max_age that some senders replace needs a waiver`(seconds: String, isFine: Bool) async throws {
        let text = Samples.manifest.replacing("max_age: 7d", with: "max_age: \(seconds)")
        let bare = text.replacing(
            "waivers:\n  - {code: max-age-range, reason: \"known\", until: 2027-01-31}\n", with: "")
        for text in [text, bare] {
            // Whether a waiver counts is the plan's to judge: reading has no clock. What is asked for is known all the same.
            let wish = try await ManifestProbe.wish(text)
            #expect(wish.findings.contains { $0.code == .maxAgeRange && $0.severity == .error } == !isFine)
            #expect(wish.wish != .unknown)
        }
        let wish = try await ManifestProbe.wish(text)
        let day = try #require(Instant("2027-01-31"))
        #expect(wish.findings(at: day + 86_399).allSatisfy { $0.severity != .error })
        #expect(wish.findings(at: day + 86_400).contains { $0.severity == .error } == !isFine)
    }

    @Test(arguments: [
        ("enforce", "86399", true), ("enforce", "86400", false), ("enforce", "3600", true), ("testing", "3600", false),
        ("none", "3600", false),
    ])
    func `a max_age under a day warns with enforce`(mode: String, seconds: String, isShort: Bool) async throws {
        let text = Samples.manifest.replacing("max_age: 7d", with: "max_age: \(seconds)").replacing(
            "mode: testing", with: "mode: \(mode)")
        let wish = try await ManifestProbe.wish(text)
        #expect(wish.wish != .unknown)
        #expect(
            wish.findings.map(ManifestProbe.line)
                == (isShort
                    ? [
                        "7:12 max-age-short: 'max_age' is under a day, so 'enforce' protects little: senders forget the policy soon -> use a week or more"
                    ] : []))
    }

    @Test func `layout and comments are no change, values are`() async throws {
        let digest = try await ManifestProbe.wish(Samples.manifest).digest
        let moved =
            "# a comment\n\n"
            + Samples.manifest.replacing("  mode: testing\n", with: "").replacing(
                "  generation: 1\n", with: "  generation: 1\n  mode: testing\n")
        #expect(try await ManifestProbe.wish(moved).digest == digest)
        #expect(try await ManifestProbe.wish(Samples.manifest.replacing("7d", with: "8d")).digest != digest)
    }

    @Test(arguments: ["0.0.0.0:443", "[::1]:8443"])
    func `an address with its port is told as it was written`(text: String) throws {
        let text = Samples.configuration.replacing("0.0.0.0:443", with: text)
        let listen = try #require(ManifestProbe.configuration(text).configuration?.listen)
        #expect(Samples.configuration.replacing("0.0.0.0:443", with: "\(listen)") == text)
    }

    @Test func `a literal secret is shown nowhere`() {
        let read = ManifestProbe.configuration(
            Samples.configuration.replacing("env:CERTADNS_TSIG", with: "hunter2hunter2"))
        #expect(read.findings.map(\.code) == [.secretLiteral])
        #expect(!"\(read.findings)".contains("hunter2"))
    }
}
