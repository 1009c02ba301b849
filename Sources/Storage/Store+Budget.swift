package import DNS
package import Planning
package import Ports

extension RowStore {
    /// One transaction writes at a time: between the look and the taking nobody else takes.
    package func take(
        _ claim: BudgetClaim, at issuer: String, within limits: BudgetLimits, under lease: Lease
    ) async throws(Failure) -> BudgetRefusal? {
        try await write { db in
            try LeaseRows.check(lease, in: db)
            try BudgetRows.prune(issuer, longest: limits.longest, at: db.now, in: db)
            try BudgetRows.release(claim.zone, in: db)
            try BudgetRows.stopWaiting(claim.zone, in: db)
            let refusal = try BudgetRows.book(of: issuer, for: claim, within: limits, at: db.now, in: db)
                .refusal(of: claim, within: limits, at: db.now)
            for entry in IssuerBook.entries(for: claim, refusal, within: limits, at: db.now) {
                try BudgetRows.add(entry, of: issuer, in: db)
            }
            return refusal
        }
    }

    package func keepPlace(for claim: BudgetClaim, at issuer: String, under lease: Lease) async throws(Failure) {
        try await write { db in
            try LeaseRows.check(lease, in: db)
            try BudgetRows.stopWaiting(claim.zone, in: db)
            try BudgetRows.add(IssuerBook.place(for: claim, at: db.now), of: issuer, in: db)
        }
    }

    package func giveBack(_ zone: DomainName, under lease: Lease) async throws(Failure) {
        try await write { db in
            try LeaseRows.check(lease, in: db)
            try BudgetRows.release(zone, in: db)
        }
    }

    package func holdAll(of issuer: String, _ hold: BudgetRefusal) async throws(Failure) {
        try await write { try BudgetRows.keep(hold, of: issuer, in: $0) }
    }
}
