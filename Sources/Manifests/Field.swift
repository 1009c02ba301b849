/// One key of a file, as parser and documentation know it: the one table from which both come.
package struct Field: Hashable, Sendable {
    /// The key.
    package let key: String
    /// What may stand there, for people.
    package let kind: String
    /// Whether it must be there.
    package let isRequired: Bool
    /// What counts when it is not there, for people.
    package let fallback: String?
    /// What it means, in one sentence.
    package let meaning: String
    /// Whether a secret is named here, which people write out by mistake.
    let holdsSecret: Bool

    init(
        _ key: String, _ kind: String, required: Bool = false, fallback: String? = nil, secret: Bool = false,
        _ meaning: String
    ) {
        self.key = key
        self.kind = kind
        isRequired = required
        self.fallback = fallback
        self.meaning = meaning
        holdsSecret = secret
    }
}

/// The keys of one map.
package struct FieldTable: Hashable, Sendable {
    /// Where the map stands, as a path of keys; for headings and messages.
    package let path: String
    /// Its keys, in the order in which people should read them.
    package let fields: [Field]

    init(_ path: String, _ fields: [Field]) {
        self.path = path
        self.fields = fields
    }

    /// Whether a secret is named in it, which people write out by mistake: at a wrong place, too.
    var holdsSecret: Bool { fields.contains(where: \.holdsSecret) }

    /// Every map of both files, for documentation.
    package static let all: [FieldTable] = [
        manifest, mtaSTS, mxMap, tlsRPT, adopt, history, waiver, configuration, rfc2136, key, zoneFile, issuer, acme,
        externalAccount, state, stateDatabase, postgres,
        propagation, budget, budgetLimit, keys, seal, policyHost, delegation, serve, ownName, observe, ttl, addOn,
    ]
}

