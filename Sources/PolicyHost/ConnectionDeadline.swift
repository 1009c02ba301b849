import NIOCore

/// Closes a connection that takes longer than its present phase may; one timer, moved from phase to phase.
///
/// Lives on the connection's event loop. The limits are absolute, so that an octet now and then buys no time.
final class ConnectionDeadline {
    private let channel: any Channel
    private var end = NIODeadline.distantFuture
    private var timer: (task: Scheduled<Void>, due: NIODeadline)?

    init(channel: any Channel) { self.channel = channel }

    /// From now on the connection has `limit` to come to the next phase.
    ///
    /// Most phases end long before their limit: a timer that is due earlier stays, and looks then how much time is left.
    func arm(_ limit: Duration) {
        end = .now() + TimeAmount(limit)
        if let timer {
            if timer.due <= end { return }
            timer.task.cancel()
        }
        watch()
    }

    private func watch() {
        let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        timer = (channel.eventLoop.scheduleTask(deadline: end) { bound.value.look() }, end)
    }

    private func look() {
        timer = nil
        if NIODeadline.now() >= end { channel.close(promise: nil) } else { watch() }
    }

    /// The connection is gone.
    func disarm() {
        timer?.task.cancel()
        timer = nil
        end = .distantFuture
    }
}
