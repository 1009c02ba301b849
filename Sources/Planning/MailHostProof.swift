import DNS
import Findings
import MTASTS

extension Stage {
    /// A host that came, and is not followed yet: why, until when, and what a person can do.
    mutating func tellMoved(
        _ host: DomainName, _ following: MXFollowing, seen: MXSeen?, live: LiveZone, at now: Instant
    ) {
        let what = "the mail host \(host) came to MX, and the enforced policy does not list it"
        let lacking = live.lacking(host)
        let lags = lacking.isEmpty ? "" : "; it is not shown by \(lacking.joined(separator: ", "))"
        let verdict = live.verdict(on: host)
        if following.way == .ask {
            findings.append(
                Finding(
                    .error, .mxMoved, "\(what): 'follow: ask' waits for a person (\(verdict.words)\(lags))",
                    action: "if it is yours, run 'certadns apply --only mx'; otherwise take it out of MX",
                    actor: .mailAdmin))
            holds.append(Hold(.policy, "\(host) came to MX, and is listed by 'apply --only mx' alone"))
            return
        }
        let time = MXFollowing.words(following.after)
        let (message, action): (String, String) =
            switch verdict {
            case .valid:
                (
                    "it is followed once seen for \(time) (\(verdict.words)\(lags))",
                    "if it is not yours, take it out of MX before that; to list it at once run 'certadns apply --only mx'"
                )
            case .failing:
                (
                    "it is not followed, since senders would refuse it: \(verdict.words)\(lags)",
                    "mend that host, or take it out of MX; to list it all the same run 'certadns apply --only mx'"
                )
            case .refused, .unknown:
                (
                    "it is not followed by itself: \(verdict.words)\(lags)",
                    "if it is yours, run 'certadns apply --only mx', or apply where its port 25 can be reached; otherwise take it out of MX"
                )
            }
        findings.append(Finding(.warning, .mxMoved, "\(what): \(message)", action: action, actor: .mailAdmin))
        guard verdict == .valid else {
            holds.append(
                Hold(
                    .policy,
                    "\(host) came to MX, and is listed once it was seen for \(time) and its certificate names it, or by 'apply --only mx' (\(verdict.words))"
                ))
            return
        }
        // Plans write no history: what no apply saw yet begins now at the earliest.
        let first = lacking.isEmpty ? seen.flatMap { $0.left == nil ? $0.first : nil } : nil
        holds.append(
            Hold(.policy, "\(host) came to MX, and is listed then", until: (first ?? now) + following.after))
    }

    /// Before a policy is enforced for the first time: mail hosts to which senders would not deliver under it. Some senders take `testing`
    /// for `enforce`, so that this is no matter of the mode alone.
    mutating func tellUnfit(_ desired: DesiredZone, ledger: ZoneLedger?, live: LiveZone) {
        guard desired.awaitsEnforcing(ledger) else { return }
        var unchecked: [String] = []
        for host in (live.mx.value ?? []).map(\.host) {
            switch live.mailChecks[host] {
            case nil, .valid?: continue
            case .failing(_, let words)?:
                findings.append(
                    Finding(
                        .warning, .mxCertificate,
                        "senders that enforce a policy deliver nothing to the mail host \(host): \(words)",
                        action: "mend that host before the policy is enforced", actor: .mailAdmin))
            case .refused(let why)?: unchecked.append("\(host): \(why)")
            case .unknown(let unknown)?: unchecked.append("\(host): \(unknown.reason)")
            }
        }
        guard !unchecked.isEmpty else { return }
        findings.append(
            Finding(
                .note, .mxUnchecked,
                "whether certificates name the mail hosts can't be told (\(unchecked.joined(separator: "; ")))",
                action: "plan where port 25 can be reached, or check them by hand before the policy is enforced",
                actor: .mailAdmin))
    }
}

extension DesiredZone {
    /// Whether an enforced policy is asked for where none is out yet.
    func awaitsEnforcing(_ ledger: ZoneLedger?) -> Bool {
        guard mtaSTS?.mode == .enforce, receivesMail else { return false }
        let out = (ledger?.applied.policy?.body).flatMap { try? Policy.parse(Array($0.utf8)) }
        return out?.mode != .enforce
    }
}

extension MailHostVerdict {
    /// In a sentence about the host.
    fileprivate var words: String {
        switch self {
        case .valid: "its certificate names it"
        case .failing(_, let words): words
        case .refused(let why): "whether its certificate names it can't be told, since \(why)"
        case .unknown(let unknown): "whether its certificate names it can't be told: \(unknown.reason)"
        }
    }
}
