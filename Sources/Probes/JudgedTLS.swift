import NIOCore
import NIOSSL
import Ports

/// TLS as our probes speak it.
enum JudgedTLS {
    /// TLS 1.2 or later. Our own judge decides, so that the peer's certificate is known also where it is refused: the library verifies
    /// nothing beside it and so needs no roots.
    static func context() throws(Failure) -> NIOSSLContext {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.certificateVerification = .noHostnameVerification
        tls.trustRoots = .certificates([])
        // When the answer is here, a peer that says no goodbye is not waited for.
        tls.shutdownTimeout = .milliseconds(50)
        do { return try NIOSSLContext(configuration: tls) } catch {
            throw Failure(.configuration, "the TLS library can't be set up: \(error)")
        }
    }
}
