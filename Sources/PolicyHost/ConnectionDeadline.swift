import NIOCore

/// Closes a connection that takes longer than its present phase may; one timer, moved from phase to phase.
///
/// Lives on the connection's event loop. The limits are absolute, so that an octet now and then buys no time.
final class ConnectionDeadline {
    private let channel: any Channel
    private var timer: Scheduled<Void>?

    init(channel: any Channel) { self.channel = channel }

    /// From now on the connection has `limit` to come to the next phase.
    func arm(_ limit: Duration) {
        timer?.cancel()
        let channel = channel
        timer = channel.eventLoop.scheduleTask(in: TimeAmount(limit)) { channel.close(promise: nil) }
    }

    /// The connection is gone.
    func disarm() {
        timer?.cancel()
        timer = nil
    }
}
