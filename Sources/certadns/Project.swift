import Checkout
import DNS
import Findings
import Foundation
import Manifests
import Planning

/// The configuration as read from disk: all that serving, the CA and looking back need.
struct Setup: Sendable {
    let configuration: Configuration?
    let findings: [Finding]
    let folder: String

    static func read(_ options: ProjectOptions) -> Setup {
        switch PlainFile.read(options.config, limit: 1 << 20) {
        case .success(let octets):
            let read = Configuration.parse(octets, file: options.config)
            return Setup(configuration: read.configuration, findings: read.findings, folder: options.folder)
        case .failure(let refusal):
            let finding = Finding(
                .error, .fileUnreadable, "the configuration can't be read: \(refusal.message)",
                action: "write one, or name it with --config", actor: .operator)
            return Setup(configuration: nil, findings: [finding], folder: options.folder)
        }
    }

    /// The configuration, or the end of the command with everything that is wrong with it.
    func required() throws -> Configuration {
        guard let configuration else { throw Unreadable(findings: findings) }
        return configuration
    }

    /// What was read can't be used.
    struct Unreadable: Error { let findings: [Finding] }
}

/// Configuration and manifests as read from disk.
struct Project: Sendable {
    let setup: Setup
    /// What the manifests wish for their zones, and the configuration for the names of serve itself.
    let wishes: [ZoneWish]
    /// What concerns no single zone, the configuration's own findings included.
    let findings: [Finding]
    let commit: String?

    /// Reads both; everything that is wrong is in ``findings`` and the wishes' own.
    static func read(_ options: ProjectOptions, only: Set<DomainName>? = nil) async -> Project {
        async let commit = GitCheckout(folder: options.zonesFolder).commit()
        let setup = Setup.read(options)
        let manifests = await ManifestFolder(path: options.zonesFolder).read(
            configuration: setup.configuration, only: only?.filter { !CertificateOwner(key: $0).isOwnName })
        let own = (setup.configuration?.ownWishes ?? []).filter { only?.contains($0.zone) ?? true }
        return Project(
            setup: setup, wishes: manifests.wishes + own, findings: setup.findings + manifests.findings,
            commit: await commit)
    }

    /// The configuration, or the end of the command where nothing can be decided: without a configuration, or without any
    /// manifest (a wrong folder must not look like a wish to withdraw all). A stray file stops no other zone.
    func required() throws -> Configuration {
        guard let configuration = setup.configuration, !findings.contains(where: { $0.code == .noManifests }) else {
            throw Setup.Unreadable(findings: findings + wishes.flatMap(\.findings))
        }
        return configuration
    }

    /// How many domains have which add-on.
    var addOns: [AddOnTotal] {
        let prices = setup.configuration?.prices ?? [:]
        return Set(wishes.flatMap(\.addOns)).union(prices.keys).sorted().map { name in
            AddOnTotal(name: name, domains: wishes.count { $0.addOns.contains(name) }, price: prices[name])
        }
    }
}
