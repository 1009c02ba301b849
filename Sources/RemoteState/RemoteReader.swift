package import AsyncHTTPClient
package import DNS
package import Planning
package import Ports
import StateAPI

/// Reads the store beside `certadns serve` from elsewhere. It has no way to write (design, rule 11).
package struct RemoteReader: StateReading {
    let link: StateLink

    /// A reader of the store at `place`.
    package init(_ place: RemotePlace, over http: HTTPClient) { link = StateLink(place: place, http: http) }

    init(_ link: StateLink) { self.link = link }

    /// Throws where this machine's clock, which says `local`, is not the store's.
    package func checkSkew(_ local: @Sendable () -> Instant) async throws(Failure) {
        try await checkSkew(local, of: link.place.url)
    }

    func ask<Value>(
        _ question: StateQuestion, _ read: (StateReply) -> Value?
    ) async throws(Failure) -> Value {
        guard let value = read(try await link.ask(question)) else { throw .strange(link.place) }
        return value
    }

    package func now() async throws(Failure) -> Instant {
        try await ask(.now) { if case .now(let seconds) = $0 { Instant(seconds: seconds) } else { nil } }
    }

    package func ledger(of zone: DomainName) async throws(Failure) -> ZoneLedger {
        try await ask(.ledger(zone: zone)) { if case .ledger(let ledger) = $0 { ledger } else { nil } }
    }

    package func ledgers() async throws(Failure) -> [ZoneLedger] {
        var all: [ZoneLedger] = []
        while true {
            let (page, more): ([ZoneLedger], Bool) = try await ask(.ledgers(after: all.last?.zone)) {
                if case .ledgers(let page, let more) = $0 { (page, more) } else { nil }
            }
            // A server that repeats itself would keep us for ever.
            guard let first = page.first, all.last.map({ $0.zone < first.zone }) ?? true else {
                if page.isEmpty, !more { return all }
                throw .strange(link.place)
            }
            all += page
            if !more { return all }
        }
    }

    package func history(of zone: DomainName?, limit: Int) async throws(Failure) -> [AuditEntry] {
        try await ask(.history(zone: zone, limit: limit)) {
            if case .history(let entries) = $0 { entries } else { nil }
        }
    }

    package func dueForRenewal(at now: Instant, limit: Int) async throws(Failure) -> [DueZone] {
        try await ask(.due(at: now.seconds, limit: limit)) { if case .due(let zones) = $0 { zones } else { nil } }
    }

    package func nextRenewal(after now: Instant) async throws(Failure) -> Instant? {
        try await ask(.nextRenewal(after: now.seconds)) { reply -> Instant?? in
            if case .moment(let seconds) = reply { .some(seconds.map { Instant(seconds: $0) }) } else { nil }
        }
    }

    package func waitsEnded(after mark: Int64?) async throws(Failure) -> EndedWaits {
        try await ask(.waitsEnded(after: mark)) { if case .waits(let waits) = $0 { waits } else { nil } }
    }

    package func policy(for zone: DomainName) async throws(Failure) -> PublishedBody? {
        try await ask(.policy(zone: zone)) { reply -> PublishedBody?? in
            if case .policy(let body) = reply { .some(body) } else { nil }
        }
    }

    package func certificate(for host: DomainName) async throws(Failure) -> CertificateFacts? {
        try await ask(.certificate(host: host)) { reply -> CertificateFacts?? in
            if case .certificate(let facts) = reply { .some(facts) } else { nil }
        }
    }

    package func book(of issuer: String) async throws(Failure) -> IssuerBook {
        try await ask(.book(issuer: issuer)) { if case .book(let book) = $0 { book } else { nil } }
    }

    package func hold(of issuer: String) async throws(Failure) -> BudgetRefusal? {
        try await ask(.hold(issuer: issuer), Self.refusal)
    }

    package func refusal(
        of claim: BudgetClaim, at issuer: String, within limits: BudgetLimits
    ) async throws(Failure) -> BudgetRefusal? {
        try await ask(.refusal(claim: claim, issuer: issuer, limits: limits), Self.refusal)
    }

    static func refusal(_ reply: StateReply) -> BudgetRefusal?? {
        if case .refusal(let refusal) = reply { .some(refusal) } else { nil }
    }

    package func accountURL(of directory: String) async throws(Failure) -> String? {
        try await ask(.account(directory: directory)) { reply -> String?? in
            if case .account(let url) = reply { .some(url) } else { nil }
        }
    }
}
