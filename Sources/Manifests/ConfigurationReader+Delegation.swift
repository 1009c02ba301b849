import DNS
import Findings
import Planning
import YAML

extension ConfigurationReader {
    /// `policy_host.delegation`; `nil` where no zone can be delegated.
    mutating func delegation(
        _ host: YAMLNode?, target: HostTarget?, providers: [String: Configuration.Provider],
        issuer: Configuration.Issuer
    ) -> Configuration.DelegationChoice? {
        if providers[ManifestReader.delegated] != nil {
            reading.error(
                .badValue,
                "a provider can't be named '\(ManifestReader.delegated)', which means something in manifests",
                action: "choose another name", at: host?.place)
        }
        guard let host, case .mapping = host.content, let node = host["delegation"], !node.isNull,
            reading.check(node, .delegation)
        else { return nil }
        var name = node["host"].flatMap { $0.isNull ? nil : reading.name($0, "host") }
        if name == nil, case .cname(let alias)? = target { name = alias }
        if name == nil {
            reading.error(
                .missingKey, "'delegation' has no 'host', and the policy host has no 'cname'",
                action: "name the host that owners shall make their alias of", at: node.place)
        }
        var provider = reading.text(node["provider"], "provider")
        if provider == nil { provider = issuer.usualProvider(of: providers.keys) }
        guard let zone = node["zone"].flatMap({ $0.isNull ? nil : reading.name($0, "zone") }), let name else {
            return nil
        }
        guard let provider, providers[provider] != nil else {
            let near = provider.flatMap { Spelling.nearest(to: $0, among: providers.keys.sorted()) }
            reading.error(
                .providerUnknown,
                provider.map { "'\(printable($0))' is no provider of certadns.yaml" }
                    ?? "'delegation' has no 'provider', and there are several",
                action: near.map { "did you mean '\($0)'?" }
                    ?? "use one of \(providers.keys.sorted().joined(separator: ", "))",
                at: node["provider"]?.place ?? node.place)
            return nil
        }
        return Configuration.DelegationChoice(
            delegation: Delegation(zone: zone, host: name, provesByDNS: issuer.provesByDNS(nil)), provider: provider)
    }
}

extension Configuration {
    /// The provider of zones that name none; `nil` where several could be meant.
    package var usualProvider: String? { issuer.usualProvider(of: providers.keys) }
}

extension Configuration.Issuer {
    /// The only one of `names`, but for the one that is there for proofs in another zone.
    func usualProvider(of names: some Collection<String>) -> String? {
        if names.count == 1 { return names.first }
        guard case .acme(let choices) = self, let proofs = choices.challengeProvider else { return nil }
        let others = names.filter { $0 != proofs }
        return others.count == 1 ? others.first : nil
    }

    /// Whether the CA has control proven by a record; `stated` is what a zone or its provider says of that.
    func provesByDNS(_ stated: ChallengeProof.Kind?) -> Bool {
        if case .acme(let choices) = self { (stated ?? choices.challenge) == .dns01 } else { false }
    }
}

extension ManifestReader {
    /// What stands in place of a provider's name.
    static let delegated = "delegated"

    /// The provider of a zone whose DNS belongs to someone else.
    mutating func delegatedProvider(of zone: DomainName, at node: YAMLNode) -> (Delegation, provider: String)? {
        guard let configuration else { return nil }
        guard let choice = configuration.delegation else {
            reading.error(
                .providerUnknown, "'dns: delegated' needs 'delegation' under 'policy_host' in certadns.yaml",
                action: "say there in which zone of yours the records shall stand", at: node.place)
            return nil
        }
        guard choice.delegation.fits(zone) else {
            reading.error(
                .badValue, "the zone's name is too long for a name below \(choice.delegation.zone) (255 octets)",
                action: "let its own DNS provider serve it", at: node.place)
            return nil
        }
        return (choice.delegation, choice.provider)
    }
}
