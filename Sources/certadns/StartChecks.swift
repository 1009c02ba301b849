import Manifests
import Planning
import Ports
import Sealing
import Storage

extension Wiring {
    /// What a process that serves for months will fail at later, told when it starts; each says what to do, and holds no secret.
    func startDefects(_ store: any StateStore) async -> [String] {
        var defects: [String] = []
        do throws(Failure) { try await checkLastEntry(store) } catch { defects.append(error.detail) }
        do throws(Failure) {
            if let closed = try await store.closedToUs() { defects.append(closed) }
        } catch { defects.append(error.detail) }
        guard case .acme(let choices) = configuration.issuer else { return defects }
        do throws(Failure) { _ = try issuing.issuer(store) } catch { defects.append(error.detail) }
        // A file on port 80 needs no provider.
        guard choices.challenge == .dns01 else { return defects }
        for (name, provider) in configuration.providers.sorted(by: { $0.key < $1.key }) {
            guard case .rfc2136(_, let key?, _) = provider else { continue }
            do throws(Failure) { try checkSecret(key) } catch {
                defects.append("renewals through the provider '\(name)' will fail: \(error.detail)")
            }
        }
        return defects
    }
}
