import NIOCore
import NIOHTTP1
import NIOPosix
import Planning
import Probes
import Testing

/// A request's head without a body is a whole request: a server may answer it before the client says that it is done.
@Suite struct EarlyAnswerTests {
    private static let body = "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"

    @Test func `an answer to the head alone counts, though the connection is gone after it`() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let listener = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
        let address = try #require(listener.localAddress)
        let channel = try await ClientBootstrap(group: group).connect(to: address) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(HastyServer(body: Self.body))
                return try PolicyProbe.Exchange(wrappingChannelSynchronously: channel)
            }
        }
        // On the connection's own loop each write is over before the next one begins: the server is never too late.
        let answer = try await withTaskExecutorPreference(LoopExecutor(loop: channel.channel.eventLoop)) {
            try await PolicyProbe.ask(channel, host: "mta-sts.example.com")
        }
        #expect(answer == .served(Self.body))
        try await listener.close()
    }
}

/// Runs tasks on an event loop.
private final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Stands in a client's pipeline for a server that answers a request's head at once and leaves.
private final class HastyServer: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart
    private let body: String

    init(body: String) { self.body = body }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        promise?.succeed()
        guard case .head = unwrapOutboundIn(data) else { return }
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["content-type": "text/plain"])
        let parts: [HTTPClientResponsePart] = [.head(head), .body(ByteBuffer(string: body)), .end(nil)]
        for part in parts { context.fireChannelRead(wrapInboundOut(part)) }
        context.fireChannelReadComplete()
        context.close(promise: nil)
    }
}
