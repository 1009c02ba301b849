/// What a stranger wrote, fit for one line of ours.
enum Printable {
    /// At most `limit` characters of visible ASCII and blanks; others read as `?`.
    static func line(_ text: String, limit: Int = 120) -> String {
        String(text.unicodeScalars.prefix(limit).map { (0x20...0x7e).contains($0.value) ? Character($0) : "?" })
    }
}
