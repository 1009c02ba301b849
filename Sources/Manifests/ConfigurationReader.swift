import DNS
package import Findings
import Planning
import TLSRPT
import YAML

extension Configuration {
    /// Reads certadns.yaml. With any error there is no configuration, and no zone's desire is known.
    package static func parse(_ octets: [UInt8], file: String) -> (configuration: Configuration?, findings: [Finding]) {
        let document = YAMLDocument.parse(octets, file: file)
        guard let root = document.root else {
            guard document.findings.isEmpty else {
                return (nil, ConfigurationReader(document.findings).reading.findings)
            }
            let finding = Finding(
                .error, .missingKey, "the configuration is empty",
                action: "write at least \(FieldTable.configuration.leastLines), with your own values",
                at: Place(file: file, line: 1, column: 1))
            return (nil, [finding])
        }
        var reader = ConfigurationReader(document.findings)
        let configuration = reader.read(root)
        return (reader.reading.hasErrors ? nil : configuration, reader.reading.findings)
    }
}

/// Meaning of certadns.yaml, map by map.
struct ConfigurationReader {
    var reading: Reading

    /// Goes on from what the file's tree showed.
    init(_ findings: [Finding]) { reading = Reading(findings) }

    mutating func read(_ root: YAMLNode) -> Configuration? {
        guard reading.check(root, .configuration) else { return nil }
        let remote = remoteState(root["state"], policyHost: root["policy_host"])
        let isMap = if case .mapping? = root["state"]?.content { true } else { false }
        let state = isMap ? "state" : reading.text(root["state"], "state") ?? "state"
        let providers = self.providers(root["providers"])
        let challenges = self.challenges(root["providers"])
        let issuer = self.issuer(root["issuer"])
        let host = policyHost(root["policy_host"])
        let folder = policyFolder(root["policy_host"])
        check(challengeProvider: root["issuer"], of: issuer, among: providers)
        let delegation = delegation(root["policy_host"], target: host?.target, providers: providers, issuer: issuer)
        let own = ownNames(root["serve"], providers: providers, challenges: challenges, issuer: issuer)
        let managed = (reading.list(root["managed_reports"], "managed_reports") ?? []).compactMap {
            reading.reportURI($0, "managed_reports")
        }
        let observe = self.observe(root["observe"])
        let ttl = self.ttl(root["ttl"])
        let prices = self.prices(root["add_ons"])
        let seal = self.seal(root["keys"])
        let postgreSQL = self.postgreSQL(root["state"], issuer: root["issuer"], seal: seal)
        let withdrawals = reading.fleetShare(root["max_withdrawals"], "max_withdrawals").map(WithdrawalLimit.init)
        let changes = reading.fleetShare(root["max_changes"], "max_changes").map(ChangeLimit.init)
        checkDefaults(
            root["defaults"], beside: root["providers"], managedReports: root["managed_reports"] == nil ? [] : managed)
        guard let host, !reading.hasErrors else { return nil }
        return Configuration(
            state: state, remoteState: remote, postgreSQL: postgreSQL, statePlace: root["state"]?.place,
            providers: providers,
            challenges: challenges,
            issuer: issuer,
            hostTarget: host.target, listen: host.listen,
            listenHTTP: host.http,
            statesListenHTTP: root["policy_host"]?["listen_http"].map { !$0.isNull } ?? false,
            delegation: delegation, policyFolder: folder, connect: host.connect,
            managedReports: managed, resolvers: observe.resolvers, nameServers: observe.nameServers,
            httpsPort: observe.port,
            trustsSystem: observe.system,
            trustFiles: observe.files, defaults: root["defaults"], ttl: ttl, prices: prices, seal: seal,
            ownNames: own, withdrawals: withdrawals ?? .usual, changes: changes ?? .usual)
    }

    private mutating func providers(_ node: YAMLNode?) -> [String: Configuration.Provider] {
        guard let node, !node.isNull else { return [:] }
        guard case .mapping(let entries) = node.content, !entries.isEmpty else {
            reading.error(
                .wrongType, "'providers' is \(node.kindWords), and a map of names to providers is wanted",
                action: "write 'providers: {primary: {type: rfc2136, …}}'", at: node.place)
            return [:]
        }
        var providers: [String: Configuration.Provider] = [:]
        for entry in entries { providers[entry.key] = provider(entry.value, name: entry.key) }
        return providers
    }

    /// How control is proven, by provider; what is no map of maps is told where the providers are read.
    private mutating func challenges(_ node: YAMLNode?) -> [String: ChallengeProof.Kind] {
        guard case .mapping(let entries)? = node?.content else { return [:] }
        var challenges: [String: ChallengeProof.Kind] = [:]
        for entry in entries {
            guard case .mapping = entry.value.content else { continue }
            challenges[entry.key] = reading.challenge(entry.value["challenge"])
        }
        return challenges
    }

