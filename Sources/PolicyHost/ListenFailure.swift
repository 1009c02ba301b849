import NIOCore
import NIOPosix
import Ports

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why the host could not begin to listen, in words that say what to do.
enum ListenFailure {
    /// The port's failure for what the system said.
    static func failure(_ error: any Error, address: String, port: Int) -> Failure {
        let what = "the policy host can't listen at \(address):\(port)"
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE:
            return Failure(
                .busy, retryable: true, "\(what): another program does already; stop it or choose another port")
        case EACCES, EPERM:
            return Failure(
                .unauthorized,
                "\(what): ports below 1024 need root or CAP_NET_BIND_SERVICE; grant it or choose another port")
        case EADDRNOTAVAIL:
            return Failure(.configuration, "\(what): no interface of this machine has that address")
        default:
            return Failure(.configuration, "\(what): \(error)")
        }
    }
}
