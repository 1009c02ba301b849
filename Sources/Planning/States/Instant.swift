package import FoundationEssentials

/// A moment in whole seconds since 1970, UTC. Plans print it, ledgers keep it; nothing here reads a clock.
package struct Instant: Hashable, Comparable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z.
    package let seconds: Int64

    /// A moment by its Unix time.
    package init(seconds: Int64) { self.seconds = seconds }

    /// The second in which `date` lies.
    package init(_ date: Date) { seconds = Int64(date.timeIntervalSince1970.rounded(.down)) }

    /// Reads `2026-11-24T12:00:00Z`, or a bare day as its first second.
    package init?(_ text: String) {
        let full = text.count == 10 ? text + "T00:00:00Z" : text
        guard let date = try? Date(full, strategy: .iso8601) else { return nil }
        self.init(date)
    }

    /// Earlier is smaller.
    package static func < (a: Instant, b: Instant) -> Bool { a.seconds < b.seconds }

    /// The moment `seconds` later, or the last one that there is: what came from elsewhere must not end the process.
    package static func + (a: Instant, seconds: Int) -> Instant {
        let (sum, overflows) = a.seconds.addingReportingOverflow(Int64(seconds))
        return Instant(seconds: overflows ? (seconds < 0 ? .min : .max) : sum)
    }

    /// How many seconds `a` comes after `b`.
    package static func - (a: Instant, b: Instant) -> Int {
        let (difference, overflows) = a.seconds.subtractingReportingOverflow(b.seconds)
        return Int(overflows ? (a.seconds < b.seconds ? .min : .max) : difference)
    }
}

extension Instant: CustomStringConvertible {
    /// RFC 3339 in UTC, to the second.
    package var description: String {
        Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
    }
}

extension Instant: Codable {
    /// As RFC 3339 text.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// From RFC 3339 text.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let instant = Instant(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not an RFC 3339 time")
        }
        self = instant
    }
}