    private mutating func provider(_ node: YAMLNode, name: String) -> Configuration.Provider? {
        guard case .mapping = node.content else {
            reading.error(
                .wrongType, "the provider '\(printable(name))' is \(node.kindWords), and a map is wanted",
                action: "write '{type: rfc2136, server: …}' or '{type: zonefile, folder: …}'", at: node.place)
            return nil
        }
        switch reading.text(node["type"], "type") {
        case "rfc2136": return rfc2136(node)
        case "zonefile": return zoneFile(node)
        case nil:
            if node["type"] == nil || node["type"]?.isNull == true {
                reading.error(
                    .missingKey, "the provider '\(printable(name))' has no 'type'",
                    action: "add 'type: rfc2136' or 'type: zonefile'", at: node.place)
            }
            return nil
        case let other?:
            let near = Spelling.nearest(to: other, among: ["rfc2136", "zonefile"])
            reading.error(
                .badValue, "'\(printable(other))' is no type of provider",
                action: near.map { "did you mean '\($0)'?" } ?? "use rfc2136 or zonefile", at: node["type"]?.place)
            return nil
        }
    }

    private mutating func rfc2136(_ node: YAMLNode) -> Configuration.Provider? {
        guard reading.check(node, .rfc2136) else { return nil }
        let server = reading.endpoint(node["server"], "server", defaultPort: 53)
        let key = node["key"].flatMap { $0.isNull ? nil : self.key($0) }
        var how = Configuration.Reading.query
        if let text = reading.text(node["read"], "read") {
            if let known = Configuration.Reading(rawValue: text) {
                how = known
            } else {
                reading.error(
                    .badValue, "'\(printable(text))' is no way to read a zone", action: "use query or transfer",
                    at: node["read"]?.place)
            }
        }
        return server.map { .rfc2136(server: $0, key: key, reading: how) }
    }

    private mutating func key(_ node: YAMLNode) -> Configuration.Key? {
        guard reading.check(node, .key) else { return nil }
        var name: DomainName?
        if let text = reading.text(node["name"], "name") {
            name = try? DomainName(text)
            if name == nil {
                reading.error(
                    .badValue, "'\(unlessSecret(text))' is no key name", action: "write it as the server has it",
                    at: node["name"]?.place)
            }
        }
        var algorithm = TSIGKey.Algorithm.hmacSHA256
        if let text = reading.text(node["algorithm"], "algorithm") {
            if let known = TSIGKey.Algorithm(rawValue: text.lowercased()) {
                algorithm = known
            } else {
                reading.error(
                    .badValue, "'\(unlessSecret(text))' is no TSIG algorithm that is offered",
                    action: "use hmac-sha256 or hmac-sha512",
                    at: node["algorithm"]?.place)
            }
        }
        let secret = self.secret(node["secret"])
        guard let name, let secret else { return nil }
        return Configuration.Key(name: name, algorithm: algorithm, secret: secret)
    }

    /// A value beside the secret, for a message. Whoever mixes the two up writes the secret here, and no secret is so short.
    func unlessSecret(_ text: String) -> String { text.utf8.count > 20 ? "…" : printable(text) }

    /// A literal secret is refused. Its place is made anew: an alias may have brought the value from a line that names no secret.
    mutating func secret(_ node: YAMLNode?) -> SecretReference? {
        guard let text = reading.text(node, "secret"), let node else { return nil }
        if text.hasPrefix("env:"), text.count > 4 { return .environment(String(text.dropFirst(4))) }
        if text.hasPrefix("file:"), text.count > 5 { return .file(String(text.dropFirst(5))) }
        reading.error(
            .secretLiteral, "a secret stands here in the open",
            action: "replace it by 'env:NAME' or 'file:PATH', and change the secret", at: node.place.bare)
        return nil
    }

    private mutating func zoneFile(_ node: YAMLNode) -> Configuration.Provider? {
        guard reading.check(node, .zoneFile) else { return nil }
        let words = reading.command(node["reload"], "reload")
        let seed = reading.text(node["seed"], "seed")
        return reading.text(node["folder"], "folder").map { .zoneFile(folder: $0, seed: seed, reload: words) }
    }

    private typealias PolicyHost = (target: HostTarget, listen: Endpoint, http: Endpoint, connect: Endpoint?)

    private mutating func policyHost(_ node: YAMLNode?) -> PolicyHost? {
        guard let node, !node.isNull, reading.check(node, .policyHost) else { return nil }
        let listen =
            reading.endpoint(node["listen"], "listen", defaultPort: nil) ?? Endpoint("0.0.0.0:443", defaultPort: nil)
        let http =
            reading.endpoint(node["listen_http"], "listen_http", defaultPort: nil)
            ?? Endpoint("0.0.0.0:80", defaultPort: nil)
        let connect = reading.endpoint(node["connect"], "connect", defaultPort: nil, hostAllowed: true)
        let addresses = reading.list(node["addresses"], "addresses")
        let cname = node["cname"].flatMap { $0.isNull ? nil : $0 }
        guard let listen, let http else { return nil }
        switch (addresses, cname) {
        case (let nodes?, nil):
            let found = nodes.compactMap { reading.address($0, "addresses") }
            if nodes.isEmpty {
                reading.error(
                    .badValue, "'addresses' is an empty list", action: "name at least one address",
                    at: node["addresses"]?.place)
            }
            return (.addresses(Array(Set(found)).sorted()), listen, http, connect)
        case (nil, let cname?):
            return reading.name(cname, "cname").map { (.cname($0), listen, http, connect) }
        case (.some, .some):
            reading.error(
                .badValue, "'policy_host' has 'addresses' and 'cname'", action: "keep one of the two", at: cname?.place)
        case (nil, nil):
            if node["addresses"] == nil {
                reading.error(
                    .missingKey, "'policy_host' has neither 'addresses' nor 'cname'", action: "add one of the two",
                    at: node.place)
            }
        }
        return nil
    }