extension FieldTable {
    static let manifest = FieldTable(
        "the manifest",
        [
            Field("zone", "domain name", required: true, "The mail domain; the file is named after it."),
            Field(
                "add_ons", "list of add-ons", fallback: "none",
                "Add-ons bought for the domain; `email-authentication` allows all below."),
            Field(
                "mail", "`none`",
                "Declares a domain without mail: nothing is published, and that it stays so is checked."),
            Field(
                "dns", "name of a provider", fallback: "the only one, `challenge_provider` apart",
                "Which provider of certadns.yaml serves the domain's records; `delegated` where its DNS belongs to someone else."
            ),
            Field(
                "challenge", "`dns-01` or `http-01`", fallback: "the provider's, else the issuer's",
                "How control of `mta-sts.<zone>` is proven to a CA that speaks ACME, for this domain."),
            Field("mta_sts", "map", fallback: "no policy", "The MTA-STS policy (RFC 8461)."),
            Field("tls_rpt", "map", fallback: "no record", "The TLS-RPT record (RFC 8460)."),
            Field(
                "adopt", "true, false, or a map", fallback: "false",
                "Whether record sets that CertaDNS did not make may be taken over; spent once the zone was applied in full."
            ),
            Field(
                "protect", "true or false", fallback: "false",
                "Whether the policy stays even when this manifest is gone."),
            Field(
                "history", "map", fallback: "the worst that RFC 8461 allows",
                "What is known of the policies that the domain had before CertaDNS."),
            Field("waivers", "list of maps", fallback: "none", "Findings that are known and accepted."),
        ])
    static let adopt = FieldTable(
        "adopt",
        [
            Field(
                "receipt", "file name", required: true,
                "What `certadns release` printed where the zone was managed before: a file in `receipts/` beside `zones/`."
            )
        ])
    static let history = FieldTable(
        "history",
        [
            Field(
                "max_age", "seconds, or `12h`, `7d`, `2w`", required: true,
                "The longest `max_age` of any of them; a withdrawal waits no longer for those than that.")
        ])
    static let mtaSTS = FieldTable(
        "mta_sts",
        [
            Field(
                "mode", "`enforce`, `testing` or `none`", fallback: "`testing`", "What senders do with hosts that fail."
            ),
            Field(
                "mx", "`derived`, a list of patterns, or a map", fallback: "`derived`",
                "Which mail hosts may take the domain's mail; `derived` follows the live MX records."),
            Field(
                "max_age", "seconds, or `12h`, `7d`, `2w`", fallback: "`7d`",
                "How long senders may keep the policy: 3600 to 31557599 seconds."),
            Field(
                "generation", "whole number from 1", fallback: "1",
                "Raised to make every sender fetch again, the policy unchanged."),
        ])
    static let mxMap = FieldTable(
        "mta_sts.mx",
        [
            Field("derived", "`true`", required: true, "Follow the live MX records."),
            Field("also", "list of patterns", fallback: "none", "Hosts that are to come, listed ahead."),
            Field(
                "follow", "`auto` or `ask`", fallback: "`auto`",
                "Whether an enforced policy takes in a new MX host by itself, or waits for `apply --only mx`."),
            Field(
                "follow_after", "seconds, or `30m`, `1h`", fallback: "`1h`",
                "How long a new MX host must have been seen before an enforced policy takes it in by itself."),
            Field(
                "stable_for", "seconds, or `7d`", fallback: "`7d`",
                "How long the MX records should have stood still before the first policy."),
        ])
    static let tlsRPT = FieldTable(
        "tls_rpt",
        [
            Field(
                "rua", "list of `managed`, `mailto:` and `https:` addresses", required: true,
                "Where senders send their daily reports.")
        ])
    static let waiver = FieldTable(
        "waivers[]",
        [
            Field("code", "finding code", required: true, "Which finding is accepted (docs/findings.md)."),
            Field("reason", "text", required: true, "Why; shown in every plan."),
            Field("until", "date", fallback: "no end", "The last day on which it counts."),
        ])
    static let configuration = FieldTable(
        "certadns.yaml",
        [
            Field(
                "state", "folder, or a map", fallback: "`state`",
                "Where the ledger, the certificates and their keys are kept; a map where `certadns serve` or a database keeps them elsewhere."
            ),
            Field("providers", "map of maps", required: true, "The DNS providers, by the names that manifests use."),
            Field("issuer", "map", fallback: "`{type: local}`", "Who issues the policy hosts' certificates."),
            Field("keys", "map", fallback: "not sealed", "How private keys are kept."),
            Field("policy_host", "map", required: true, "Where the policies are served."),
            Field("serve", "map", fallback: "none", "The names of `certadns serve` itself."),
            Field(
                "managed_reports", "list of report addresses", fallback: "none",
                "What `managed` in a manifest's `rua` stands for."),
            Field("observe", "map", fallback: "the system's", "From where the live world is seen."),
            Field(
                "defaults", "map", fallback: "none",
                "Merged under every manifest: maps merge, lists replace, null unsets."),
            Field(
                "max_withdrawals", "number of zones, or a share such as `10%`", fallback: "`10%`",
                "How many zones may lose their policy in 24 hours unless they are named; one always may."),
            Field(
                "max_changes", "number of zones, or a share such as `25%`", fallback: "`25%`",
                "How many zones may change policy, host or records in 24 hours unless they are named or the plan is accepted; ten always may."
            ),
            Field("ttl", "map", fallback: "300 and 3600", "Times to live of the record sets that CertaDNS owns."),
            Field("add_ons", "map of maps", fallback: "none", "What add-ons cost, for the plan's summary."),
        ])
    static let rfc2136 = FieldTable(
        "providers.NAME (rfc2136)",
        [
            Field("type", "`rfc2136`", required: true, "A primary name server that takes dynamic updates."),
            Field("server", "address:port", required: true, "The primary."),
            Field(
                "key", "map", fallback: "unsigned",
                "The TSIG key that signs updates and transfers, and queries where the server refuses unsigned ones."),
            Field(
                "read", "`query` or `transfer`", fallback: "`query`",
                "How the zone is read: a query for each record set, or the whole zone by AXFR."),
            Field(
                "challenge", "`dns-01` or `http-01`", fallback: "the issuer's",
                "How control of `mta-sts.<zone>` is proven to a CA that speaks ACME, for zones of this provider."),
        ])
    static let key = FieldTable(
        "providers.NAME.key",
        [
            Field("name", "domain name", required: true, "The key's name, as the server knows it."),
            Field("algorithm", "`hmac-sha256` or `hmac-sha512`", fallback: "`hmac-sha256`", "How it signs."),
            Field(
                "secret", "`env:NAME` or `file:PATH`", required: true, secret: true,
                "Where the secret is found; base64 as tsig-keygen prints it."),
        ])
    static let zoneFile = FieldTable(
        "providers.NAME (zonefile)",
        [
            Field("type", "`zonefile`", required: true, "A folder of master files (RFC 1035)."),
            Field("folder", "folder", required: true, "Where they lie, each named `<zone>.zone`."),
            Field("seed", "folder", fallback: "nothing", "Master files that `certadns up` copies there on first use."),
            Field(
                "reload", "list of words", fallback: "nothing",
                "The command that makes the name server read a changed file."),
            Field(
                "challenge", "`dns-01` or `http-01`", fallback: "the issuer's",
                "How control of `mta-sts.<zone>` is proven to a CA that speaks ACME, for zones of this provider."),
        ])
    static let policyHost = FieldTable(
        "policy_host",
        [
            Field(
                "type", "`serve` or `directory`", fallback: "`serve`",
                "Whether `certadns serve` serves the policies, or a web server of yours from a folder of files."),
            Field("path", "folder", fallback: "nothing", "The folder, for `directory`; it must be there."),
            Field(
                "reload", "list of words", fallback: "nothing",
                "The command, for `directory`, that makes the web server read changed files."),
            Field("addresses", "list of IP addresses", fallback: "`cname`", "Where `mta-sts.<zone>` points."),
            Field("cname", "domain name", fallback: "`addresses`", "The host that `mta-sts.<zone>` is an alias of."),
            Field("delegation", "map", fallback: "none", "Where the records of zones with `dns: delegated` stand."),
            Field("listen", "address:port", fallback: "`0.0.0.0:443`", "Where `certadns serve` listens."),
            Field(
                "listen_http", "address:port", fallback: "`0.0.0.0:80`",
                "Where `certadns serve` answers http-01 challenges: if it is stated, or issuer, provider, defaults or a name of serve use them."
            ),
            Field(
                "connect", "host:port", fallback: "the host's addresses",
                "Where the observer reaches the host, if otherwise."),
        ])
    static let observe = FieldTable(
        "observe",
        [
            Field(
                "resolvers", "list of address:port", fallback: "/etc/resolv.conf",
                "Who answers for names outside the zones."),
            Field(
                "name_servers", "list of address:port", fallback: "the zones' NS records",
                "Whom to ask whether an earlier policy id is gone. For `zonefile` providers nobody is asked unless stated."
            ),
            Field("https_port", "port", fallback: "443", "Where policies are fetched; senders always use 443."),
            Field(
                "trust", "list of `system` and files", fallback: "`[system]`",
                "Which CAs are trusted when a policy is fetched."),
        ])
    static let ttl = FieldTable(
        "ttl",
        [
            Field("_mta-sts", "seconds, or `5m`, `1h`", fallback: "300", "Of the MTA-STS record."),
            Field("default", "seconds, or `5m`, `1h`", fallback: "3600", "Of all others."),
        ])
    static let addOn = FieldTable(
        "add_ons.NAME", [Field("price", "amount and currency", "A domain and month, such as `10 USD`.")])
}
