import Findings
import MTASTS
import Manifests
import Planning
import Testing

/// Values that each can be read and together make no sense, and the one way in which durations are written.
@Suite struct BoundsReadingTests {
    private static let acme = "issuer: {type: acme, directory: \"https://ca.example.net/\", "

    private func errors(_ old: String, _ new: String) -> [String] {
        let text = Samples.configuration.replacing(old, with: new, maxReplacements: 1)
        #expect(text != Samples.configuration, "the edit changes nothing")
        let read = ManifestProbe.configuration(text)
        return ManifestProbe.errors(read.findings)
    }

    private func issuer(_ rest: String) -> [String] { errors("issuer: {type: local}", Self.acme + rest + "}") }

    @Test(
        arguments: [
            (
                "{servers: [192.0.2.1, 192.0.2.2], quorum: 3}",
                "5:115 bad-value: 'quorum' is 3, and 'servers' names only 2: no proof could ever be enough -> write a number from 1 to 2, or name more servers"
            ),
            (
                "{servers: [192.0.2.1, 192.0.2.1], quorum: 2}",
                "5:115 bad-value: 'quorum' is 2, and 'servers' names only 1: no proof could ever be enough -> write 1, or name more servers"
            ),
            (
                "{servers: []}",
                "5:83 bad-value: 'servers' is an empty list -> name those that are to show the proof, such as [\"192.0.2.53:53\"], or remove 'servers'"
            ),
            (
                "{wait: 2h}",
                "5:80 bad-value: 'wait' is 7200 seconds, and 1 to 3600 are wanted -> write such a duration, in seconds or with s, m, h, d or w"
            ),
        ])
    func `what no proof could satisfy is refused where it stands`(propagation: String, told: String) {
        #expect(issuer("propagation: " + propagation) == [told])
    }

    @Test(arguments: ["{servers: [192.0.2.1, 192.0.2.2], quorum: 2}", "{quorum: 3}"])
    func `a quorum that can be had is none of them`(propagation: String) {
        #expect(issuer("propagation: " + propagation).isEmpty)
    }

    @Test func `an empty list says what to write`() {
        #expect(
            issuer("trust: []") == [
                "5:67 bad-value: 'trust' is an empty list -> write [system], or the files of the CAs, or remove 'trust'"
            ])
        let reload =
            "'reload' is an empty list -> write the command and its words, such as [nginx, -s, reload], or remove 'reload'"
        #expect(
            errors("folder: zonefiles", "folder: zonefiles, reload: []") == ["4:54 bad-value: \(reload)"])
        #expect(
            errors("policy_host: {", "policy_host: {type: directory, path: /srv/mta-sts, reload: [], ")
                == ["6:60 bad-value: \(reload)"])
    }

    @Test(arguments: [("90", 90), ("30s", 30), ("2m", 120), ("1h", 3_600)])
    func `durations are written in one way everywhere`(words: String, seconds: Int) throws {
        let text = Samples.configuration
            .replacing("issuer: {type: local}", with: Self.acme + "propagation: {wait: \(words)}}")
            .replacing("_mta-sts: 300", with: "_mta-sts: \(words)")
        let read = ManifestProbe.configuration(text)
        let configuration = try #require(read.configuration, "\(ManifestProbe.errors(read.findings))")
        guard case .acme(let choices) = configuration.issuer else {
            Issue.record("no ACME issuer")
            return
        }
        #expect(choices.wait == seconds)
        #expect(configuration.ttl.mtaSTS == UInt32(seconds))
    }
}

extension BoundsReadingTests {
    @Test(arguments: [
        ("{max_age: 7d}", 604_800, []), ("{max_age: 31557600}", 31_557_600, []), ("null", nil, []),
        (
            "{max_age: 99w}", nil,
            [
                "13:20 bad-value: 'max_age' is 59875200 seconds, and 0 to 31557600 are wanted -> write such a duration, in seconds or with s, m, h, d or w"
            ]
        ),
        (
            "{}", nil,
            ["13:10 missing-key: 'max_age' is missing in history -> add 'max_age:' with seconds, or `12h`, `7d`, `2w`"]
        ),
    ])
    func `what is known of earlier policies is a bound that RFC 8461 has`(history: String, age: Int?, told: [String])
        async throws
    {
        let wish = try await ManifestProbe.wish(Samples.manifest + "history: \(history)\n")
        #expect(ManifestProbe.errors(wish.findings) == told)
        if case .desired(let desired) = wish.wish { #expect(desired.history?.seconds == age) }
        #expect(told.isEmpty == (wish.wish != .unknown))
    }
}
