import Planning
import Synchronization

/// IMF-fixdate (RFC 9110 §5.6.7), which a server with a clock puts on every answer (§6.6.1).
enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The moment as `Sun, 06 Nov 1994 08:49:37 GMT`; moments before 1970 read as 1970.
    static func text(_ moment: Instant) -> String {
        // RFC 3339 has the same fields in fixed places: 2026-11-24T12:00:00Z.
        let moment = moment < Instant(seconds: 0) ? Instant(seconds: 0) : moment
        let fields = moment.description.split { "-T:Z".contains($0) }.map(String.init)
        guard fields.count == 6, let month = Int(fields[1]), months.indices.contains(month - 1) else { return "" }
        let weekday = days[Int(moment.seconds / 86_400) % 7]
        return "\(weekday), \(fields[2]) \(months[month - 1]) \(fields[0]) \(fields[3]):\(fields[4]):\(fields[5]) GMT"
    }
}

/// The date of all answers of one second, written once.
final class DateLine: Sendable {
    private let last = Mutex<(moment: Instant, text: String)?>(nil)

    /// As ``HTTPDate/text(_:)``.
    func text(_ moment: Instant) -> String {
        last.withLock { last in
            if let last, last.moment == moment { return last.text }
            let text = HTTPDate.text(moment)
            last = (moment, text)
            return text
        }
    }
}
