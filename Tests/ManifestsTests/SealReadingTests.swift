import Findings
import Manifests
import Testing

/// `keys: {seal: …}` of certadns.yaml.
@Suite struct SealReadingTests {
    private func read(_ seal: String) -> (configuration: Configuration?, findings: [Finding]) {
        ManifestProbe.configuration(Samples.configuration + "keys: \(seal)\n")
    }

    @Test func `secrets are named, never written, and the cipher has a usual one`() {
        let seal = read(#"{seal: {secret: "env:A", previous_secrets: ["file:b", "env:C"]}}"#).configuration?.seal
        #expect(
            seal
                == SealChoices(
                    secret: .environment("A"), previous: [.file("b"), .environment("C")], cipher: "chacha20-poly1305"))
        #expect(read(#"{seal: {secret: "env:A", cipher: aes-256-gcm}}"#).configuration?.seal?.cipher == "aes-256-gcm")
        #expect(read(#"{seal: {previous_secrets: ["env:A"]}}"#).configuration?.seal?.secret == nil)
        #expect(ManifestProbe.configuration(Samples.configuration).configuration?.seal == nil)
    }

    @Test(arguments: [
        ("{seal: {cipher: aes-256-gcm}}", "'keys.seal' names no secret"),
        (#"{seal: {secret: "env:A", cipher: aes-128}}"#, "'aes-128' is no 'cipher' that is known"),
        (#"{seal: {secret: "env:A", previous_secrets: "env:B"}}"#, "'previous_secrets' is a single value"),
        (#"{seal: {secret: "env:A", former_secrets: []}}"#, "is no key of keys.seal"),
    ])
    func `what can't be meant is said`(text: String, words: String) {
        let read = read(text)
        #expect(read.configuration == nil)
        #expect(read.findings.contains { $0.message.contains(words) }, "\(read.findings)")
    }

    @Test(arguments: [
        "SECRET", "[SECRET]", "{seal: SECRET}", "{SECRET: x}", "{seal: {SECRET: x}}", "{seal: {secret: SECRET}}",
        "{seal: {secrt: SECRET}}", #"{seal: {secret: "env:A", previous_secrets: [SECRET]}}"#,
        #"{seal: {secret: "env:A", previous_secrets: SECRET}}"#, #"{seal: {secret: "env:A", cipher: x}, sael: SECRET}"#,
    ])
    func `a secret that is written out is in no finding`(text: String) {
        let secret = "Hunter2/abcdefgh+Q9zz=="
        let read = read(text.replacing("SECRET", with: "\"\(secret)\""))
        #expect(read.configuration == nil && !read.findings.isEmpty)
        for piece in ["Hunter2", "abcdefgh", "Q9zz"] {
            #expect(!"\(read.findings)".contains(piece), "\(read.findings)")
        }
    }
}
