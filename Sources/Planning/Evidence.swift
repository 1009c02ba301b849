import Findings
import MTASTS

/// Whether it is known that a domain's mail arrives under `mode: enforce`, where nothing that fails is delivered any more.
package enum EnforceEvidence: Hashable, Sendable {
    /// It is known.
    case enough
    /// It is not, and this is lacking.
    case missing(String)
}

extension Stage {
    /// The policy that may be published now where `policy` is asked for: what enforces is published as `testing` until it is known
    /// that mail arrives under it, or somebody waives that. What enforces already goes on.
    mutating func tempered(
        _ policy: Policy, ledger: ZoneLedger?, live: LiveZone, waived: Set<FindingCode>, now: Instant
    ) -> Policy {
        guard policy.mode == .enforce, case .missing(let lack) = live.evidence else { return policy }
        // Who enforces it already loses nothing by it: senders that hold an enforce policy, and those that get one now. What was only
        // assumed of a policy that nobody saw is no such evidence.
        let body = ledger?.applied.policy?.body ?? live.servedBody
        let enforces =
            body.flatMap { try? Policy.parse(Array($0.utf8)) }?.mode == .enforce
            || ledger?.held(at: now).contains { $0.mode == .enforce && !$0.isAssumed } ?? false
        let isWaived = waived.contains(.enforceUnproven)
        let isHeld = !enforces && !isWaived
        guard isHeld || isWaived else { return policy }
        findings.append(
            Finding(
                .warning, .enforceUnproven,
                "'mode: enforce' without evidence that the domain's mail arrives under it: \(lack)",
                action:
                    "wait for reports of the policy in 'testing', or waive this finding in the manifest with a reason"))
        guard isHeld else { return policy }
        holds.append(Hold(.policy, "'mode: enforce' waits for evidence (\(lack)); until then it is 'testing'"))
        return Policy(mode: .testing, mx: policy.mx, maxAge: policy.maxAge)
    }
}
