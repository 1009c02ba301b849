/// What to do at a policy host that does not serve. Where a web server of others serves from a folder, nobody needs `certadns serve`.
package enum HostAdvice {
    /// The next action after `failure`; `isFolder` says that a web server of others serves.
    package static func action(after failure: PolicyLook.NotServed, isFolder: Bool) -> String? {
        switch (failure, isFolder) {
        case (.refused, false): "start the policy host there ('certadns serve')"
        case (.refused, true):
            "start your web server there and let it listen on port 443 for the folder under 'policy_host' (docs/policy-host.md)"
        case (.certificate, true):
            "let your web server show fullchain.pem with privkey.pem from the host's folder, and see that 'reload' makes it read them again (docs/policy-host.md)"
        default: nil
        }
    }

    /// What to do where a certificate stays although its renewal is due.
    static func renewal(isFolder: Bool) -> String {
        isFolder
            ? "run 'certadns apply', and have a timer do so daily"
            : "see that 'certadns serve' runs and what it logs, or run 'certadns apply'"
    }
}
