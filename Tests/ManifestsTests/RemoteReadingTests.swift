import Findings
import Manifests
import Testing

/// `state: {url: …}` of certadns.yaml.
@Suite struct RemoteReadingTests {
    private func read(_ state: String) -> (configuration: Configuration?, findings: [Finding]) {
        let rest = Samples.configuration.split(separator: "\n").filter { !$0.hasPrefix("state:") }
        return ManifestProbe.configuration(rest.joined(separator: "\n") + "\nstate: \(state)\n")
    }

    @Test func `the state is a folder or an address with a token`() {
        let remote = read(#"{url: "https://certadns.example.net/", token: "env:T", trust: [system, ca.pem]}"#)
            .configuration?.remoteState
        #expect(remote?.url == "https://certadns.example.net")
        #expect(remote?.token == .environment("T"))
        #expect(remote?.trustsSystem == true && remote?.trustFiles == ["ca.pem"])
        #expect(read("elsewhere").configuration?.remoteState == nil)
        #expect(read("elsewhere").configuration?.state == "elsewhere")
    }

    @Test(arguments: [
        (#"{url: "http://certadns.example.net", token: "env:T"}"#, "is no address of a 'certadns serve'"),
        (#"{url: "https://a.example/state", token: "env:T"}"#, "is no address of a 'certadns serve'"),
        (#"{url: "https://a.example"}"#, "token"),
        (#"{url: "https://a.example", token: certadns_00000000_abcdef}"#, "a secret stands here in the open"),
        (#"{url: "https://a.example", token: "env:T", tokn: x}"#, "is no key of state"),
    ])
    func `what can't be meant is said, without a token that was written out`(text: String, words: String) {
        let read = read(text)
        #expect(read.configuration == nil)
        #expect(read.findings.contains { $0.message.contains(words) }, "\(read.findings)")
        #expect(!"\(read.findings)".contains("abcdef"))
    }
}
