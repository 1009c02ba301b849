import Findings
import Foundation
import Manifests
import Planning
import Testing

/// What one file may cost, and how much is told of it.
@Suite struct BoundTests {
    @Test(arguments: [(99, 99), (100, 100), (101, 100), (900, 100)])
    func `at most a hundred findings are told of a file, the last counts the rest`(keys: Int, told: Int) async throws {
        let text = Samples.manifest + (0..<keys).map { "k\($0): 1\n" }.joined()
        let findings = try await ManifestProbe.wish(text).findings
        #expect(findings.count == told)
        #expect(findings.first?.code == .unknownKey)
        let rest = findings.last.map(ManifestProbe.line)
        #expect(
            (rest?.contains("\(keys - 99) more findings of this file are not shown") == true) == (keys > 100), "\(keys)"
        )
    }

    /// Without a pause, so that no other test's work is counted: it takes half a second.
    @Test func `many maps of unknown keys are told in time`() {
        let keys = (0..<900).map { "reasom\($0): 1" }.joined(separator: ", ")
        let providers = (0..<20).map { "  p\($0): {type: zonefile, \(keys)}\n" }.joined()
        let clock = ContinuousClock()
        var told = 0
        let spent = clock.measure { told = ManifestProbe.configuration("providers:\n" + providers).findings.count }
        #expect(told == 100)
        #expect(spent < .seconds(30))
    }

    @Test func `a duplicate key hides no unknown key after it`() async throws {
        let findings = try await ManifestProbe.wish(Samples.manifest + "dns: files\nfoo: 1\n").findings
        #expect(findings.map(\.code) == [.yamlDuplicateKey, .unknownKey])
        let read = ManifestProbe.configuration(Samples.configuration + "state: x\nfoo: 1\n")
        #expect(read.configuration == nil)
        #expect(read.findings.map(\.code) == [.yamlDuplicateKey, .unknownKey])
    }

    @Test func `a manifest of exactly a mebibyte is read, one octet more is refused unread`() async throws {
        let padding = String(repeating: " ", count: (1 << 20) - Samples.manifest.utf8.count - 1)
        #expect(try await ManifestProbe.wish(Samples.manifest + "#" + padding).wish != .unknown)
        let over = try await ManifestProbe.wish(Samples.manifest + "#" + padding + " ")
        #expect(over.findings.map(\.code) == [.fileTooLarge])
    }

    @Test func `a device is refused unopened`() {
        guard case .failure(let refusal) = PlainFile.read("/dev/zero", limit: 10) else {
            return #expect(Bool(false), "it was read")
        }
        #expect(refusal.message == "'/dev/zero' is no regular file, and was not opened")
    }

    /// Making a device node needs rights that a container may not give; `/dev` has some already.
    @Test func `devices in the folder of manifests are errors`() async {
        let read = await ManifestFolder(path: "/dev").read(
            configuration: ManifestProbe.configuration(Samples.configuration).configuration)
        let finding = read.findings.first { $0.place?.file == "/dev/null" }
        #expect(finding?.severity == .error && finding?.code == .fileKind)
        #expect(finding?.message == "'/dev/null' is no regular file, and was not opened")
    }
}
