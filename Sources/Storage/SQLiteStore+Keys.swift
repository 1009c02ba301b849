package import DNS
package import Findings
import GRDB
import Planning
package import Ports
package import Sealing

extension SQLiteStore {
    package func material(for host: DomainName) async throws(Failure) -> CertificateMaterial? {
        var missing: CertificateFacts?
        while true {
            guard let (facts, chain) = try await row(of: host) else { return nil }
            if let key = try keyFiles.read(keyPath(facts), as: .certificate) {
                return CertificateMaterial(
                    chain: chain, key: Redacted(String(decoding: key, as: UTF8.self)), facts: facts)
            }
            // Between row and key a newer certificate may have come, and the old key gone. The row tells.
            guard missing != facts else {
                throw Failure(
                    .storage,
                    "the key of \(host) is not in '\(files.keys)'; restore the folder, or remove the certificate's row to have a new one issued"
                )
            }
            missing = facts
        }
    }

    package func chain(for host: DomainName) async throws(Failure) -> String? { try await row(of: host)?.1 }

    private func row(of host: DomainName) async throws(Failure) -> (CertificateFacts, String)? {
        try await read { try CertificateRows.row(of: host, in: $0) }
    }

    /// The key's file first, then the row that names it: whoever reads the row finds its key. Nobody sweeps in between.
    package func store(_ material: CertificateMaterial, for host: DomainName) async throws(Failure) {
        let hold = try keyFiles.hold()
        defer { hold.release() }
        try keyFiles.write(Array(material.key.reveal().utf8), to: keyPath(material.facts), as: .certificate)
        let chain = material.chain
        let facts = material.facts
        let unused = try await write {
            try CertificateRows.save(facts, chain: chain, of: host, in: $0)
        }
        noteOwn()
        // Whoever read the old row a moment ago reads again when the key is gone.
        if let unused { try? keyFiles.remove(keyPath(unused)) }
    }

    /// The row first, then the key's file that it named: a key without a row is left over and swept, a row without a key is an error.
    package func remove(certificateOf host: DomainName) async throws(Failure) {
        let hold = try keyFiles.hold()
        defer { hold.release() }
        let unused = try await write { try CertificateRows.remove(host, in: $0) }
        noteOwn()
        if let unused { try keyFiles.remove(keyPath(unused)) }
    }

    package func tidyKeys() async throws(Failure) -> Int? {
        for _ in 0..<20 {
            if let count = try keyFiles.dropUnnamed(namedKeys) { return count }
            do { try await Task.sleep(for: .milliseconds(25)) } catch { break }
        }
        return nil
    }

    /// Waits for no task: it is called under the folder's lock.
    private func namedKeys() throws(Failure) -> Set<String> {
        let now = clock()
        do {
            return try pool.read { try CertificateRows.named(in: SQLiteConnection(db: $0, now: now)) }
        } catch {
            throw .store(error, files.database)
        }
    }

    package func storePending(_ key: Redacted<String>, for host: DomainName) async throws(Failure) {
        try keyFiles.write(Array(key.reveal().utf8), to: pendingPath(host), as: .pending)
    }

    package func pendingKey(for host: DomainName) async throws(Failure) -> Redacted<String>? {
        try keyFiles.read(pendingPath(host), as: .pending).map { Redacted(String(decoding: $0, as: UTF8.self)) }
    }

    package func dropPending(for host: DomainName) async throws(Failure) {
        try keyFiles.remove(pendingPath(host))
    }

    /// One a host: whatever a crash leaves behind is written over by the next order.
    private func pendingPath(_ host: DomainName) -> String { keyFiles.path(of: .pending, host.key) }

    /// Named by the certificate, so that a row and its key can't be mixed up.
    private func keyPath(_ facts: CertificateFacts) -> String {
        keyFiles.path(of: .certificate, facts.fingerprint)
    }

    package func inventory() async throws(Failure) -> KeyInventory { try keyFiles.inventory() }

    package func closedToUs() async throws(Failure) -> String? { try keyFiles.closedToUs() }

    package func rotate() async throws(Failure) -> RotationResult { try keyFiles.rotate() }
}
