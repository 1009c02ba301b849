import NIOCore
import NIOHTTP1

/// Notes what happens on the connection of a fetch.
///
/// What the fetch itself is told depends on whether it was just writing or reading; the first error here is the cause.
final class FetchWitness: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart
    private let record: FetchRecord

    init(record: FetchRecord) { self.record = record }

    func channelActive(context: ChannelHandlerContext) {
        record.connected()
        context.fireChannelActive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        record.failed(error)
        context.fireErrorCaught(error)
    }
}
