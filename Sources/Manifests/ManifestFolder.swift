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
    /// Without a configuration every zone's wish is unknown, but what is wrong in the manifests themselves is told.
    /// With `only`, files of other zones are not opened: one zone's plan must not wait for fifty thousand.
    package func read(
        configuration: Configuration?, only: Set<DomainName>? = nil
    ) async -> (wishes: [ZoneWish], findings: [Finding]) {
        let folder: OpenFolder
        switch OpenFolder.open(path) {
        case .success(let opened): folder = opened
        case .failure(let refusal): return ([], [unreadable(refusal.message, refusal.action)])
        }
        guard let names = folder.names() else {
            return ([], [unreadable("its entries can't be listed", "look at the file system")])
        }
        var findings: [Finding] = []
        var files: [Candidate] = []
        var others: [String] = []
        for name in names where !name.hasPrefix(".") {
            let file = only.map { Self.mayBe(name, among: $0) } ?? true ? Candidate(name) : nil
            if let file, let zone = file.zone, only?.contains(zone) ?? true {
                files.append(file)
            } else {
                others.append(name)
            }
        }
        let stated = await look(at: files, in: folder, configuration: configuration)
        if stated.isEmpty, only == nil {
            findings.append(
                Finding(
                    .error, .noManifests, "the folder '\(path)' holds no manifest",
                    action: "add <zone>.yaml files, or name another folder with --zones",
                    actor: .operator))
        }
        // One zone's plan must not wait for fifty thousand files, unless its own is not there.
        let missing = only.map { $0.subtracting(stated.compactMap(\.wish?.zone)) }
        let rest =
            missing?.isEmpty == true ? [] : await look(at: others.map(Candidate.init), in: folder, configuration: nil)
        let wishes = Self.withoutDuplicates(stated)
        let claims = Self.claims(in: stated + rest, besides: Set(wishes.map(\.zone)), only: only)
        if only == nil {
            let told = Set(claims.flatMap(\.findings))
            findings = rest.compactMap(\.finding).filter { !told.contains($0) } + findings
        }
        return ((wishes + claims).sorted { $0.zone < $1.zone }, findings)
    }

    /// A file by its name.
    private struct Candidate: Sendable {
        let name: String
        /// Whose manifest it is by its name, if it is one's.
        let zone: DomainName?

        init(_ name: String) {
            self.name = name
            zone = name.hasSuffix(".yaml") ? Reading.hostName(String(name.dropLast(5))) : nil
        }
    }

    /// Names beyond ASCII are looked at to be sure: their zone is not what they spell.
    private static func mayBe(_ name: String, among zones: Set<DomainName>) -> Bool {
        guard name.hasSuffix(".yaml") else { return false }
        if !name.utf8.allSatisfy({ $0 < 0x80 }) { return true }
        return (try? DomainName(String(name.dropLast(5)))).map { zones.contains($0) } ?? false
    }

    /// What one file gave.
    private struct Found: Sendable {
        var wish: ZoneWish?
        /// Where the manifest names its zone.
        var place: Place?
        var finding: Finding?
        var claims: [ZoneClaim] = []
    }

    /// The files, read and parsed side by side, some at a time.
    private func look(
        at files: [Candidate], in folder: OpenFolder, configuration: Configuration?
    ) async -> [Found] {
        await withTaskGroup(of: (Int, [Found]).self) { group in
            for start in stride(from: 0, to: files.count, by: 64) {
                let part = files[start..<min(start + 64, files.count)]
                group.addTask {
                    (start, part.map { Self.look(at: $0, in: folder, configuration: configuration) })
                }
            }
            var found: [(Int, [Found])] = []
            for await part in group { found.append(part) }
            return found.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
    }

    private static func look(at file: Candidate, in folder: OpenFolder, configuration: Configuration?) -> Found {
        let path = folder.file(file.name)
        let place = Place(file: path, line: 1, column: 1)
        guard let zone = file.zone else { return stray(file.name, in: folder, at: place) }
        switch folder.read(file.name, limit: YAMLLimits().octets) {
        case .failure(let refusal):
            let finding = Finding(.error, refusal.code, refusal.message, action: refusal.action, at: place)
            return Found(wish: ZoneWish(zone: zone, wish: .unknown, digest: "", findings: [finding]), place: place)
        case .success(let octets):
            let document = YAMLDocument.parse(octets, file: path)
            var found = Found(place: document.root?["zone"]?.place ?? place)
            if let inside = ZoneClaim.zone(inside: octets, document), inside != zone {
                found.claims = [claim(inside, path, at: document.root?["zone"]?.place ?? place)]
            }
            found.wish = ManifestReader.wish(document, zone: zone, file: path, configuration: configuration)
            return found
        }
    }

    /// A stray file is none of our business; what may be meant as a manifest, or is no plain file, is an error.
    private static func stray(_ name: String, in folder: OpenFolder, at place: Place) -> Found {
        let path = folder.file(name)
        let spelt = ZoneClaim.spelt(by: name)
        var found = Found()
        if let kind = PlainFile.specialKind(name, in: folder.descriptor) {
            let finding = Finding(
                .error, .fileKind, "'\(printable(path))' is \(kind), and was not opened",
                action: "remove it, or put a plain file named <zone>.yaml in its place", at: place)
            found.finding = finding
            found.claims = [spelt ?? Reading.hostName(name)].compactMap { $0 }.map {
                ZoneClaim(zone: $0, finding: finding)
            }
            return found
        }
        let finding =
            name.hasSuffix(".yaml")
            ? Finding(
                .error, .zoneNameMismatch, "'\(printable(path))' is not named after a zone",
                action: "rename it to <zone>.yaml", at: place)
            : Finding(
                spelt == nil ? .note : .error, .fileKind,
                "'\(printable(path))' is no manifest: its name does not end in .yaml",
                action: "rename it to <zone>.yaml, or move it elsewhere", at: place)
        found.finding = finding
        if let spelt { found.claims.append(ZoneClaim(zone: spelt, finding: finding)) }
        if case .success(let octets) = folder.read(name, limit: YAMLLimits().octets) {
            let document = YAMLDocument.parse(octets, file: path)
            // A page of prose may quote a manifest; only a file named like one is read line by line.
            let lines = spelt != nil || name.hasSuffix(".yaml") ? octets : []
            if let inside = ZoneClaim.zone(inside: lines, document), inside != spelt {
                found.claims.append(claim(inside, path, at: document.root?["zone"]?.place ?? place))
            }
        }
        return found
    }

    private static func claim(_ zone: DomainName, _ path: String, at place: Place) -> ZoneClaim {
        ZoneClaim(
            zone: zone,
            finding: Finding(
                .error, .zoneNameMismatch,
                "'\(printable(path))' says that it is for \(zone), but is not named after it; so what \(zone) shall have is unknown",
                action: "rename the file to \(zone).yaml, or mend 'zone'", at: place))
    }

    /// Unknown wishes of zones that files claim and no manifest of their own names.
    private static func claims(in found: [Found], besides stated: Set<DomainName>, only: Set<DomainName>?) -> [ZoneWish]
    {
        let claims = found.flatMap(\.claims).filter { !stated.contains($0.zone) && only?.contains($0.zone) ?? true }
        return Dictionary(grouping: claims, by: \.zone).map { zone, claims in
            ZoneWish(zone: zone, wish: .unknown, digest: "", findings: claims.map(\.finding))
        }
    }

    private func unreadable(_ why: String, _ action: String) -> Finding {
        Finding(
            .error, .noManifests, "the folder of manifests '\(path)' can't be read: \(why)", action: action,
            actor: .operator)
    }

    /// `bücher.example.yaml` and `xn--bcher-kva.example.yaml` are one zone: neither counts.
    private static func withoutDuplicates(_ found: [Found]) -> [ZoneWish] {
        let wishes = found.compactMap(\.wish).sorted { $0.zone < $1.zone }
        guard zip(wishes, wishes.dropFirst()).contains(where: { $0.zone == $1.zone }) else { return wishes }
        let groups = Dictionary(grouping: found.filter { $0.wish != nil }) { $0.wish?.zone }
        return groups.values.compactMap { group -> ZoneWish? in
            guard var wish = group.first?.wish, group.count > 1 else { return group.first?.wish }
            let files = group.compactMap(\.place).map { "'\(printable($0.file, limit: 300))'" }
            wish.wish = .unknown
            wish.findings =
                group.flatMap { $0.wish?.findings ?? [] } + [
                    Finding(
                        .error, .zoneDuplicate,
                        "\(files.joined(separator: " and ")) are manifests of one zone, \(wish.zone)",
                        action: "keep one of them", at: group.last?.place)
                ]
            return wish
        }.sorted { $0.zone < $1.zone }
    }
}
