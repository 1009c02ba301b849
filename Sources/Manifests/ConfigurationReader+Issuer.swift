import Findings
import Planning
import YAML

/// The issuer's part of certadns.yaml.
extension ConfigurationReader {
    mutating func issuer(_ node: YAMLNode?) -> Configuration.Issuer {
        guard let node, !node.isNull else { return .local }
        guard case .mapping = node.content else {
            reading.error(
                .wrongType, "'issuer' is \(node.kindWords), and a map of keys is wanted",
                action: "write 'key: value' lines: type", at: node.place)
            return .local
        }
        switch reading.text(node["type"], "type") {
        case "acme": return acme(node).map { .acme($0) } ?? .local
        case "local", nil:
            _ = reading.check(node, .issuer)
        case let other?:
            let near = Spelling.nearest(to: other, among: ["local", "acme"])
            reading.error(
                .badValue, "'\(printable(other))' is no type of issuer",
                action: near.map { "did you mean '\($0)'?" } ?? "use local or acme", at: node["type"]?.place)
        }
        return .local
    }

    private mutating func acme(_ node: YAMLNode) -> ACMEChoices? {
        guard reading.check(node, .acme) else { return nil }
        let directory = self.directory(node["directory"])
        let contact = (reading.list(node["contact"], "contact") ?? []).compactMap { self.contact($0) }
        let trust = reading.trust(node["trust"])
        let challenge = reading.challenge(node["challenge"]) ?? .dns01
        let keyType = reading.choice(node["key_type"], "key_type", ["p256", "p384", "rsa2048"]) ?? "p256"
        let propagation = self.propagation(node["propagation"])
        let concurrency = reading.number(node["concurrency"], "concurrency", in: 1...1_000)
        let external = externalAccount(node["external_account"])
        let budget = self.budget(node["budget"])
        guard let directory else { return nil }
        return ACMEChoices(
            directory: directory.url, host: directory.host, contact: contact, trustsSystem: trust.contains("system"),
            trustFiles: trust.filter { $0 != "system" }, challenge: challenge,
            challengeProvider: reading.text(node["challenge_provider"], "challenge_provider"), keyType: keyType,
            reusesKey: reading.flag(node["reuse_key"], "reuse_key") ?? false,
            preferredChain: reading.text(node["preferred_chain"], "preferred_chain"),
            profile: reading.text(node["profile"], "profile"), externalAccount: external,
            propagationServers: propagation.servers, quorum: propagation.quorum, wait: propagation.wait,
            concurrency: concurrency ?? ACMEChoices.usualConcurrency, budget: budget)
    }

    /// The provider of the zone that proofs lie in is one of the providers.
    mutating func check(
        challengeProvider node: YAMLNode?, of issuer: Configuration.Issuer,
        among providers: [String: Configuration.Provider]
    ) {
        guard case .acme(let choices) = issuer, let name = choices.challengeProvider, !providers.isEmpty,
            providers[name] == nil
        else { return }
        let known = providers.keys.sorted()
        reading.error(
            .providerUnknown, "'challenge_provider' is '\(printable(name))', which is no provider of certadns.yaml",
            action: Spelling.nearest(to: name, among: known).map { "did you mean '\($0)'?" }
                ?? "use one of \(known.joined(separator: ", "))",
            at: node?["challenge_provider"]?.place)
    }

    private mutating func directory(_ node: YAMLNode?) -> (url: String, host: String)? {
        guard let text = reading.text(node, "directory"), let node else { return nil }
        let rest = text.dropFirst("https://".count)
        let host = rest.prefix { $0 != "/" }
        guard text.lowercased().hasPrefix("https://"), !host.isEmpty,
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else {
            reading.error(
                .badValue, "'\(printable(text))' is no https URL",
                action: "write the CA's directory, such as https://acme-v02.api.letsencrypt.org/directory",
                at: node.place)
            return nil
        }
        return (text, host.lowercased())
    }

    private mutating func contact(_ node: YAMLNode) -> String? {
        guard let text = reading.text(node, "contact") else { return nil }
        guard text.hasPrefix("mailto:"), text.contains("@"), text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            reading.error(
                .badValue, "'\(printable(text))' is no contact that CAs take",
                action: "write a mail address as 'mailto:ops@example.com'", at: node.place)
            return nil
        }
        return text
    }

    private mutating func externalAccount(_ node: YAMLNode?) -> ACMEChoices.ExternalAccountChoice? {
        guard let node, !node.isNull, reading.check(node, .externalAccount) else { return nil }
        let key = secret(node["key"])
        guard let kid = reading.text(node["kid"], "kid"), let key else { return nil }
        return ACMEChoices.ExternalAccountChoice(kid: kid, key: key)
    }

    private mutating func propagation(_ node: YAMLNode?) -> (servers: [Endpoint], quorum: Int?, wait: Int) {
        guard let node, !node.isNull, reading.check(node, .propagation) else { return ([], nil, 120) }
        let advice = "name those that are to show the proof, such as [\"192.0.2.53:53\"]"
        let items = reading.filled(node["servers"], "servers", advice: advice)
        let servers = (items ?? []).compactMap { reading.endpoint($0, "servers", defaultPort: 53) }
        let quorum = reading.number(node["quorum"], "quorum", in: 1...100)
        // One that stands there twice shows the proof once; one that can't be read is told already.
        let count = items?.count == servers.count ? Set(servers).count : 0
        if let quorum, count > 0, quorum > count {
            reading.error(
                .badValue, "'quorum' is \(quorum), and 'servers' names only \(count): no proof could ever be enough",
                action: count == 1
                    ? "write 1, or name more servers" : "write a number from 1 to \(count), or name more servers",
                at: node["quorum"]?.place)
        }
        return (servers, quorum, reading.seconds(node["wait"], "wait", in: 1...3_600) ?? 120)
    }
}

extension Reading {
    /// How control of a name is proven to a CA.
    mutating func challenge(_ node: YAMLNode?) -> ChallengeProof.Kind? {
        choice(node, "challenge", ChallengeProof.Kind.allCases.map(\.rawValue)).flatMap(ChallengeProof.Kind.init)
    }

    /// One of a few known words.
    mutating func choice(_ node: YAMLNode?, _ what: String, _ known: [String]) -> String? {
        guard let text = self.text(node, what), let node else { return nil }
        guard known.contains(text) else {
            let near = Spelling.nearest(to: text, among: known)
            error(
                .badValue, "'\(printable(text))' is no '\(what)' that is known",
                action: near.map { "did you mean '\($0)'?" } ?? "use \(known.joined(separator: ", "))", at: node.place)
            return nil
        }
        return text
    }
}
