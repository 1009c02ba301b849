import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Tells a peer at once that its last handshake message has come.
///
/// BoringSSL keeps a TLS 1.3 session ticket until there is an answer to send with it, so that nothing carries the acknowledgement
/// before the kernel's delay of 40 ms is over; a client that gathers small writes (RFC 896) holds its request back as long.
enum Acknowledgement {
    static func send(on channel: any Channel) {
        #if os(Linux)
            // Where it can't be set the request comes later, that is all.
            try? channel.syncOptions?.setOption(
                .tcpOption(.init(rawValue: CInt(TCP_QUICKACK))), value: 1)
        #endif
    }
}
