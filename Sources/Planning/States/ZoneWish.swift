package import DNS
package import Findings

/// What the manifests say of one zone, as a planner needs it.
package struct ZoneWish: Hashable, Sendable {
    /// The mail domain.
    package var zone: DomainName
    /// What is asked for.
    package var wish: Wish
    /// Digest of the effective manifest; empty where there is none.
    package var digest: String
    /// What the author accepts.
    package var waivers: [Waiver]
    /// What reading the manifest found.
    package var findings: [Finding]
    /// The add-ons that the manifest names.
    package var addOns: [String]
    /// Why a withdrawal of the zone may not begin; `nil` where it may.
    package var withdrawalBlock: Finding?
    /// Why nothing that the zone shows may change; `nil` where it may.
    package var changeBlock: Finding?
    /// Whether the issuer's usual way of having control proven is http-01, which counts where the zone states none.
    package var provesByHost = false
    /// Whether a person asks for this zone by its name: no limit of the fleet holds it.
    package var isNamed = false
    /// Whether a person named the zone or accepted its plan in this very run: its change counts against no limit.
    package var isSpokenFor = false
    /// Why it may not begin to change, where it was not seen to when the fleet's changes were counted; `nil` where it may.
    package var uncounted: Finding?
    /// Whether a person, by hand, lets the policy follow the MX records as they are now (`apply --only mx`).
    package var followsMX = false
    /// What another instance said of the zone when it released it; `nil` where the manifest names no receipt.
    package var receipt: ReceiptReading?

    /// One zone's wish.
    package init(
        zone: DomainName, wish: Wish, digest: String, waivers: [Waiver] = [], findings: [Finding] = [],
        addOns: [String] = []
    ) {
        self.zone = zone
        self.wish = wish
        self.digest = digest
        self.waivers = waivers
        self.findings = findings
        self.addOns = addOns
    }

    /// What an outcome says of a zone whose manifest can't be read.
    package var unreadable: String? {
        if case .unknown = wish { "its manifest can't be read, so nothing is changed" } else { nil }
    }

    /// The manifest's desired state; where it has none to offer, the one that was last applied.
    package func desired(or ledger: ZoneLedger?) -> DesiredZone? {
        if case .desired(let desired) = wish { desired } else { ledger?.desired?.zone }
    }

    /// A desired state, or why there is none.
    package enum Wish: Hashable, Sendable {
        /// The manifest's desired state.
        case desired(DesiredZone)
        /// The manifest can't be read, parsed or merged: no step, no withdrawal.
        case unknown
        /// The ledger knows the zone, no manifest does.
        case gone
        /// Nobody looked at the manifests: what was applied is kept certified, and nothing else is done.
        case renewal
    }
}

/// An author's acceptance of a finding (manifest key `waivers`).
package struct Waiver: Hashable, Sendable {
    /// The accepted code.
    package var code: FindingCode
    /// Why, in the author's words.
    package var reason: String
    /// The last moment at which it counts.
    package var until: Instant?
    /// Where it stands.
    package var place: Place?

    /// A waiver.
    package init(code: FindingCode, reason: String, until: Instant? = nil, place: Place? = nil) {
        self.code = code
        self.reason = reason
        self.until = until
        self.place = place
    }

    /// Whether it counts at `now`.
    package func counts(at now: Instant) -> Bool { until.map { now <= $0 } ?? true }
}
