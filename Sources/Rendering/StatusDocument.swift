package import Findings
package import Planning

/// `status --format json`.
package struct StatusDocument: Hashable, Sendable, Encodable {
    private let isLab: Bool
    private let summary: Summary
    private let zones: [ZoneStatus]
    private let findings: [Finding]

    /// Zones' statuses; `isLab` says that roots other than the system's are trusted, `findings` concern no single zone.
    package init(isLab: Bool, zones: [ZoneStatus], findings: [Finding]) {
        self.isLab = isLab
        self.zones = zones
        self.findings = findings
        summary = Summary(zones)
    }

    /// Every state counted, also those that no zone has.
    private struct Summary: Hashable, Encodable {
        let zones: Int
        let ready: Int
        let pending: Int
        let degraded: Int
        let drifted: Int
        let blocked: Int
        let lost: Int
        let notApplicable: Int
        let unread: Int
        let errors: Int

        init(_ statuses: [ZoneStatus]) {
            func count(_ state: ZoneStatus.State) -> Int { statuses.count { $0.state == state } }
            zones = statuses.count
            ready = count(.ready)
            pending = count(.pending)
            degraded = count(.degraded)
            drifted = count(.drifted)
            blocked = count(.blocked)
            lost = count(.lost)
            notApplicable = count(.notApplicable)
            unread = statuses.count { $0.isUnread }
            errors = statuses.reduce(0) { $0 + $1.errors.count }
        }
    }
}
