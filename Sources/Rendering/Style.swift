/// How text is dressed: colours are a parameter, so that golden files and pipes have none.
package struct Style: Hashable, Sendable {
    private let hasColour: Bool

    /// Plain text, or text for a terminal.
    package init(colour: Bool) { hasColour = colour }

    /// No colours.
    package static let plain = Style(colour: false)

    func bold(_ text: String) -> String { dress(text, "1") }
    func red(_ text: String) -> String { dress(text, "31") }
    func green(_ text: String) -> String { dress(text, "32") }
    func yellow(_ text: String) -> String { dress(text, "33") }
    func dim(_ text: String) -> String { dress(text, "2") }

    private func dress(_ text: String, _ code: String) -> String {
        hasColour ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
