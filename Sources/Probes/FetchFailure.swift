import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Planning

/// Turns what went wrong on the way into what a sender would say of it.
enum FetchFailure: Error {
    case endedEarly

    /// `host` is the name that was asked for, `seconds` the deadline.
    static func answer(_ error: any Error, record: FetchRecord, host: String, seconds: Int64) -> PolicyLook.Answer {
        if let words = record.refusal { return .notServed(.certificate, words) }
        if record.hasRunOut { return outOfTime(record.phase, seconds: seconds) }
        if error is CancellationError || Task.isCancelled { return .unknown("the look was given up before it ended") }
        let error = record.error ?? error
        switch record.phase {
        case .connection: return connecting(error, seconds: seconds)
        case .handshake: return handshaking(error, host: host)
        case .answer: return reading(error)
        }
    }

    private static func outOfTime(_ phase: FetchRecord.Phase, seconds: Int64) -> PolicyLook.Answer {
        switch phase {
        case .connection: .notServed(.timeout, "no connection came about within \(seconds) s")
        case .handshake: .notServed(.timeout, "the TLS handshake was not over within \(seconds) s")
        case .answer: .notServed(.timeout, "it did not answer whole within \(seconds) s")
        }
    }

    private static func connecting(_ error: any Error, seconds: Int64) -> PolicyLook.Answer {
        // A name in `connect` may have several addresses: the first one's failure speaks for all.
        let error = (error as? NIOConnectionError)?.connectionErrors.first?.error ?? error
        if case .connectTimeout? = error as? ChannelError { return outOfTime(.connection, seconds: seconds) }
        switch (error as? IOError)?.errnoCode {
        case ECONNREFUSED: return .notServed(.refused, "the connection is refused: nothing listens there")
        case ETIMEDOUT: return outOfTime(.connection, seconds: seconds)
        case ECONNRESET: return .notServed(.refused, "the connection was reset before it stood")
        // No route from here says nothing about what senders see.
        case ENETUNREACH, EHOSTUNREACH, EAFNOSUPPORT, EADDRNOTAVAIL: return .unknown("there is no route from here")
        case EMFILE, ENFILE: return .unknown("no more files may be opened here; raise the limit (ulimit -n)")
        default: return .unknown("the connection failed: \(Printable.line("\(error)"))")
        }
    }

    private static func handshaking(_ error: any Error, host: String) -> PolicyLook.Answer {
        let question = "has it a certificate for \(host)?"
        if let reason = reason(error) {
            return .notServed(.handshake, "the TLS handshake failed (\(reason)); \(question)")
        }
        return .notServed(.handshake, "it closed the connection during the TLS handshake; \(question)")
    }

    private static func reading(_ error: any Error) -> PolicyLook.Answer {
        if error as? HTTPParserError == .headerOverflow {
            return .notServed(.size, "its answer has more than 65536 octets of header fields, or more than 200 of them")
        }
        return .notServed(.status, "it ended the connection without a whole HTTP answer")
    }

    /// The TLS library's word for what went wrong, without its numbers and source lines.
    static func reason(_ error: any Error) -> String? {
        guard case .handshakeFailed(.sslError(let stack))? = error as? NIOSSLError, let first = stack.first,
            first != .eofDuringHandshake
        else { return nil }
        let words = first.description.components(separatedBy: "OPENSSL_internal:").dropFirst().first
        let name = words?.prefix { $0.isASCII && ($0.isUppercase || $0.isNumber || $0 == "_") }
        return name.flatMap { $0.isEmpty ? nil : $0.lowercased().replacing("_", with: " ") }
    }
}
