package import Findings

/// How the commit that is checked out stands to another one, by version control's word.
package enum SourceStanding: Hashable, Sendable {
    /// It is the same.
    case same
    /// It descends from the other.
    case newer
    /// The other descends from it.
    case older
    /// That can't be told; why, and what would help.
    case untold(String, remedy: String)
}

/// What is known of where a run's manifests come from, beside the commit that the ledger says was last applied.
package struct SourceClaim: Hashable, Sendable {
    /// The commit checked out; `nil` where there is none.
    package var commit: String?
    /// How it stands to the one last applied.
    package var standing: SourceStanding
    /// Whether a person said that an older commit is meant (`--allow-older`).
    package var allowsOlder: Bool

    /// A claim.
    package init(commit: String?, standing: SourceStanding, allowsOlder: Bool = false) {
        self.commit = commit
        self.standing = standing
        self.allowsOlder = allowsOlder
    }
}

/// Whether a wish may count, by where it comes from: an older commit undoes no newer one (design, "Who runs where").
package enum SourceVerdict: Hashable, Sendable {
    /// It counts.
    case counts
    /// It counts by a person's word alone.
    case allowed(Finding)
    /// It does not.
    case refused(Finding)

    /// What is said of `wish`, with what the ledger knows; without a commit last applied there is nothing to be older than.
    package static func of(_ wish: ZoneWish, ledger: ZoneLedger?, claim: SourceClaim?) -> SourceVerdict {
        guard let claim, let last = ledger?.lastSource, let commit = last.commit, !wish.owner.isOwnName else {
            return .counts
        }
        let desired: DesiredZone?
        switch wish.wish {
        case .unknown, .renewal: return .counts
        case .gone: desired = nil
        case .desired(let zone): desired = zone
        }
        // The same manifest may mean something else by another configuration.
        let applied = ledger?.desired?.zone
        let isSame = wish.digest == last.digest && (desired == nil || applied == nil || desired == applied)
        let finding: Finding
        switch claim.standing {
        case .same, .newer: return .counts
        case .older:
            if isSame { return .counts }
            finding = .older(claim.commit, than: commit, isAllowed: claim.allowsOlder)
        case .untold(let why, let remedy):
            // New content can't be an old one; that there is no manifest is no content.
            if isSame || last.isNew(wish.digest) { return .counts }
            let words =
                last.hasForgotten(wish.digest)
                ? "\(why), and of the manifests that were applied here only the last \(AppliedSource.most) are remembered, so that none counts as new"
                : why
            finding = .untold(claim.commit, beside: commit, words, remedy: remedy, isAllowed: claim.allowsOlder)
        }
        return claim.allowsOlder ? .allowed(finding) : .refused(finding)
    }
}

extension ZoneWish {
    /// What the ledger has to learn before the steps of `planned` begin: with which manifest of which commit. A run at an older commit
    /// whose manifest is the same moves nothing back.
    package func begins(_ planned: PlannedZone, ledger: ZoneLedger, claim: SourceClaim?, commit: String?)
        -> LedgerEvent?
    {
        switch wish {
        case .unknown, .renewal: return nil
        case .desired: break
        case .gone: guard planned.stage?.beginsWithdrawal ?? false || ledger.withdrawnAt != nil else { return nil }
        }
        guard !owner.isOwnName, planned.plan.verdict != .blocked,
            planned.plan.verdict != .unknown || !planned.plan.steps.isEmpty
        else { return nil }
        let event = LedgerEvent.began(digest: digest, commit: commit)
        guard let last = ledger.lastSource, last.digest == digest else { return event }
        let isNewer = last.commit == nil ? commit != nil : claim?.standing == .newer
        return isNewer ? event : nil
    }
}

extension PlannerInput {
    /// Why it does not.
    var refusal: Finding? { if case .refused(let finding) = sourceVerdict { finding } else { nil } }

    private var sourceVerdict: SourceVerdict { .of(wish, ledger: ledger, claim: source) }

    /// What is told where it counts by a person's word.
    var allowedSource: [Finding] { if case .allowed(let finding) = sourceVerdict { [finding] } else { [] } }
}

extension Stage {
    /// What was applied, kept up: what an older commit asks for is not even looked at.
    static func refusing(_ finding: Finding, keeping applied: Publication) -> Stage {
        var stage = Stage.keepingUp(applied)
        stage.isBlocked = true
        stage.findings = [finding]
        return stage
    }
}

extension Finding {
    fileprivate static func older(_ commit: String?, than applied: String, isAllowed: Bool) -> Finding {
        let words = "commit \(short(commit)) is an ancestor of \(short(applied)), which was last applied to the zone"
        return isAllowed
            ? Finding(
                .warning, .commitOlder, "\(words): it is applied all the same",
                action: "commit the older content anew, or the next run at the newer commit undoes this")
            : Finding(
                .error, .commitOlder, "\(words): an older commit undoes no newer one",
                action:
                    "check out the newer commit; where the older content is meant, commit it anew ('git revert'), or add '--allow-older'"
            )
    }

    fileprivate static func untold(
        _ commit: String?, beside applied: String, _ why: String, remedy: String, isAllowed: Bool
    ) -> Finding {
        let words =
            "whether commit \(short(commit)) is older than \(short(applied)), which was last applied to the zone, can't be told: \(why)"
        return isAllowed
            ? Finding(
                .warning, .commitUnknown, "\(words); it is applied all the same", action: remedy, actor: .operator)
            : Finding(
                .error, .commitUnknown, words,
                action: "\(remedy); where what is checked out is meant, add '--allow-older'", actor: .operator)
    }

    private static func short(_ commit: String?) -> String { commit.map { String($0.prefix(12)) } ?? "(none)" }
}
