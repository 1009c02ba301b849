import NIOCore

/// The alerts (RFC 8446 §6.2) that end a handshake before TLS has begun, since no certificate would fit.
enum TLSAlert: UInt8 {
    /// No name, or nothing like a ClientHello.
    case handshakeFailure = 40
    /// The store could not be read.
    case internalError = 80
    /// RFC 8461 §7.1: no certificate fits the name, and there is no default one.
    case unrecognizedName = 112

    /// The alert as one fatal record.
    var record: ByteBuffer { ByteBuffer(bytes: [21, 3, 1, 0, 2, 2, rawValue]) }
}
