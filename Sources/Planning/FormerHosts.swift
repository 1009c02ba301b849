import DNS
import Findings

extension Comparison {
    /// Says how long each place has to serve on that the policy host's name left, and whether it does.
    mutating func judgeFormerHosts() {
        guard let ledger = input.ledger else { return }
        let bodies = [stage.wanted.policy, ledger.applied.policy].compactMap { $0?.body }
        for former in ledger.formerHosts {
            guard former.until > input.now else {
                findings.append(
                    Finding(
                        .note, .formerHost,
                        "\(former.place) may go: since \(former.until) no resolver leads senders there any more",
                        action: "stop the policy host there; the next apply no longer says so", actor: .operator))
                continue
            }
            findings.append(
                Finding(
                    .note, .formerHost,
                    "keep \(former.place) serving until \(former.until): resolvers may still lead senders there",
                    action: "leave the policy host there as it is until then", actor: .operator))
            guard let defect = input.live.former[former.place]?.defect(serving: bodies) else { continue }
            findings.append(
                Finding(
                    .warning, .formerHost,
                    "\(former.place), where resolvers may lead senders until \(former.until), \(defect)",
                    action: "bring the policy host there back for that time", actor: .operator))
        }
    }
}

extension Observation<[PolicyLook]> {
    /// Why senders that are led here get none of `bodies`; `nil` where they do, or where that can't be told.
    func defect(serving bodies: [String]) -> String? {
        switch self {
        case .unknown: return nil
        case .absent: return "has no address any more"
        case .value(let looks):
            for look in looks {
                switch look.answer {
                case .served(let body) where bodies.contains(body): continue
                case .served: return "serves another policy"
                case .notServed(_, let words): return "serves no policy any more: \(words)"
                case .unknown: continue
                }
            }
            return nil
        }
    }
}

extension ZoneStatus.Condition {
    /// One condition for each place that was asked; senders that are led there count as others do.
    static func formerHosts(_ wanted: Publication, _ live: LiveZone) -> [Self] {
        let bodies = [wanted.policy?.body].compactMap { $0 }
        return live.former.sorted { "\($0.key)" < "\($1.key)" }.map { place, look in
            if let unknown = look.unknown { return Self("former-host", nil, "\(place): \(unknown.reason)") }
            let defect = look.defect(serving: bodies)
            return Self("former-host", defect == nil, "\(place) \(defect ?? "serves on")")
        }
    }
}
