import DNS
import Findings

extension Comparison {
    /// What is kept for the policy host goes with its last use (design: "What a zone owns"). It is ours: nobody else writes there.
    mutating func compareRemovals() {
        guard stage.withdrawal == .free else { return }
        remove(.policy, seen: input.live.hosted.map { _ in () })
        if let delivered = input.live.delivered { remove(.delivery, seen: delivered.map { _ in () }) }
        remove(.certificate, seen: input.live.certificate.map { _ in () })
    }

    private mutating func remove(_ resource: Resource, seen: Observation<Void>) {
        switch seen {
        case .absent: break
        case .value:
            steps.append(
                Step(
                    .delete, resource, causes: [.commit], reason: "the manifest no longer asks for it",
                    effect: .removal(host: input.wish.owner.host)
                ).asWithdrawal(stage))
        case .unknown(let unknown):
            self.unknown.insert(resource)
            findings.append(
                Finding(
                    .error, resource == .policy ? .policyFetch : .policyCertificate,
                    "whether the \(resource.words) is still kept could not be read: \(unknown.reason)",
                    action: "look at the state folder and run again", actor: .operator))
        }
    }
}

extension Step {
    /// What a withdrawal does once its time has come is due by that time, not by the commit that began it.
    func asWithdrawal(_ stage: Stage) -> Step {
        guard let withdrawal = stage.withdrawal else { return self }
        var step = self
        switch (withdrawal, verb) {
        case (.binding, .change), (.binding, .create):
            if causes.contains(.commit) {
                step.reason = "nobody asks for the policy any more: senders are told so before anything is taken away"
            }
        case (.unbound, .delete):
            step.causes = [.due]
            step.reason = "no sender can hold the policy any more that was withdrawn"
        case (.free, .delete):
            step.causes = [.due]
            step.reason = "no sender can ask for it any more"
        default: break
        }
        return step
    }
}
