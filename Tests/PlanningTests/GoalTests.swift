import DNS
import Findings
import MTASTS
import Planning
import Testing

/// What the live MX records let a zone have (RFC 5321, RFC 7505, the seed rules).
@Suite struct GoalTests {
    /// `host`, or `host>target` for a CNAME, `host!` without addresses; a dot is the null MX.
    private static func mx(_ words: String) throws -> Observation<[LiveMX]> {
        guard words != "absent" else { return .absent(.plain) }
        guard words != "unknown" else { return .unknown(Unknown("no answer")) }
        return .value(
            try words.split(separator: " ").map { word in
                let parts = word.split(separator: ">")
                let target: LiveMX.Target =
                    if parts.count == 2 {
                        .alias(try DomainName(String(parts[1])))
                    } else if word.hasSuffix("!") {
                        .nowhere
                    } else {
                        .addresses([try #require(IPAddress("192.0.2.1"))])
                    }
                let host = word == "." ? DomainName.root : try DomainName(parts[0].filter { $0 != "!" })
                return LiveMX(preference: 10, host: host, target: target)
            })
    }

    private static func desired(receivesMail: Bool = true) throws -> DesiredZone {
        DesiredZone(
            zone: try DomainName("example.com"), providers: ["primary"],
            mtaSTS: MTASTSDesire(
                mode: .testing, mx: .derived(also: []), maxAge: try #require(MaxAge(seconds: 604_800))),
            tlsRPT: nil, host: .addresses([]), receivesMail: receivesMail)
    }

    @Test(
        arguments: [
            ("mx1.example.com", [], "", "mx1.example.com", true),
            ("absent", [.mxMissing], "the domain has no MX record", "", true),
            (".", [.mxNull], "the domain has a null MX (RFC 7505): it takes no mail", "", true),
            (". mx1.example.com", [.mxNull], "a null MX stands among other MX records", "", true),
            (
                "mx1.example.com>real.example.net", [.mxCNAME],
                "the mail host mx1.example.com is a CNAME (to real.example.net), which RFC 5321 section 5.1 forbids",
                "",
                true
            ),
            (
                "mx1.example.com 192.0.2.7", [.mxAddressLiteral],
                "the MX record names an address, 192.0.2.7, where a host name belongs", "", true
            ),
            (
                "192.0.2.7 mx1.example.com>real.example.net", [.mxAddressLiteral, .mxCNAME],
                "the MX record names an address, 192.0.2.7, where a host name belongs", "", true
            ),
            ("unknown", [], "", "", false),
        ] as [(String, [FindingCode], String, String, Bool)])
    func `a policy needs mail hosts that can take mail`(
        mx: String, codes: [FindingCode], message: String, patterns: String, isKnown: Bool
    ) throws {
        let reading = Goal.reading(try Self.desired(), mx: try Self.mx(mx), waivers: [])
        #expect(reading.blocking.map(\.code) == codes)
        #expect(reading.blocking.allSatisfy { $0.severity == .error && $0.actor == .mailAdmin })
        #expect(reading.blocking.first?.message ?? "" == message)
        #expect((reading.goal.policy?.mx ?? []).map(\.description).joined(separator: " ") == patterns)
        #expect(reading.policyIsKnown == isKnown)
        #expect(!reading.notApplicable)
    }

    @Test func `a mail host without address blocks nothing, but warns`() throws {
        let reading = Goal.reading(try Self.desired(), mx: try Self.mx("mx1.example.com! mx2.example.com"), waivers: [])
        #expect(reading.blocking.isEmpty && reading.goal.policy != nil)
        #expect(reading.findings.map(\.code) == [.mxMissing])
        #expect(reading.findings.map(\.severity) == [.warning])
    }

    @Test(
        arguments: [
            ("absent", "", true, true), (".", "", true, true), ("unknown", "", false, false),
            (
                "mx1.example.com mx2.example.com",
                "the manifest says 'mail: none', but the domain has MX records: mx1.example.com, mx2.example.com",
                false, true
            ),
        ] as [(String, String, Bool, Bool)])
    func `a domain without mail is not applicable as long as it has no MX`(
        mx: String, message: String, notApplicable: Bool, isKnown: Bool
    ) throws {
        let reading = Goal.reading(try Self.desired(receivesMail: false), mx: try Self.mx(mx), waivers: [])
        #expect(reading.blocking.map(\.code) == (message.isEmpty ? [] : [.mailNoneHasMX]))
        #expect(reading.blocking.first?.message ?? "" == message)
        #expect(reading.notApplicable == notApplicable)
        #expect(reading.policyIsKnown == isKnown)
        #expect(reading.goal.policy == nil && reading.goal.host.isEmpty && reading.goal.tlsRPT.isEmpty)
    }
}
