import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Planning

/// Turns what went wrong on the way into what a sender would say of it.
enum FetchFailure: Error {
    case endedEarly
    case headersTooLarge

    static func answer(_ error: any Error, verdict: HandshakeRecord.Verdict?, address: String) -> PolicyLook.Answer {
        switch verdict {
        case .refused(let words)?: return .notServed(.certificate, words)
        case .ranOut?: return .notServed(.timeout, "it did not answer whole within the deadline")
        case .accepted?, nil: break
        }
        switch error {
        case let error as NIOConnectionError:
            return connection(error)
        case let error as ChannelError:
            if case .connectTimeout = error { return .notServed(.timeout, "no connection came about in time") }
            return .notServed(.handshake, "the connection broke: \(error)")
        case let error as IOError:
            return io(error)
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            return .notServed(.handshake, "the TLS handshake failed (\(error)); is there a certificate for this name?")
        case FetchFailure.headersTooLarge:
            return .notServed(.size, "it answers with more than 200 header fields")
        case is HTTPParserError, FetchFailure.endedEarly:
            return .notServed(.status, "it ended the connection without a whole HTTP answer")
        default:
            return .notServed(.handshake, "the connection failed: \(error)")
        }
    }

    private static func connection(_ error: NIOConnectionError) -> PolicyLook.Answer {
        guard let first = error.connectionErrors.first else {
            return .unknown("the address could not be used: \(error)")
        }
        if let inner = first.error as? IOError { return io(inner) }
        if case .connectTimeout? = first.error as? ChannelError {
            return .notServed(.timeout, "no connection came about in time")
        }
        return .unknown("no connection: \(first.error)")
    }

    private static func io(_ error: IOError) -> PolicyLook.Answer {
        switch error.errnoCode {
        case 111: .notServed(.refused, "the connection is refused: nothing listens there")
        case 104, 32: .notServed(.handshake, "the peer closed the connection; is there a certificate for this name?")
        // No route from here says nothing about what senders see.
        case 101, 113, 97, 99: .unknown("there is no route from here (\(error))")
        case 110: .notServed(.timeout, "no connection came about in time")
        default: .unknown("the connection failed: \(error)")
        }
    }
}
