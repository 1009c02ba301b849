import Findings
import Manifests
import Testing

/// Who is asked about the live world, from `observe` and the providers.
@Suite struct ObserveReadingTests {
    private func read(_ old: String, _ new: String) throws -> Configuration {
        let text = Samples.configuration.replacing(old, with: new, maxReplacements: 1)
        #expect(text != Samples.configuration, "the edit changes nothing")
        return try #require(ManifestProbe.configuration(text).configuration)
    }

    @Test func `mail hosts are asked at port 25 unless another is stated, and from no machine that may not`() throws {
        #expect(try read("https_port: 443", "https_port: 8443").smtpPort == 25)
        #expect(try read("https_port: 443", "smtp_port: 2525").smtpPort == 2_525)
        #expect(try read("https_port: 443", "smtp_port: 2525, probe_mail_hosts: true").smtpPort == 2_525)
        #expect(try read("https_port: 443", "smtp_port: 2525, probe_mail_hosts: false").smtpPort == nil)
        let wrong = Samples.configuration.replacing("https_port: 443", with: "smtp_port: 0, probe_mail_hosts: never")
        #expect(ManifestProbe.errors(ManifestProbe.configuration(wrong).findings).count == 2)
    }

    @Test
    func
        `beside a zone file the stated servers are asked, or the zone's other primaries, or nobody, which counts as a belief`()
        throws
    {
        let stated = try read("https_port: 443", "https_port: 8443")
        #expect(stated.askedServers(of: ["files"])?.map(\.host) == ["192.0.2.53"])
        #expect(!stated.assumesReplacement(of: ["files"]))
        let silent = try read(", name_servers: [\"192.0.2.53:53\"]", "")
        #expect(silent.askedServers(of: ["primary"]) == [], "those of the NS records")
        #expect(!silent.assumesReplacement(of: ["primary"]))
        #expect(silent.askedServers(of: ["files"]) == nil)
        #expect(silent.askedServers(of: ["files", "primary"])?.map(\.host) == ["192.0.2.53"])
        for names in [["files"], ["files", "primary"]] { #expect(silent.assumesReplacement(of: names)) }
    }
}
