/// A secret that can be used, but not printed: every description of it is the same fixed text.
package struct Redacted<Value: Sendable>: Sendable {
    private let value: Value

    /// Wraps a secret as soon as it is read.
    package init(_ value: Value) { self.value = value }

    /// The secret itself; the word makes each use easy to find in review.
    package func reveal() -> Value { value }
}

extension Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never the secret.
    package var description: String { "<redacted>" }
    /// Never the secret.
    package var debugDescription: String { "<redacted>" }
    /// Nothing to reflect: `dump` and string interpolation find no child.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
