import Crypto
import DNS
package import MTASTS

/// How policy ids come about (design, rule 5): a visible counter and a digest, never the same id twice.
package enum PolicyIdentity {
    /// The body and id that shall be public for `policy`.
    ///
    /// Equal ledger and equal live TXT give the equal id on every machine. An id is used again only while its own body is the
    /// last one begun and nobody announced a higher counter: then no sender can hold another body under it. `served` is
    /// the body that senders get now, where it is one and the same everywhere.
    package static func body(
        for policy: Policy, generation: Int, ledger: ZoneLedger?, liveTexts: [[UInt8]], served: String?
    ) -> PublishedBody {
        let bytes = policy.serialized()
        let body = String(decoding: bytes, as: UTF8.self)
        let digest = Self.digest(of: bytes, generation: generation)
        let announced = Self.announcedID(in: liveTexts)
        let last = ledger?.published.max { $0.counter < $1.counter }
        let largest = max(last?.counter ?? 0, Self.largestCounter(in: liveTexts))
        if let last, last.counter == largest, last.id == PolicyID.make(counter: last.counter, digest: digest) {
            return PublishedBody(id: last.id, body: body)
        }
        // Without a ledger, what is announced with this very body may stay.
        if ledger.map({ $0.published.isEmpty }) ?? true, let announced, served == body,
            announced.counter.map({ PolicyID.make(counter: $0, digest: digest) }) == announced
        {
            return PublishedBody(id: announced, body: body)
        }
        // Nobody counts that far: a counter near the end came from elsewhere, and must not end the process.
        let next = min(largest, PolicyID.largestCounter - 1) + 1
        return PublishedBody(id: PolicyID.make(counter: next, digest: digest), body: body)
    }

    /// SHA-256 over body and generation; ``PolicyID`` shows the first eight bytes.
    package static func digest(of body: [UInt8], generation: Int) -> [UInt8] {
        Array(SHA256.hash(data: body + Array("\ngeneration \(generation)".utf8)))
    }

    /// The ledger's row for a body about to be published.
    package static func row(for published: PublishedBody, ttl: UInt32, at now: Instant) -> PublishedPolicy? {
        guard let policy = try? Policy.parse(Array(published.body.utf8)) else { return nil }
        return PublishedPolicy(
            id: published.id, counter: published.id.counter ?? 0, bodyDigest: Digest.hex(published.body),
            mode: policy.mode,
            mx: policy.mx, maxAge: policy.maxAge, largestTTL: ttl, intentAt: now)
    }

    /// The largest counter of any id of ours in DNS: also where several records stand there, of which senders take none.
    private static func largestCounter(in texts: [[UInt8]]) -> Int {
        texts.compactMap { try? STSRecord(parsing: $0).id.counter }.max() ?? 0
    }

    /// The id that senders see, if they see exactly one (RFC 8461 §3.1).
    package static func announcedID(in texts: [[UInt8]]) -> PolicyID? {
        guard case .one(let record, _) = RecordSelection.select(from: texts) else { return nil }
        return record.id
    }
}
