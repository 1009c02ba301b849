package import DNS

/// How one zone's apply ended: exactly one of these.
package struct ZoneOutcome: Hashable, Sendable, Codable {
    /// The mail domain.
    package var zone: DomainName
    /// How it ended.
    package var kind: Kind
    /// Why, in one sentence; empty where the kind says it all.
    package var detail: String
    /// Steps done in this run.
    package var stepsDone: Int
    /// The step that failed, where one did.
    package var failedStep: Resource?
    /// The zone's lease was somebody else's.
    package var isBusy: Bool
    /// Findings of severity error in the zone's plan: also a zone with nothing to do may need a person (its host is down).
    package var errors: Int

    /// One zone's end.
    package init(
        zone: DomainName, _ kind: Kind, _ detail: String = "", stepsDone: Int = 0, failedStep: Resource? = nil,
        isBusy: Bool = false, errors: Int = 0
    ) {
        self.zone = zone
        self.kind = kind
        self.detail = detail
        self.stepsDone = stepsDone
        self.failedStep = failedStep
        self.isBusy = isBusy
        self.errors = errors
    }

    /// The ways in which a zone can end.
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// Every step was done and seen.
        case applied
        /// There was no step.
        case nothingToDo = "nothing-to-do"
        /// What is left waits for time or evidence.
        case held
        /// A person is needed.
        case blocked
        /// The world is not what the plan saw.
        case skipped
        /// A step failed; the steps after it were not begun.
        case failed
        /// The run ended before this zone's turn.
        case notStarted = "not-started"
    }
}

/// What an apply tells while it runs.
package enum ApplyEvent: Hashable, Sendable {
    /// The zone's steps begin.
    case began(DomainName, steps: Int)
    /// A step begins.
    case step(DomainName, Step)
    /// A step will be tried again after `seconds`.
    case retrying(DomainName, Step, reason: String, seconds: Int)
    /// Something that a person should know, and that stops nothing.
    case noted(DomainName, String)
    /// A step was done and seen.
    case done(DomainName, Step)
    /// The zone ended.
    case ended(ZoneOutcome)
}
