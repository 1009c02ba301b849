import ACME
import ArgumentParser
import DNS
import MTASTS
import Manifests
import Planning
import Ports
import Reconciler
import Storage

extension RevocationReason: ExpressibleByArgument {}

/// `certadns acme revoke`.
struct RevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke the certificate that is held for a zone; serve or the next apply issues another one.")

    @OptionGroup var project: ProjectOptions
    @Argument(help: ArgumentHelp("The mail domain, its policy host, or a name of serve.", valueName: "zone or host"))
    var name: String
    @Option(help: "Why, as RFC 5280 names it (default: no reason).") var reason: RevocationReason?

    func run() async throws {
        try await Reporting.errors {
            guard let name = ZoneName.parse(key: name) else {
                throw Refusal(message: "'\(name)' is no domain name", action: "name a zone or its policy host")
            }
            let wiring = try Wiring(project)
            guard try await wiring.reader() != nil else { throw Self.nothing(name) }
            let store = try await wiring.store()
            defer { try? store.close() }
            guard let acme = try wiring.issuing.acme(store) else { throw CommonRefusal.notACME }
            let (owner, material) = try await Self.held(name, store)
            guard material.facts.issuer == acme.issuer.name else {
                throw Refusal(
                    message:
                        "the certificate held for \(owner.host) is by '\(material.facts.issuer)', not by '\(acme.issuer.name)'",
                    action:
                        "set the issuer that it came from in a configuration of its own, and name that with --config")
            }
            let run = Revocation(zone: owner.key, of: material.facts, store: store, owner: .thisProcess())
            let answer = try await run.perform { () async throws(Failure) in
                try await acme.issuer.revoke(material, reason: reason)
            }
            let by = answer.signer == .account ? "the account" : "the certificate's own key"
            let what =
                answer.wasRevoked
                ? "already revoked: the certificate of \(owner.host); the CA keeps the reason that it was given first\n"
                : "revoked: the certificate of \(owner.host), by \(by)\n"
            Terminal.print(
                what
                    + "next: 'certadns serve' renews it by itself, or run 'certadns apply'; until then the revoked one is served\n"
            )
        }
    }

    /// What the name means, and what is held for it.
    private static func held(
        _ name: DomainName, _ store: any StateStore
    ) async throws -> (owner: CertificateOwner, material: CertificateMaterial) {
        let meant: [CertificateOwner] =
            if CertificateOwner(key: name).isOwnName {
                [CertificateOwner(key: name)]
            } else if let zone = WellKnown.zone(ofHost: name), try await store.certificate(for: name) != nil {
                [.policyHost(of: zone)]
            } else {
                [.policyHost(of: name), .ownName(name)]
            }
        var found: [(owner: CertificateOwner, material: CertificateMaterial)] = []
        for owner in meant {
            if let material = try await store.material(for: owner.host) { found.append((owner, material)) }
        }
        if found.count > 1 {
            throw Refusal(
                message: "\(name) is a mail domain and a name of serve, and each has a certificate",
                action: "name \(WellKnown.hostName(name)), or \(CertificateOwner.ownName(name).key)")
        }
        if let only = found.first { return only }
        throw nothing(name)
    }

    private static func nothing(_ name: DomainName) -> Refusal {
        Refusal(
            message: "no certificate is held for \(name)",
            action: "name a zone that 'certadns status' lists, in the folder where it is kept")
    }
}
