/// Tells whether what a store serves may have changed, for far less than reading it costs.
///
/// Contract: when something was stored or removed between two answers, by whomever, at least one of the two numbers differs. They
/// may differ without cause: then something is read once more than needed.
package protocol ChangeReader: Sendable {
    /// Counts what this process stored, from the moment that a call which stored it returns. Asked once a handshake: it costs no
    /// more than reading a number.
    var own: Int { get }
    /// Differs from earlier answers when any process has changed the store in between; asked every few seconds.
    func all() async throws(Failure) -> Int
}
