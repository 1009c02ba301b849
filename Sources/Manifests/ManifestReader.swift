import DNS
import Findings
import MTASTS
import Planning
import TLSRPT
import YAML

/// Meaning of one manifest, defaults merged under it; or of the defaults themselves.
struct ManifestReader {
    /// `nil` where certadns.yaml can't be read: what depends on it is not judged then.
    let configuration: Configuration?
    /// Whether missing keys may stand elsewhere.
    let isPart: Bool
    /// Whether values are a default's: what a manifest may waive is judged there.
    let isDefault: Bool
    private let providers: [String]?
    /// The provider of a manifest that names none.
    private let usual: String?
    private let managedReports: [ReportURI]?
    var reading = Reading()
    private var waivers: [Waiver] = []
    /// The receipt that 'adopt' names.
    private var receipt: String?

    static let knownAddOns = ["email-authentication"]

    init(configuration: Configuration?) {
        self.configuration = configuration
        isPart = configuration == nil
        isDefault = false
        providers = configuration.map { $0.providers.keys.sorted() }
        usual = configuration?.usualProvider
        managedReports = configuration?.managedReports
    }

    /// Reads defaults; `nil` for what certadns.yaml does not say in a readable way.
    init(defaultsBeside providers: [String]?, managedReports: [ReportURI]?, reading: Reading) {
        configuration = nil
        isPart = true
        isDefault = true
        self.providers = providers?.sorted()
        usual = providers?.count == 1 ? providers?.first : nil
        self.managedReports = managedReports
        self.reading = reading
    }

    /// Checks values that stand under every manifest.
    mutating func check(defaults node: YAMLNode) {
        _ = addOns(node, checking: true)
        _ = mail(node["mail"])
        if let dns = node["dns"], !dns.isNull { _ = provider(dns, at: dns.place) }
        _ = reading.challenge(node["challenge"])
        if let sts = node["mta_sts"], !sts.isNull { _ = mtaSTS(sts) }
        if let rpt = node["tls_rpt"], !rpt.isNull { _ = tlsRPT(rpt) }
        _ = adopt(node["adopt"])
        _ = history(node["history"])
    }

    /// A table's keys, none of them required where they may stand elsewhere.
    func table(_ table: FieldTable) -> FieldTable {
        isPart ? FieldTable(table.path, table.fields.map(\.optional)) : table
    }

    /// The zone's wish; unknown with any error.
    static func wish(_ document: YAMLDocument, zone: DomainName, file: String, configuration: Configuration?)
        -> ZoneWish
    {
        let unknown = ZoneWish(zone: zone, wish: .unknown, digest: "", findings: Reading(document.findings).findings)
        guard let root = document.root else {
            var wish = unknown
            guard document.findings.isEmpty else { return wish }
            wish.findings = [
                Finding(
                    .error, .missingKey, "the manifest is empty",
                    action: "write 'zone: \(zone)' and what it shall have, or remove the file",
                    at: Place(file: file, line: 1, column: 1))
            ]
            return wish
        }
        var reader = ManifestReader(configuration: configuration)
        reader.reading = Reading(document.findings)
        let merged = configuration?.defaults.map { root.merged(over: $0) } ?? root
        let desired = reader.read(merged, own: root, zone: zone)
        var wish = ZoneWish(
            zone: zone, wish: .unknown, digest: Digest.hex(merged.canonicalText), waivers: reader.waivers,
            findings: reader.reading.findings, addOns: reader.addOns(merged))
        if let desired, !reader.reading.findings.contains(where: \.voidsManifest) { wish.wish = .desired(desired) }
        wish.provesByHost = configuration?.provesByHost ?? false
        wish.receipt = reader.receipt.map { ReceiptFile(name: $0, manifest: file).read(for: zone) }
        return wish
    }

