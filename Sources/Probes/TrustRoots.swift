import Foundation
import SwiftASN1
import Synchronization
import X509

/// The CAs that a look trusts: the system's, files', or both.
///
/// Files are read again when they change, so that a CA made by this very run counts.
package final class TrustRoots: Sendable {
    private let usesSystem: Bool
    private let files: [String]
    private struct Loaded {
        var stamp: [Date?]
        var store: CertificateStore
    }
    private let loaded = Mutex<Loaded?>(nil)

    /// Roots by source.
    package init(system: Bool, files: [String]) {
        usesSystem = system
        self.files = files
    }

    /// Whether only the system's roots are trusted: what senders outside see.
    package var isPublic: Bool { usesSystem && files.isEmpty }

    func store() async -> CertificateStore {
        let stamp = files.map { try? FileManager.default.attributesOfItem(atPath: $0)[.modificationDate] as? Date }
        if let loaded = loaded.withLock({ $0 }), loaded.stamp == stamp { return loaded.store }
        var certificates: [Certificate] = []
        for file in files {
            // A file that is not there yet adds no trust; what then fails says whose certificate it was.
            guard let text = try? String(contentsOfFile: file, encoding: .utf8),
                let documents = try? PEMDocument.parseMultiple(pemString: text)
            else { continue }
            certificates += documents.compactMap { try? Certificate(pemDocument: $0) }
        }
        var store = usesSystem ? CertificateStore.systemTrustRoots : CertificateStore()
        store.append(contentsOf: certificates)
        let fresh = store
        loaded.withLock { $0 = Loaded(stamp: stamp, store: fresh) }
        return fresh
    }
}
