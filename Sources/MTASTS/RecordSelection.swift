/// Which of several TXT records counts (RFC 8461 §3.1, STS-5).
package enum RecordSelection: Hashable, Sendable {
    /// None begins with `v=STSv1;`: there is no policy.
    case absent
    /// Exactly one, and it is well formed.
    case one(STSRecord, text: String)
    /// More than one: senders act as if there were none.
    case several(count: Int)
    /// Exactly one, and it is malformed: senders act as if there were none.
    case malformed(RecordDefect, text: String)

    /// Selects from the joined strings of each record.
    package static func select(from texts: [[UInt8]]) -> RecordSelection {
        let candidates = texts.filter { $0.starts(with: Array("v=STSv1;".utf8)) }
        guard let text = candidates.first else { return .absent }
        guard candidates.count == 1 else { return .several(count: candidates.count) }
        let shown = String(decoding: text, as: UTF8.self)
        do throws(RecordDefect) { return .one(try STSRecord(parsing: text), text: shown) } catch {
            return .malformed(error, text: shown)
        }
    }
}
