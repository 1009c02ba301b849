package import DNS
package import Findings
import FoundationEssentials

/// What an instance hands on that manages a zone no longer: which policies it served, and until when each may be cached.
package struct ReleaseReceipt: Hashable, Sendable, Codable {
    /// What the file says it is.
    package let format: String
    /// The form's version.
    package let version: Int
    /// The mail domain.
    package let zone: DomainName
    /// When it was released.
    package let releasedAt: Instant
    /// The policies, oldest first.
    package let served: [Served]
    /// Until when the certificate of the policy host is good, which nobody renews any more.
    package let certificateUntil: Instant?

    /// One policy.
    package struct Served: Hashable, Sendable, Codable {
        /// All that is known of it.
        package let policy: PublishedPolicy
        /// The first moment at which no sender holds it; `nil` while it is announced.
        package let cachedUntil: Instant?
    }

    private static let format = "certadns-receipt"
    private static let version = 1

    /// The receipt for what `ledger` knows.
    package init(for ledger: ZoneLedger, at now: Instant) {
        format = Self.format
        version = Self.version
        zone = ledger.zone
        releasedAt = now
        served = ledger.published.map { Served(policy: $0, cachedUntil: $0.heldUntil) }
        certificateUntil = ledger.applied.certificate?.notAfter
    }

    /// The file's octets, readable by people.
    package func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self)) + [0x0a]
    }

    /// What ``encoded()`` wrote; `nil` where it is something else.
    package static func decode(_ octets: [UInt8]) -> ReleaseReceipt? {
        try? JSONDecoder().decode(ReleaseReceipt.self, from: Data(octets))
    }

    /// The policies alone.
    package var policies: [PublishedPolicy] { served.map(\.policy) }

    /// Why it can't count for `zone`; `nil` where it does.
    package func defect(for zone: DomainName) -> String? {
        if format != Self.format || version != Self.version { return "it is no receipt of a form that is known here" }
        return zone == self.zone ? nil : "it is the receipt of \(self.zone)"
    }
}

/// The receipt that a manifest names, as it was read.
package enum ReceiptReading: Hashable, Sendable {
    /// It is there.
    case read(ReleaseReceipt)
    /// It can't be used: nothing is adopted by it.
    case unreadable(Finding)
}

extension PlannerInput {
    /// The ledger with what the receipt says, where the zone is to be taken over; or what stands against that.
    mutating func inherit() -> Finding? {
        guard let receipt = wish.receipt, ledger?.mayInherit ?? true else { return nil }
        switch receipt {
        case .unreadable(let finding): return finding
        case .read(let receipt):
            ledger = ledger?.recording(.inherited(receipt.policies), at: now)
            return nil
        }
    }

    /// That the zone was released and its manifest asks for it as it did then: what `adopt` allows is spent, and nothing is taken back
    /// unasked.
    var releasedBlock: Finding? {
        guard case .desired = wish.wish, let ledger, ledger.desired == nil, let mark = ledger.steering.released,
            [mark, ledger.lastSource?.digest].contains(wish.digest)
        else { return nil }
        return Finding(
            .error, .zoneReleased,
            "the zone was released at \(ledger.unwatchedSince.map { "\($0)" } ?? "an unknown time"), and its manifest is still the one from then: nothing is taken back",
            action:
                "take the manifest out; or, to manage the zone here again, change it ('adopt: {receipt: FILE}' names what the other instance said)"
        )
    }
}
