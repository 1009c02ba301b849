import Findings
import YAML

extension ConfigurationReader {
    /// `policy_host: {type: directory, path: …, reload: […]}`; `nil` where `certadns serve` is the host.
    mutating func policyFolder(_ node: YAMLNode?) -> Configuration.PolicyFolder? {
        guard let node, case .mapping = node.content else { return nil }
        let path = reading.text(node["path"], "path")
        let reload = reading.command(node["reload"], "reload")
        switch reading.text(node["type"], "type") ?? "serve" {
        case "directory":
            guard let path, !path.isEmpty else {
                reading.error(
                    .missingKey, "'policy_host' of type 'directory' has no 'path'",
                    action: "name the folder that your web server serves", at: node.place)
                return nil
            }
            return Configuration.PolicyFolder(path: path, reload: reload)
        case "serve":
            for key in ["path", "reload"] where node[key].map({ !$0.isNull }) ?? false {
                reading.error(
                    .badValue, "'\(key)' is for a 'policy_host' of type 'directory' only",
                    action: "add 'type: directory', or remove it", at: node[key]?.place)
            }
        case let other:
            let near = Spelling.nearest(to: other, among: ["serve", "directory"])
            reading.error(
                .badValue, "'\(printable(other))' is no type of policy host",
                action: near.map { "did you mean '\($0)'?" } ?? "use serve or directory", at: node["type"]?.place)
        }
        return nil
    }
}
