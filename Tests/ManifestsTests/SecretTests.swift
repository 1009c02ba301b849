import Findings
import Manifests
import Planning
import Testing
import YAML

/// A secret that somebody wrote out is told as a mistake, and printed nowhere: not in the message, not in the line shown with it.
@Suite struct SecretTests {
    /// No part of it may come out.
    private static let secret = "Hunter2/abcdefgh+Q9zz=="
    private static let line =
        #"  primary: {type: rfc2136, server: "192.0.2.53:53", key: {name: certadns, algorithm: hmac-sha256, secret: "env:CERTADNS_TSIG"}}"#

    /// Each edit of the provider's line writes the secret out, and most err besides.
    private static let spellings: [(old: String, new: String)] = [
        (#""env:CERTADNS_TSIG""#, #""SECRET""#),
        (#"hmac-sha256, secret: "env:CERTADNS_TSIG""#, #"wrong, secret: "SECRET""#),
        (#"secret: "env:CERTADNS_TSIG""#, #"secrt: "SECRET""#),
        (#"secret: "env:CERTADNS_TSIG""#, #"sekret: "SECRET""#),
        (#"secret: "env:CERTADNS_TSIG""#, #"Secret: "SECRET""#),
        (#"secret: "env:CERTADNS_TSIG""#, #"tsig_secret: "SECRET""#),
        (#"secret: "env:CERTADNS_TSIG""#, #"secretKey: "SECRET""#),
        (#"secret: "env:CERTADNS_TSIG""#, #"token: "SECRET""#),
        (#"secret: "env:CERTADNS_TSIG""#, #"api-token: "SECRET""#),
        (#"secret: "env:CERTADNS_TSIG""#, #"password: "SECRET""#),
        (#"secret: "env:CERTADNS_TSIG""#, #"passwd: "SECRET""#),
        (#"secret: "env:CERTADNS_TSIG""#, #""secret": "SECRET""#),
        (#"secret: "env:CERTADNS_TSIG""#, #"geheim: "SECRET""#),
        (#"secret: "env:CERTADNS_TSIG""#, #"SECRET"#),
        (#"secret: "env:CERTADNS_TSIG""#, #"secret:SECRET"#),
        (#"secret: "env:CERTADNS_TSIG""#, #"secret=SECRET"#),
        (#"secret: "env:CERTADNS_TSIG""#, #"secret "SECRET""#),
        (#"secret: "env:CERTADNS_TSIG""#, #"secrt "SECRET""#),
        (#"secret: "env:CERTADNS_TSIG""#, #"secret: "SECRET", secret: "SECRET""#),
        (#"secret: "env:CERTADNS_TSIG""#, #"secret: [SECRET]"#),
        (#"secret: "env:CERTADNS_TSIG""#, #"secret: {SECRET: 1}"#),
        (#"secret: "env:CERTADNS_TSIG""#, #"secret: *SECRET"#),
        (#"secret: "env:CERTADNS_TSIG""#, #"secret: !SECRET"#),
        (#"secret: "env:CERTADNS_TSIG""#, #"secret: !<SECRET> x"#),
        (#"secret: "env:CERTADNS_TSIG"}}"#, #"secret: "SECRET""#),
        (#"secret: "env:CERTADNS_TSIG"}}"#, "secret: \"SECRET\t}"),
        (#"secret: "env:CERTADNS_TSIG"}}"#, "secret:\n    \"SECRET\", colour: red}}"),
        (#"secret: "env:CERTADNS_TSIG"}}"#, "secret:\n\nSECRET, colour: red}}"),
        (#"secret: "env:CERTADNS_TSIG"}}"#, "secret: \"\n  SECRET\nx"),
        ("name: certadns, ", #"secret: "SECRET", x: 1, "#),
        ("name: certadns, algorithm: hmac-sha256", #"name: "..SECRET", algorithm: "SECRET""#),
        (#"key: {name: certadns, algorithm: hmac-sha256, secret: "env:CERTADNS_TSIG"}"#, "key: SECRET"),
        (#"key: {name: certadns, algorithm: hmac-sha256, secret: "env:CERTADNS_TSIG"}"#, "key: [SECRET"),
        (#"key: {name: certadns, algorithm: hmac-sha256, secret: "env:CERTADNS_TSIG"}"#, "token: SECRET"),
        (#"type: rfc2136, "#, #"type: rfc2163, token: "SECRET", "#),
        (#"type: rfc2136, "#, #"password: "SECRET", "#),
        (
            line,
            "  primary:\n    type: rfc2136\n    server: x\n    key:\n      name: a\n      secret: |\n        SECRET\n      colour: red"
        ),
        (line, "  primary:\n    type: rfc2136\n    key:\n      name: a\n      SECRET\n      secret: b"),
        (line, "  primary:\n    type: rfc2136\n    key:\n    - secret\n    - SECRET: [\n"),
        (line, "  primary:\n\ttype: rfc2136\n\tsecret: SECRET\n"),
        (line, "  primary:\n \tsecret: SECRET\n"),
        (line, "  files2: {type: zonefile, folder: x, reload: \"rndc --token SECRET\"}"),
        (line, "  primary: &x SECRET\n  two: {type: rfc2136, server: \"192.0.2.1\", key: {name: a, secret: *x}}"),
    ]

    @Test(arguments: 0..<spellings.count)
    func `a secret written out is in no finding`(index: Int) {
        let edit = Self.spellings[index]
        let text = Samples.configuration.replacing(
            edit.old, with: edit.new.replacing("SECRET", with: Self.secret), maxReplacements: 1)
        #expect(text != Samples.configuration, "the edit changes nothing")
        #expect(text.contains(Self.secret))
        let read = ManifestProbe.configuration(text)
        #expect(read.configuration == nil && !read.findings.isEmpty)
        for finding in read.findings {
            for piece in ["Hunter2", "abcdefgh", "Q9zz"] { #expect(!"\(finding)".contains(piece), "\(finding)") }
        }
    }

    @Test func `other lines are shown all the same`() throws {
        let text = Samples.configuration.replacing("folder: zonefiles", with: "fodler: zonefiles")
        let place = try #require(ManifestProbe.configuration(text).findings.first?.place)
        #expect(place.source == "  files: {type: zonefile, fodler: zonefiles}")
        let after = ManifestProbe.configuration(Samples.configuration.replacing("type: local", with: "type: acme"))
        #expect(after.findings.first?.place?.source == "issuer: {type: acme}")
        for line in Samples.manifest.split(separator: "\n") {
            let broken = YAMLDocument.parse(Array("\(line) ]\n".utf8), file: "f")
            if let place = broken.findings.first?.place, place.line == 1 { #expect(place.source == "\(line) ]") }
        }
    }

    @Test func `a secret in a manifest is in no finding`() async throws {
        for text in [
            "token: SECRET\n", "mta_sts: {secret: SECRET, mod: x}\n", "secret:SECRET: x\n",
            "tls_rpt: {rua: [\"https://r.example/?token=SECRET\", x]}\n",
        ] {
            let wish = try await ManifestProbe.wish(
                "zone: example.com\ndns: primary\n" + text.replacing("SECRET", with: Self.secret))
            #expect(wish.findings.contains { $0.severity == .error })
            for piece in ["Hunter2", "abcdefgh", "Q9zz"] {
                #expect(!"\(wish.findings)".contains(piece), "\(wish.findings)")
            }
        }
    }
}
