import DNS
import Findings
import Foundation
import Manifests
import Planning

/// Reads one manifest or configuration through the product's front door.
enum ManifestProbe {
    static func configuration(_ text: String) -> (configuration: Configuration?, findings: [Finding]) {
        Configuration.parse(Array(text.utf8), file: "certadns.yaml")
    }

    /// Puts `text` into a folder of its own and reads that.
    static func wish(_ text: String, file: String = "example.com.yaml", configuration: String = Samples.configuration)
        async throws -> ZoneWish
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("certadns-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: folder.appendingPathComponent(file))
        let read = await ManifestFolder(path: folder.path).read(
            configuration: Self.configuration(configuration).configuration)
        return read.wishes.first ?? ZoneWish(zone: .root, wish: .unknown, digest: "", findings: read.findings)
    }

    /// All errors, as the tables state them.
    static func errors(_ findings: [Finding]) -> [String] {
        findings.filter { $0.severity == .error }.map(Self.line)
    }

    static func line(_ finding: Finding) -> String {
        let place = finding.place.map { "\($0.line):\($0.column) " } ?? ""
        return "\(place)\(finding.code.rawValue): \(finding.message) -> \(finding.action)"
    }
}
