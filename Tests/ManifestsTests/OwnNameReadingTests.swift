import DNS
import Findings
import Manifests
import Planning
import Testing

/// `serve: names` of certadns.yaml: what is wished for them, and what can't be one.
@Suite struct OwnNameReadingTests {
    private static func read(
        _ serve: String, issuer: String = "{type: local}"
    ) -> (configuration: Configuration?, findings: [Finding]) {
        ManifestProbe.configuration(
            Samples.configuration.replacing("issuer: {type: local}", with: "issuer: \(issuer)") + "serve: \(serve)\n")
    }

    private static let line = Samples.configuration.split(separator: "\n").count + 1

    @Test func `a name alone or a map becomes the wish for a certificate under a key of its own`() throws {
        let configuration = try #require(
            Self.read(
                "{names: [{name: Reports.Example.com, dns: primary}, {name: lmtp.example.com, dns: files, challenge: http-01}]}"
            )
            .configuration)
        let wishes = configuration.ownWishes
        #expect(wishes.map { "\($0.zone)" } == ["_serve.reports.example.com", "_serve.lmtp.example.com"])
        #expect(wishes.map { "\($0.owner.host)" } == ["reports.example.com", "lmtp.example.com"])
        let desired = wishes.compactMap { $0.desired(or: nil) }
        #expect(desired.map(\.providers) == [["primary"], ["files"]])
        #expect(desired.map(\.challenge) == [nil, .http01])
        #expect(desired.allSatisfy { $0.mtaSTS == nil && $0.tlsRPT == nil && $0.issuer == "local" })
        #expect(Set(wishes.map(\.digest)).count == 2)
    }

    @Test func `without a word the proof goes to the only provider, or to the issuer's`() throws {
        let acme = "{type: acme, directory: \"https://ca.example.net/\", challenge_provider: files}"
        let wishes = try #require(Self.read("{names: [a.example.com]}", issuer: acme).configuration).ownWishes
        #expect(wishes.first?.desired(or: nil)?.providers == ["files"])
        let single = Samples.configuration.replacing(
            "  files: {type: zonefile, folder: zonefiles}\n", with: "")
        let only = try #require(
            ManifestProbe.configuration(single + "serve: {names: [a.example.com]}\n").configuration)
        #expect(only.ownWishes.first?.desired(or: nil)?.providers == ["primary"])
    }

    @Test func `the nearest word says how control is proven, and whether port 80 is listened on`() throws {
        let acme = "{type: acme, directory: \"https://ca.example.net/\"}"
        let none = try #require(Self.read("{names: [{name: a.example.com, dns: primary}]}", issuer: acme).configuration)
        #expect(!none.answersHTTP01)
        let own = try #require(
            Self.read("{names: [{name: a.example.com, dns: primary, challenge: http-01}]}", issuer: acme).configuration)
        #expect(own.answersHTTP01)
    }

    @Test(
        arguments: [
            (
                "[a.example.com]",
                "17 missing-key: 'a.example.com' has no 'dns', and there are several providers -> write '{name: a.example.com, dns: …}' with one of files, primary"
            ),
            (
                "[{name: a.example.com, dns: primry}]",
                "44 provider-unknown: 'primry' is no provider of certadns.yaml -> did you mean 'primary'?"
            ),
            (
                "[192.0.2.1]",
                "17 bad-value: '192.0.2.1' is an address, and certificates are for names -> write the name that leads there"
            ),
            (
                "[{name: \"2001:db8::1\", dns: primary}]",
                "24 bad-value: '2001:db8::1' is an address, and certificates are for names -> write the name that leads there"
            ),
            (
                "[\"*.example.com\"]",
                "17 bad-value: '*.example.com' has a wildcard, and a name of serve is one host -> list each name by itself"
            ),
            (
                "[localhost]",
                "17 bad-value: 'names' is 'localhost', which is no domain name -> write a name such as example.com: letters, digits, hyphens, dots"
            ),
            (
                "[_serve.example.com]",
                "17 bad-value: 'names' is '_serve.example.com', which is no domain name -> write a name such as example.com: letters, digits, hyphens, dots"
            ),
            (
                "[{name: mta-sts.example.com, dns: primary}]",
                "24 bad-value: 'mta-sts.example.com' is the policy host of example.com, whose manifest brings its certificate -> give serve a name that does not begin with 'mta-sts.'"
            ),
            (
                "[{name: a.example.com, dns: primary}, {name: A.example.com, dns: files}]",
                "61 bad-value: 'a.example.com' stands twice in 'names' -> remove one of the two"
            ),
            (
                "[{name: a.example.com, dns: primary, challenge: dns01}]",
                "64 bad-value: 'dns01' is no 'challenge' that is known -> did you mean 'dns-01'?"
            ),
            ("[{nmae: a.example.com}]", "18 unknown-key: 'nmae' is no key of serve.names[] -> did you mean 'name'?"),
            (
                "a.example.com",
                "16 wrong-type: 'names' is a single value, and a list is wanted -> write it in brackets: [a.example.com]"
            ),
        ])
    func `what can't be a name of serve is told with its place`(names: String, expected: String) {
        let read = Self.read("{names: \(names)}")
        #expect(read.configuration == nil)
        let told = ManifestProbe.errors(read.findings)
        #expect(told.first == "\(Self.line):\(expected)", "\(told)")
    }

    @Test func `a name too long for the proof below it is refused`() {
        let label = String(repeating: "a", count: 60)
        let read = Self.read("{names: [{name: \(label).\(label).\(label).\(label).example, dns: primary}]}")
        #expect(
            ManifestProbe.errors(read.findings).contains { $0.contains("is too long for a name below it (255 octets)") }
        )
    }
}
