import Findings
import Manifests
import Testing

/// `state: {postgres: {…}}` of certadns.yaml.
@Suite struct PostgreSQLReadingTests {
    private static let seal = "keys: {seal: {secret: env:SEAL}}"
    private static let acme = "issuer: {type: acme, directory: \"https://ca.example/dir\"}"

    private func read(
        _ state: String, seal: String = seal, issuer: String = acme
    ) -> (configuration: Configuration?, findings: [Finding]) {
        let rest = Samples.configuration.split(separator: "\n").filter { line in
            !["state:", "keys:", "issuer:"].contains { line.hasPrefix($0) }
        }
        return ManifestProbe.configuration(
            (rest + [Substring(issuer), Substring(seal)]).joined(separator: "\n") + "\nstate: \(state)\n")
    }

    @Test func `the state is a database, and a server elsewhere has to prove its name`() {
        let usual = read("{postgres: {database: certadns}}")
        #expect(usual.configuration?.postgreSQL?.host == "/run/postgresql", "\(usual.findings)")
        #expect(usual.configuration?.postgreSQL?.port == 5_432)
        #expect(usual.configuration?.postgreSQL?.tls == .asServerWishes)
        #expect(usual.configuration?.remoteState == nil)
        func tls(_ words: String) -> PostgreSQLChoice.TLS? {
            read("{postgres: {database: d, \(words)}}").configuration?.postgreSQL?.tls
        }
        #expect(tls("host: db.example.net") == .verified(file: nil))
        #expect(tls("host: db.example.net, trust: system") == .verified(file: nil))
        #expect(tls("host: db.example.net, trust: ca.pem") == .verified(file: "ca.pem"))
        #expect(tls("host: db.example.net, tls: off") == .off)
        #expect(tls("host: 127.0.0.1") == .asServerWishes)
        #expect(tls("host: 127.0.0.1, tls: verify") == .verified(file: nil))
        let whole = read("{postgres: {host: h, port: 6432, database: d, user: u, password: env:P, schema: s}}")
        #expect(whole.configuration?.postgreSQL?.password == .environment("P"))
        #expect(whole.configuration?.postgreSQL?.schema == "s" && whole.configuration?.postgreSQL?.user == "u")
    }

    @Test(arguments: [
        ("{postgres: {host: h}}", "'database' is missing in state.postgres"),
        ("{postgres: {database: d, password: abcdef}}", "a secret stands here in the open"),
        ("{postgres: {database: d}, url: \"https://a.example\"}", "is no key of state (in a database)"),
        ("{postgres: {database: d, tls: off, trust: ca.pem}}", "'tls' is off"),
        ("{postgres: {database: \"\"}}", "empty, too long"),
    ])
    func `what can't be meant of a database is said`(text: String, words: String) {
        let read = read(text)
        #expect(read.configuration == nil)
        #expect(read.findings.contains { $0.message.contains(words) }, "\(read.findings)")
        #expect(!"\(read.findings)".contains("abcdef"))
    }

    @Test func `keys in a database are sealed, and the local CA has none there`() {
        let unsealed = read("{postgres: {database: d}}", seal: "")
        #expect(unsealed.configuration == nil)
        #expect(unsealed.findings.contains { $0.message.contains("never kept unsealed") })
        let local = read("{postgres: {database: d}}", issuer: "issuer: {type: local}")
        #expect(local.configuration == nil)
        #expect(local.findings.contains { $0.message.contains("the local CA keeps its key in a folder") })
    }
}
