import Findings
import YAML

/// A store beside another machine's `certadns serve`.
package struct RemoteChoice: Hashable, Sendable {
    /// `https://host[:port]`, without a path.
    package let url: String
    /// Where the token is found.
    package let token: SecretReference
    /// Whether the system's CAs are trusted there.
    package let trustsSystem: Bool
    /// Further trusted CAs, as files.
    package let trustFiles: [String]
}

extension FieldTable {
    static let state = FieldTable(
        "state",
        [
            Field("url", "https URL", required: true, "Where `certadns serve` is reached: one of its `serve: names`."),
            Field(
                "token", "`env:NAME` or `file:PATH`", required: true, secret: true,
                "Where the token is found that `certadns token create` printed there."),
            Field(
                "trust", "list of `system` and files", fallback: "`[system]`",
                "Which CAs are trusted for its certificate."),
        ])
}

extension ConfigurationReader {
    /// `state` as an address; `nil` where it is a folder or a database.
    mutating func remoteState(_ node: YAMLNode?, policyHost: YAMLNode?) -> RemoteChoice? {
        guard let node, case .mapping = node.content, !Self.namesDatabase(node), reading.check(node, .state) else {
            return nil
        }
        let token = secret(node["token"])
        let trust = reading.trust(node["trust"])
        if let host = policyHost?["type"], case .scalar("directory", _) = host.content {
            reading.error(
                .badValue, "the policy host is a folder, and keys never leave the store of \"state: url\"",
                action: "let 'certadns serve' serve the policies, or run where the folder is, with a 'state' folder",
                at: host.place)
        }
        guard let text = reading.text(node["url"], "url"), let place = node["url"]?.place else { return nil }
        var url = text
        if url.hasSuffix("/") { url.removeLast() }
        let host = url.dropFirst("https://".count)
        guard url.hasPrefix("https://"), !host.isEmpty,
            host.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !"/?#@\\\"".utf8.contains($0) })
        else {
            reading.error(
                .badValue, "'\(unlessSecret(text))' is no address of a 'certadns serve'",
                action: "write 'https://' and one of its names, with no path", at: place)
            return nil
        }
        return token.map {
            RemoteChoice(
                url: url, token: $0, trustsSystem: trust.contains("system"), trustFiles: trust.filter { $0 != "system" }
            )
        }
    }
}