    private mutating func read(_ root: YAMLNode, own: YAMLNode, zone: DomainName) -> DesiredZone? {
        guard reading.check(root, .manifest) else { return nil }
        checkZone(own["zone"], against: zone)
        waivers = readWaivers(root["waivers"])
        let hasAddOn = addOns(root, checking: true).contains("email-authentication")
        let receivesMail = mail(root["mail"])
        var provider = provider(root["dns"], at: root.place)
        let challenge = reading.challenge(root["challenge"])
        if challenge == .http01 { judgeListener(at: root["challenge"]?.place) }
        let sts = root["mta_sts"].flatMap { $0.isNull ? nil : mtaSTS($0) }
        let rpt = root["tls_rpt"].flatMap { $0.isNull ? nil : tlsRPT($0) }
        let adopt = adopt(root["adopt"])
        let protect = reading.flag(root["protect"], "protect")
        let history = history(root["history"])
        judgeAsked(root, own: own, hasAddOn: hasAddOn, receivesMail: receivesMail)
        if sts == nil, rpt == nil, receivesMail, !isPart, !reading.hasErrors {
            reading.add(
                Finding(
                    .note, .nothingManaged, "the manifest asks for neither a policy nor a report record",
                    action: "add 'mta_sts:' or 'tls_rpt:', or remove the file", at: root.place))
        }
        var delegation: Delegation?
        if let dns = root["dns"], case .scalar(Self.delegated, _) = dns.content,
            let ours = delegatedProvider(of: zone, at: dns)
        {
            delegation = ours.0
            provider = ours.provider
        }
        guard let provider, let configuration else { return nil }
        let proof = challenge ?? configuration.challenges[provider]
        delegation?.provesByDNS = configuration.issuer.provesByDNS(proof)
        return DesiredZone(
            zone: zone, providers: [provider], mtaSTS: hasAddOn && receivesMail ? sts : nil,
            tlsRPT: hasAddOn && receivesMail ? rpt : nil,
            host: configuration.hostTarget,
            ttl: configuration.ttl, issuer: configuration.issuer.name, challenge: proof, receivesMail: receivesMail,
            adopt: adopt, protect: protect, delegation: delegation, history: history)
    }

    /// `adopt:`; a receipt is named by a bare name, so that no manifest leads anywhere else.
    private mutating func adopt(_ node: YAMLNode?) -> Bool {
        guard let node, case .mapping = node.content else { return reading.flag(node, "adopt") ?? false }
        guard reading.check(node, table(.adopt)), let name = reading.text(node["receipt"], "receipt") else {
            return false
        }
        guard ReceiptFile.isName(name) else {
            reading.error(
                .badValue, "'receipt' is '\(printable(name))', and the bare name of a file in receipts/ is wanted",
                action: "write a name of letters, digits, '.', '_' and '-'", at: node["receipt"]?.place)
            return false
        }
        receipt = name
        return true
    }

    /// What is asked for and can't be had: told where the manifest asks, or at its 'zone' where only the defaults do.
    private mutating func judgeAsked(_ root: YAMLNode, own: YAMLNode, hasAddOn: Bool, receivesMail: Bool) {
        let keys = ["mta_sts", "tls_rpt"]
        let stated = keys.filter { own[$0].map { !$0.isNull } ?? false }
        guard receivesMail else {
            for key in stated {
                reading.error(
                    .badValue, "'\(key)' stands beside 'mail: none', which publishes nothing",
                    action: "remove one of the two", at: own[key]?.place)
            }
            return
        }
        guard !hasAddOn, !isPart, keys.contains(where: { root[$0].map { !$0.isNull } ?? false }) else { return }
        let place = stated.first.flatMap { own[$0]?.place } ?? own["zone"]?.place ?? own.place
        reading.add(
            Finding(
                .warning, .addOnMissing,
                "the zone lacks the add-on 'email-authentication', so it gets neither policy nor report record",
                action: "add 'add_ons: [email-authentication]', or remove what it can't have", at: place))
    }

    /// `certadns serve` opens no port that the configuration does not speak of: the CA would look in vain.
    private mutating func judgeListener(at place: Place?) {
        guard let configuration, case .acme = configuration.issuer, !configuration.answersHTTP01 else { return }
        reading.error(
            .missingKey, "the zone proves control by http-01, and nothing listens for it",
            action: "state 'listen_http' under 'policy_host' of certadns.yaml, or use dns-01", at: place)
    }

    private mutating func checkZone(_ node: YAMLNode?, against zone: DomainName) {
        guard let node, let name = reading.name(node, "zone") else { return }
        if name != zone {
            reading.error(
                .zoneNameMismatch, "the manifest is for '\(name)', but its file is named after '\(zone)'",
                action: "rename the file to \(name).yaml, or mend 'zone'", at: node.place)
        }
        if !WellKnown.fits(name) {
            reading.error(
                .badValue, "the zone's name is too long for the names below it (255 octets)",
                action: "MTA-STS can't be had for it", at: node.place)
        }
    }

