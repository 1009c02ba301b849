package import DNS
import GRDB
package import Planning
package import Ports

extension SQLiteReader: IssuanceBudgetReader {
    package func book(of issuer: String) async throws(Failure) -> IssuerBook {
        try await read { try BudgetRows.book(of: issuer, in: $0) }
    }

    package func hold(of issuer: String) async throws(Failure) -> BudgetRefusal? {
        try await read { try BudgetRows.hold(of: issuer, in: $0) }
    }

    package func refusal(
        of claim: BudgetClaim, at issuer: String, within limits: BudgetLimits
    ) async throws(Failure) -> BudgetRefusal? {
        let now = try await now()
        return try await read { db in
            try BudgetRows.book(of: issuer, for: claim, within: limits, at: now, in: db)
                .refusal(of: claim, within: limits, at: now)
        }
    }
}

extension SQLiteStore: IssuanceBudgetStore {
    package func book(of issuer: String) async throws(Failure) -> IssuerBook { try await reader.book(of: issuer) }

    package func hold(of issuer: String) async throws(Failure) -> BudgetRefusal? { try await reader.hold(of: issuer) }

    package func refusal(
        of claim: BudgetClaim, at issuer: String, within limits: BudgetLimits
    ) async throws(Failure) -> BudgetRefusal? {
        try await reader.refusal(of: claim, at: issuer, within: limits)
    }

    /// SQLite lets one writer in at a time: between the look and the taking nobody else takes.
    package func take(
        _ claim: BudgetClaim, at issuer: String, within limits: BudgetLimits, under lease: Lease
    ) async throws(Failure) -> BudgetRefusal? {
        let now = clock()
        return try await write { db in
            try Self.check(lease, in: db)
            try BudgetRows.prune(issuer, longest: limits.longest, at: now, in: db)
            try BudgetRows.release(claim.zone, in: db)
            try BudgetRows.stopWaiting(claim.zone, in: db)
            let refusal = try BudgetRows.book(of: issuer, for: claim, within: limits, at: now, in: db)
                .refusal(of: claim, within: limits, at: now)
            for entry in IssuerBook.entries(for: claim, refusal, within: limits, at: now) {
                try BudgetRows.add(entry, of: issuer, in: db)
            }
            return refusal
        }
    }

    package func keepPlace(for claim: BudgetClaim, at issuer: String, under lease: Lease) async throws(Failure) {
        let now = clock()
        try await write { db in
            try Self.check(lease, in: db)
            try BudgetRows.stopWaiting(claim.zone, in: db)
            try BudgetRows.add(IssuerBook.place(for: claim, at: now), of: issuer, in: db)
        }
    }

    package func giveBack(_ zone: DomainName, under lease: Lease) async throws(Failure) {
        try await write { db in
            try Self.check(lease, in: db)
            try BudgetRows.release(zone, in: db)
        }
    }

    package func holdAll(of issuer: String, _ hold: BudgetRefusal) async throws(Failure) {
        try await write { try BudgetRows.keep(hold, of: issuer, in: $0) }
    }
}
