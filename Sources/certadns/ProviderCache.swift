import Ports
import Synchronization

/// The providers of one run, each made once: its secret is read once, and what it learns (whether its server wants the key, where
/// zones begin, wildcards, a transferred zone) serves all zones of the run.
final class ProviderCache: Sendable {
    /// What makes one provider unlike another.
    struct Key: Hashable {
        /// As certadns.yaml calls it.
        let name: String
        /// Whether it has its secret.
        let signed: Bool
        /// Whether it may make up for what an earlier write owes.
        let settles: Bool
    }
    private let made = Mutex<[Key: Result<any DNSWriter, Failure>]>([:])

    /// The provider, or why it can't be made: that, too, is found out once.
    func provider(_ key: Key, make: () throws(Failure) -> any DNSWriter) throws(Failure) -> any DNSWriter {
        let result = made.withLock { made in
            if let result = made[key] { return result }
            let result: Result<any DNSWriter, Failure>
            do throws(Failure) { result = .success(try make()) } catch { result = .failure(error) }
            made[key] = result
            return result
        }
        return try result.get()
    }
}