    private mutating func mail(_ node: YAMLNode?) -> Bool {
        guard let text = reading.text(node, "mail"), let node else { return true }
        if text != "none" {
            reading.error(
                .badValue, "'mail' is '\(printable(text))', and only 'none' means something",
                action: "write 'mail: none' or leave it away", at: node.place)
        }
        return false
    }

    private mutating func provider(_ node: YAMLNode?, at place: Place) -> String? {
        guard let known = providers else {
            _ = reading.text(node, "dns")
            return nil
        }
        guard let node, !node.isNull else {
            if let usual { return usual }
            reading.error(
                .missingKey, "'dns' is missing, and there are several providers",
                action: "add 'dns:' with one of \(known.joined(separator: ", "))", at: place)
            return nil
        }
        guard let text = reading.text(node, "dns"), text != Self.delegated else { return nil }
        return reading.provider(text, among: known, at: node.place)
    }

    private func addOns(_ root: YAMLNode) -> [String] {
        guard case .sequence(let nodes)? = root["add_ons"]?.content else { return [] }
        return nodes.compactMap { if case .scalar(let text, _) = $0.content { text } else { nil } }
    }

    private mutating func addOns(_ root: YAMLNode, checking: Bool) -> [String] {
        for node in reading.list(root["add_ons"], "add_ons") ?? [] {
            guard let text = reading.text(node, "add_ons") else { continue }
            Self.checkAddOn(text, at: node.place, &reading)
        }
        return addOns(root)
    }

    static func checkAddOn(_ name: String, at place: Place, _ reading: inout Reading) {
        guard !knownAddOns.contains(name) else { return }
        let near = Spelling.nearest(to: name, among: knownAddOns)
        reading.error(
            .addOnUnknown, "'\(printable(name))' is no add-on",
            action: near.map { "did you mean '\($0)'?" } ?? "use email-authentication", at: place)
    }

    private mutating func tlsRPT(_ node: YAMLNode) -> TLSRPTDesire? {
        guard reading.check(node, table(.tlsRPT)), let items = reading.list(node["rua"], "rua") else { return nil }
        var rua: [ReportURI] = []
        for item in items {
            if case .scalar("managed", _) = item.content {
                if managedReports?.isEmpty == true {
                    reading.error(
                        .badValue, "'managed' means nothing, since certadns.yaml has no 'managed_reports'",
                        action: "name an address, or add 'managed_reports' there", at: item.place)
                }
                rua += managedReports ?? []
            } else if let uri = reading.reportURI(item, "rua") {
                rua.append(uri)
            }
        }
        if items.isEmpty {
            reading.error(
                .badValue, "'rua' is an empty list", action: "name at least one address, or remove 'tls_rpt'",
                at: node["rua"]?.place)
        }
        var seen: Set<ReportURI> = []
        return TLSRPTDesire(rua: rua.filter { seen.insert($0).inserted })
    }

    private mutating func readWaivers(_ node: YAMLNode?) -> [Waiver] {
        (reading.list(node, "waivers") ?? []).compactMap { item in
            guard reading.check(item, .waiver) else { return nil }
            let reason = reading.text(item["reason"], "reason") ?? ""
            if let place = item["reason"]?.place, reason.allSatisfy({ $0 == " " }) {
                reading.error(
                    .badValue, "the waiver gives no reason", action: "say why the finding is accepted", at: place)
            }
            var until: Instant?
            if let text = reading.text(item["until"], "until") {
                // A day counts to its last second.
                until = text.utf8.count == 10 ? Instant(text).map { $0 + 86_399 } : Instant(text)
                if until == nil {
                    reading.error(
                        .badValue, "'\(printable(text))' is no date", action: "write it as 2027-01-31",
                        at: item["until"]?.place)
                }
            }
            guard let text = reading.text(item["code"], "code") else { return nil }
            guard let code = FindingCode(rawValue: text) else {
                let near = Spelling.nearest(to: text, among: FindingCode.allCases.map(\.rawValue))
                reading.error(
                    .badValue, "'\(printable(text))' is no finding code",
                    action: near.map { "did you mean '\($0)'?" } ?? "docs/findings.md lists them",
                    at: item["code"]?.place)
                return nil
            }
            return Waiver(code: code, reason: reason, until: until, place: item.place)
        }
    }
}

extension Field {
    fileprivate var optional: Field { Field(key, kind, required: false, fallback: fallback, meaning) }
}
