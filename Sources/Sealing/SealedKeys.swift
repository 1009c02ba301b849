package import Ports

/// Private keys at rest, wherever they lie: how they are sealed, and sealing them anew.
package protocol SealedKeys: Sendable {
    /// How every key is sealed, judged by opening it where its key is known. Changes nothing.
    func inventory() async throws(Failure) -> KeyInventory
    /// Why the stored keys can't be opened; `nil` where they can. One of each role is looked at.
    func closedToUs() async throws(Failure) -> String?
    /// Brings every key under the seal as it is configured. A rotation that was stopped is simply run again.
    func rotate() async throws(Failure) -> RotationResult
}

extension KeyFiles: SealedKeys {
    package func rotate() throws(Failure) -> RotationResult { try rotate(after: { _ in }) }
}
