import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// One listening socket and what comes in by it, until told to stop.
struct Listener {
    let address: String
    let port: Int
    let connections: Int
    let logger: Logger
    /// Sets up an accepted connection.
    let setup: @Sendable (any Channel) -> EventLoopFuture<Void>

    /// Returns when the last connection has ended after a graceful stop, or at once when cancelled; throws where it can't listen.
    func run(onRunning: (Int) async -> Void) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let loop = group.next()
        let accepted = NIOLoopBoundBox.makeEmptyBox(valueType: AcceptedConnections.self, eventLoop: loop)
        let ended = loop.makePromise(of: Void.self)
        let (connections, logger) = (connections, logger)
        let bootstrap = ServerBootstrap(group: loop, childGroup: group)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 16)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = AcceptedConnections(channel, limit: connections, logger: logger, ended: ended)
                    accepted.value = handler
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer(setup)
        let channel: any Channel
        do { channel = try await bootstrap.bind(host: address, port: port).get() } catch {
            ended.succeed()
            throw error
        }
        await onRunning(channel.localAddress?.port ?? 0)
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                try? await ended.futureResult.get()
            } onGracefulShutdown: {
                loop.execute { accepted.value?.stop() }
            }
        } onCancel: {
            loop.execute { accepted.value?.cut() }
        }
    }
}
