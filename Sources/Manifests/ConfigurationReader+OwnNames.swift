package import DNS
import Findings
import MTASTS
package import Planning
import YAML

extension Configuration {
    /// A name under which `certadns serve` itself is reached, and how control of it is proven.
    package struct OwnName: Hashable, Sendable {
        /// The host name.
        package let host: DomainName
        /// Who serves the zone of DNS that gets the proof for dns-01.
        package let provider: String
        /// How control is proven; `nil` is the issuer's usual way.
        package let challenge: ChallengeProof.Kind?
    }

    /// What is wished for each of ``ownNames``: a certificate, kept up like those of policy hosts.
    package var ownWishes: [ZoneWish] {
        ownNames.map { name in
            let key = CertificateOwner.ownName(name.host).key
            let desired = DesiredZone(
                zone: key, providers: [name.provider], mtaSTS: nil, tlsRPT: nil, host: .addresses([]),
                issuer: issuer.name, challenge: name.challenge)
            let digest = Digest.hex("\(name.host) \(name.provider) \(name.challenge?.rawValue ?? "") \(issuer.name)")
            return ZoneWish(zone: key, wish: .desired(desired), digest: digest)
        }
    }
}

extension ConfigurationReader {
    /// `serve.names`: each a name alone, or a map.
    mutating func ownNames(
        _ node: YAMLNode?, providers: [String: Configuration.Provider], challenges: [String: ChallengeProof.Kind],
        issuer: Configuration.Issuer
    ) -> [Configuration.OwnName] {
        guard let node, !node.isNull, reading.check(node, .serve) else { return [] }
        let usual = if case .acme(let choices) = issuer { choices.challengeProvider } else { String?.none }
        var names: [Configuration.OwnName] = []
        var seen: Set<DomainName> = []
        for item in reading.list(node["names"], "names") ?? [] {
            guard let (host, place) = ownHost(item) else { continue }
            guard seen.insert(host).inserted else {
                reading.error(
                    .badValue, "'\(host)' stands twice in 'names'", action: "remove one of the two", at: place)
                continue
            }
            var stated: YAMLNode?
            var challenge: ChallengeProof.Kind?
            if case .mapping = item.content {
                stated = item["dns"].flatMap { $0.isNull ? nil : $0 }
                challenge = reading.challenge(item["challenge"])
            }
            guard let provider = provider(stated, of: host, at: place, among: providers.keys.sorted(), usual)
            else { continue }
            names.append(
                Configuration.OwnName(host: host, provider: provider, challenge: challenge ?? challenges[provider]))
        }
        return names
    }

    /// A host name that only `serve` can mean, with its place.
    private mutating func ownHost(_ item: YAMLNode) -> (DomainName, Place)? {
        var node = item
        if case .mapping = item.content {
            guard reading.check(item, .ownName), let name = item["name"], !name.isNull else { return nil }
            node = name
        }
        if case .scalar(let text, _) = node.content, text.hasPrefix("*.") {
            reading.error(
                .badValue, "'\(printable(text))' has a wildcard, and a name of serve is one host",
                action: "list each name by itself", at: node.place)
            return nil
        }
        if case .scalar(let text, _) = node.content, IPAddress(text) != nil {
            reading.error(
                .badValue, "'\(printable(text))' is an address, and certificates are for names",
                action: "write the name that leads there", at: node.place)
            return nil
        }
        guard let host = reading.name(node, "names") else { return nil }
        if let zone = WellKnown.zone(ofHost: host) {
            reading.error(
                .badValue, "'\(host)' is the policy host of \(zone), whose manifest brings its certificate",
                action: "give serve a name that does not begin with 'mta-sts.'", at: node.place)
            return nil
        }
        guard CertificateOwner.fits(host) else {
            reading.error(
                .badValue, "'\(printable(host.description))' is too long for a name below it (255 octets)",
                action: "choose a shorter name", at: node.place)
            return nil
        }
        return (host, node.place)
    }

    private mutating func provider(
        _ node: YAMLNode?, of host: DomainName, at place: Place, among known: [String], _ usual: String?
    ) -> String? {
        guard let node else {
            if let usual { return usual }
            if known.count == 1 { return known[0] }
            // Without any the configuration has an error already.
            guard !known.isEmpty else { return nil }
            reading.error(
                .missingKey, "'\(host)' has no 'dns', and there are several providers",
                action: "write '{name: \(host), dns: …}' with one of \(known.joined(separator: ", "))", at: place)
            return nil
        }
        guard let text = reading.text(node, "dns") else { return nil }
        return reading.provider(text, among: known, at: node.place)
    }
}
