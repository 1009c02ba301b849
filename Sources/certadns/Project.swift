import Checkout
import DNS
import Findings
import Foundation
import Manifests
import Planning

/// Configuration and manifests as read from disk.
struct Project: Sendable {
    var configuration: Configuration?
    var wishes: [ZoneWish]
    var findings: [Finding]
    var commit: String?
    var folder: String

    /// Reads both; everything that is wrong is in ``findings`` and the wishes' own.
    static func read(_ options: ProjectOptions, only: Set<DomainName>? = nil) async -> Project {
        async let commit = GitCheckout(folder: options.zonesFolder).commit()
        var findings: [Finding] = []
        var configuration: Configuration?
        switch PlainFile.read(options.config, limit: 1 << 20) {
        case .success(let octets):
            let read = Configuration.parse(octets, file: options.config)
            configuration = read.configuration
            findings += read.findings
        case .failure(let refusal):
            findings.append(
                Finding(
                    .error, .fileUnreadable, "the configuration can't be read: \(refusal.message)",
                    action: "write one, or name it with --config", actor: .operator))
        }
        let manifests = await ManifestFolder(path: options.zonesFolder).read(configuration: configuration, only: only)
        return Project(
            configuration: configuration, wishes: manifests.wishes, findings: findings + manifests.findings,
            commit: await commit, folder: options.folder)
    }

    /// The configuration, or the end of the command with everything that is wrong with it.
    func required() throws -> Configuration {
        if let configuration, !findings.contains(where: { $0.severity == .error }) { return configuration }
        throw Unreadable(findings: findings + wishes.flatMap(\.findings))
    }

    /// A path of the configuration, relative to its folder.
    func path(_ path: String) -> String { path.hasPrefix("/") ? path : folder + "/" + path }

    /// How many domains have which add-on.
    var addOns: [AddOnTotal] {
        let names = Set(wishes.flatMap(\.addOns)).union(configuration?.prices.keys.map { $0 } ?? [])
        return names.sorted().map { name in
            AddOnTotal(
                name: name, domains: wishes.count { $0.addOns.contains(name) }, price: configuration?.prices[name])
        }
    }

    /// The project can't be used.
    struct Unreadable: Error { let findings: [Finding] }
}
