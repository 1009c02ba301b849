#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Failure {
    /// Why `server` could not begin to listen, in words that say what to do: `number` is the system's errno, `words` what else is
    /// known where the number says little.
    package static func listening(
        _ server: String, at address: String, port: Int, number: Int32?, words: @autoclosure () -> String
    ) -> Failure {
        let what = "\(server) can't listen at \(address.contains(":") ? "[\(address)]" : address):\(port)"
        switch number {
        case EADDRINUSE:
            return Failure(
                .configuration, retryable: true,
                "\(what): another program does already; stop it or choose another port")
        case EACCES, EPERM:
            return Failure(
                .unauthorized,
                "\(what): ports below 1024 need root or CAP_NET_BIND_SERVICE; grant it or choose another port")
        case EADDRNOTAVAIL:
            return Failure(.configuration, "\(what): no interface of this machine has that address")
        default:
            return Failure(.configuration, "\(what): \(words())")
        }
    }
}
