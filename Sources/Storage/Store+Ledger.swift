package import DNS
package import Planning
package import Ports

extension RowStore {
    package func acquire(_ zone: DomainName, by owner: LeaseOwner, for seconds: Int) async throws(Failure) -> Lease {
        let grace = self.grace
        return try await write { try LeaseRows.acquire(zone, by: owner, for: seconds, grace: grace, in: $0) }
    }

    package func renew(_ lease: Lease, for seconds: Int) async throws(Failure) -> Lease {
        try await write { try LeaseRows.renew(lease, for: seconds, in: $0) }
    }

    package func release(_ lease: Lease) async throws(Failure) {
        try await write { try LeaseRows.release(lease, in: $0) }
    }

    package func record(_ event: LedgerEvent, under lease: Lease, audit note: AuditNote) async throws(Failure) {
        try await write { db in
            try LeaseRows.check(lease, in: db)
            let before = try LedgerRows.ledger(of: lease.zone, in: db)
            try LedgerSaving.save(before.recording(event, at: db.now), replacing: before, in: db)
            try BudgetRows.note(event, of: lease.zone, at: db.now, in: db)
            guard event.isAudited else { return }
            try AuditRows.add(event, at: db.now, under: lease, note, in: db)
        }
    }

    package func holder(of zone: DomainName) async throws(Failure) -> BrokenLease? {
        let grace = self.grace
        return try await read { try LeaseRows.holder(of: zone, grace: grace, in: $0) }
    }

    package func breakLease(of zone: DomainName, by owner: LeaseOwner) async throws(Failure) -> BrokenLease? {
        let grace = self.grace
        return try await write { try LeaseRows.end(zone, by: owner, grace: grace, in: $0) }
    }
}
