import Testing

/// Valid files; each malformed case is one edit of one of them.
enum Samples {
    static let manifest = """
        zone: example.com
        add_ons: [email-authentication]
        dns: primary
        mta_sts:
          mode: testing
          mx: {derived: true, also: [mx-new.example.net]}
          max_age: 7d
          generation: 1
        tls_rpt:
          rua: [managed, "mailto:tls-reports@example.com", "https://reports.example.com/v1"]
        waivers:
          - {code: max-age-range, reason: "known", until: 2027-01-31}

        """

    static let configuration = """
        state: state
        providers:
          primary: {type: rfc2136, server: "192.0.2.53:53", key: {name: certadns, algorithm: hmac-sha256, secret: "env:CERTADNS_TSIG"}}
          files: {type: zonefile, folder: zonefiles}
        issuer: {type: local}
        policy_host: {addresses: [192.0.2.80, "2001:db8::80"], listen: "0.0.0.0:443"}
        managed_reports: ["mailto:tls-reports@example.net"]
        observe: {resolvers: ["127.0.0.1:53"], https_port: 443, trust: [system, state/ca.pem], name_servers: ["192.0.2.53:53"]}
        defaults: {mta_sts: {mode: testing, mx: derived, max_age: 7d}}
        ttl: {_mta-sts: 300, default: 3600}
        add_ons: {email-authentication: {price: 10 USD}}

        """
}

/// One edit of a valid file, and all errors that it must give.
struct Malformed: Sendable, CustomTestStringConvertible {
    /// Which rule is broken; the same rule broken by another key is the same kind.
    let kind: String
    let old: String
    let new: String
    /// Each `line:column` and the whole finding: `code: message -> action`, in the order in which they are told.
    let expected: [String]

    init(_ kind: String, _ old: String, _ new: String, _ expected: String...) {
        self.kind = kind
        self.old = old
        self.new = new
        self.expected = expected
    }

    var testDescription: String { "\(kind): \(old) -> \(new.prefix(120))" }
}