    private mutating func observe(_ node: YAMLNode?) -> (
        resolvers: [Endpoint], nameServers: [Endpoint], port: Int, system: Bool, files: [String]
    ) {
        guard let node, !node.isNull, reading.check(node, .observe) else { return ([], [], 443, true, []) }
        let resolvers = (reading.list(node["resolvers"], "resolvers") ?? []).compactMap {
            reading.endpoint($0, "resolvers", defaultPort: 53)
        }
        let nameServers = (reading.list(node["name_servers"], "name_servers") ?? []).compactMap {
            reading.endpoint($0, "name_servers", defaultPort: 53)
        }
        let port = reading.number(node["https_port"], "https_port", in: 1...65_535) ?? 443
        let trust = reading.trust(node["trust"])
        return (resolvers, nameServers, port, trust.contains("system"), trust.filter { $0 != "system" })
    }

    private mutating func ttl(_ node: YAMLNode?) -> TTLs {
        var ttl = TTLs()
        guard let node, !node.isNull, reading.check(node, .ttl) else { return ttl }
        // RFC 2181 §8 ends at 2^31 - 1; a day and more would make every change wait for it.
        if let seconds = reading.seconds(node["_mta-sts"], "_mta-sts", in: 0...86_400) { ttl.mtaSTS = UInt32(seconds) }
        if let seconds = reading.seconds(node["default"], "default", in: 0...604_800) { ttl.other = UInt32(seconds) }
        return ttl
    }

    private mutating func prices(_ node: YAMLNode?) -> [String: AddOnTotal.Price] {
        guard let node, !node.isNull else { return [:] }
        guard case .mapping(let entries) = node.content else {
            reading.error(
                .wrongType, "'add_ons' is \(node.kindWords), and a map is wanted",
                action: "write 'add_ons: {email-authentication: {price: 10 USD}}'", at: node.place)
            return [:]
        }
        var prices: [String: AddOnTotal.Price] = [:]
        for entry in entries {
            ManifestReader.checkAddOn(entry.key, at: entry.place, &reading)
            guard reading.check(entry.value, .addOn) else { continue }
            prices[entry.key] = price(entry.value["price"])
        }
        return prices
    }

    private mutating func price(_ node: YAMLNode?) -> AddOnTotal.Price? {
        guard let text = reading.text(node, "price"), let node else { return nil }
        let words = text.split(separator: " ")
        let parts = words.first?.split(separator: ".", omittingEmptySubsequences: false) ?? []
        guard words.count == 2, words[1].utf8.count == 3, words[1].utf8.allSatisfy({ (0x41...0x5a).contains($0) }),
            (1...2).contains(parts.count),
            let whole = Int(parts[0]), (0...1_000_000).contains(whole), parts.count == 1 || parts[1].count == 2,
            let part = parts.count == 2 ? Int(parts[1]) : 0, part >= 0
        else {
            reading.error(
                .badValue, "'\(printable(text))' is no price",
                action: "write an amount and a currency, such as 10 USD or 9.50 EUR", at: node.place)
            return nil
        }
        return AddOnTotal.Price(hundredths: whole * 100 + part, currency: String(words[1]))
    }

    /// Defaults are checked where they stand, not once in every manifest.
    private mutating func checkDefaults(
        _ node: YAMLNode?, beside providers: YAMLNode?, managedReports: [ReportURI]
    ) {
        guard let node, !node.isNull,
            reading.check(node, FieldTable("defaults", FieldTable.manifest.fields.map(\.optional)))
        else { return }
        for key in ["zone", "waivers", "adopt"] {
            guard let value = node[key] else { continue }
            reading.error(
                .unknownKey, "'\(key)' can't be a default", action: "write it in the manifests that it concerns",
                at: value.place)
        }
        var names: [String]?
        if case .mapping(let entries)? = providers?.content { names = entries.map(\.key) }
        // Addresses that can't be read are told already, and 'managed' means something then.
        var reader = ManifestReader(
            defaultsBeside: names, managedReports: reading.hasErrors && managedReports.isEmpty ? nil : managedReports,
            reading: reading)
        reader.check(defaults: node)
        reading = reader.reading
    }
}

extension Field {
    fileprivate var optional: Field { Field(key, kind, required: false, fallback: fallback, meaning) }
}
