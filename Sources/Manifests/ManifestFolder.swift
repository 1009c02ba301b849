package import DNS
package import Findings
import Foundation
package import Planning
import YAML

/// A folder of manifests, one zone a file. Manifests come from pull requests, so files that are not plain are refused unopened.
package struct ManifestFolder: Sendable {
    /// The folder's path.
    package let path: String

    /// The manifests of a folder.
    package init(path: String) { self.path = path }

    /// All manifests' wishes, and findings that belong to no zone.
    ///
    /// Without a configuration every zone's wish is unknown: what it means can't be told.
    /// With `only`, files of other zones are not opened: one zone's plan must not wait for fifty thousand.
    package func read(
        configuration: Configuration?, only: Set<DomainName>? = nil
    ) async -> (wishes: [ZoneWish], findings: [Finding]) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch {
            let finding = Finding(
                .error, .noManifests, "the folder of manifests '\(path)' can't be read: \(error.localizedDescription)",
                action: "make it, or name another one with --zones", actor: .operator)
            return ([], [finding])
        }
        var findings: [Finding] = []
        var files: [(name: String, zone: DomainName)] = []
        for name in names where !name.hasPrefix(".") {
            if let only, !Self.mayBe(name, among: only) { continue }
            guard name.hasSuffix(".yaml") else {
                findings.append(ignored(name))
                continue
            }
            guard let zone = Reading.hostName(String(name.dropLast(5))) else {
                findings.append(
                    Finding(
                        .error, .zoneNameMismatch, "'\(file(name))' is not named after a zone",
                        action: "rename it to <zone>.yaml",
                        at: Place(file: file(name), line: 1, column: 1)))
                continue
            }
            files.append((name, zone))
        }
        let wishes = await wishes(of: files, configuration: configuration)
        if wishes.isEmpty, only == nil {
            findings.append(
                Finding(
                    .error, .noManifests, "the folder '\(path)' holds no manifest",
                    action: "add <zone>.yaml files, or name another folder with --zones",
                    actor: .operator))
        }
        return (Self.withoutDuplicates(wishes), findings)
    }

    /// The files, read and parsed side by side, some at a time.
    private func wishes(
        of files: [(name: String, zone: DomainName)], configuration: Configuration?
    ) async -> [ZoneWish] {
        await withTaskGroup(of: [ZoneWish].self) { group in
            for start in stride(from: 0, to: files.count, by: 64) {
                let part = files[start..<min(start + 64, files.count)]
                group.addTask {
                    part.map { wish($0.name, zone: $0.zone, configuration: configuration) }
                }
            }
            var wishes: [ZoneWish] = []
            for await part in group { wishes += part }
            return wishes
        }
    }

    /// Names beyond ASCII are read to be sure: their zone is not what they spell.
    private static func mayBe(_ name: String, among zones: Set<DomainName>) -> Bool {
        guard name.hasSuffix(".yaml") else { return false }
        if !name.utf8.allSatisfy({ $0 < 0x80 }) { return true }
        return (try? DomainName(String(name.dropLast(5)))).map { zones.contains($0) } ?? false
    }

    private func file(_ name: String) -> String { path + "/" + name }

    /// A stray file is none of our business; what may be meant as a manifest, or is no plain file, is an error.
    private func ignored(_ name: String) -> Finding {
        if let kind = PlainFile.specialKind(file(name)) {
            return Finding(
                .error, .fileKind, "'\(printable(file(name)))' is \(kind), and was not opened",
                action: "remove it, or put a plain file named <zone>.yaml in its place",
                at: Place(file: file(name), line: 1, column: 1))
        }
        return Finding(
            name.hasSuffix(".yml") ? .error : .note, .fileKind,
            "'\(printable(file(name)))' is no manifest: its name does not end in .yaml",
            action: "rename it to <zone>.yaml, or move it elsewhere", at: Place(file: file(name), line: 1, column: 1))
    }

    private func wish(_ name: String, zone: DomainName, configuration: Configuration?) -> ZoneWish {
        switch PlainFile.read(file(name), limit: YAMLLimits().octets) {
        case .failure(let refusal):
            let finding = Finding(
                .error, refusal.code, refusal.message, action: refusal.action,
                at: Place(file: file(name), line: 1, column: 1))
            return ZoneWish(zone: zone, wish: .unknown, digest: "", findings: [finding])
        case .success(let octets):
            let document = YAMLDocument.parse(octets, file: file(name))
            guard let configuration else {
                return ZoneWish(zone: zone, wish: .unknown, digest: "", findings: document.findings)
            }
            return ManifestReader.wish(document, zone: zone, file: file(name), configuration: configuration)
        }
    }

    /// `bücher.example.yaml` and `xn--bcher-kva.example.yaml` are one zone: neither counts.
    private static func withoutDuplicates(_ wishes: [ZoneWish]) -> [ZoneWish] {
        let sorted = wishes.sorted { $0.zone < $1.zone }
        guard zip(sorted, sorted.dropFirst()).contains(where: { $0.zone == $1.zone }) else { return sorted }
        let groups = Dictionary(grouping: wishes) { $0.zone }
        return groups.values.map { group in
            guard group.count > 1 else { return group[0] }
            var first = group[0]
            first.wish = .unknown
            first.findings =
                group.flatMap(\.findings) + [
                    Finding(
                        .error, .zoneDuplicate, "\(group.count) files are manifests of \(first.zone)",
                        action: "keep one of them")
                ]
            return first
        }.sorted { $0.zone < $1.zone }
    }
}
