/// Durations as people write them, in files and on the command line: seconds, or a number with s, m, h, d or w.
package enum DurationText {
    private static let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]

    /// The seconds of `text`; `nil` where it is no duration.
    package static func seconds(_ text: String) -> Int? {
        let unit = text.last.flatMap { units[$0] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard !digits.isEmpty, digits.utf8.count <= 10, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            digits == "0" || !digits.hasPrefix("0"), let number = Int(digits)
        else { return nil }
        return number * (unit ?? 1)
    }
}
