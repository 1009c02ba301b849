package import DNS
package import Findings
import Foundation
import GRDB
package import Planning
package import Ports
import Sealing

extension SQLiteStore: KeyStore {
    package func certificate(for host: DomainName) async throws(Failure) -> CertificateFacts? {
        try await reader.certificate(for: host)
    }

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
        try await reader.read { db in
            try Row.fetchOne(db, sql: "SELECT facts, chain FROM certificate WHERE host = ?", arguments: [host.key])
                .map { (try $0.json(CertificateFacts.self, "facts"), try $0.text("chain")) }
        }
    }

    /// The key's file first, then the row that names it: whoever reads the row finds its key. Nobody sweeps in between.
    package func store(_ material: CertificateMaterial, for host: DomainName) async throws(Failure) {
        let hold = try keyFiles.hold()
        defer { hold.release() }
        try keyFiles.write(Array(material.key.reveal().utf8), to: keyPath(material.facts), as: .certificate)
        let chain = material.chain
        let facts = material.facts
        let unused = try await write { db -> CertificateFacts? in
            let old = try Self.facts(of: host, in: db)
            try db.execute(
                sql: """
                    INSERT INTO certificate (host, facts, chain) VALUES (?, ?, ?)
                    ON CONFLICT (host) DO UPDATE SET facts = excluded.facts, chain = excluded.chain
                    """,
                arguments: [host.key, try JSONText.encode(facts), chain])
            return try Self.unused(old, in: db)
        }
        changes.noteOwn()
        // Whoever read the old row a moment ago reads again when the key is gone.
        if let unused { try? keyFiles.remove(keyPath(unused)) }
    }

    /// The row first, then the key's file that it named: a key without a row is left over and swept, a row without a key is an error.
    package func remove(certificateOf host: DomainName) async throws(Failure) {
        let hold = try keyFiles.hold()
        defer { hold.release() }
        let unused = try await write { db -> CertificateFacts? in
            let old = try Self.facts(of: host, in: db)
            try db.execute(sql: "DELETE FROM certificate WHERE host = ?", arguments: [host.key])
            return try Self.unused(old, in: db)
        }
        changes.noteOwn()
        if let unused { try keyFiles.remove(keyPath(unused)) }
    }

    private static func facts(of host: DomainName, in db: Database) throws -> CertificateFacts? {
        try Row.fetchOne(db, sql: "SELECT facts FROM certificate WHERE host = ?", arguments: [host.key])?
            .json(CertificateFacts.self, "facts")
    }

    /// What no row names any more; one certificate may serve several hosts.
    private static func unused(_ old: CertificateFacts?, in db: Database) throws -> CertificateFacts? {
        guard let old else { return nil }
        let isUsed = try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM certificate WHERE json_extract(facts, '$.fingerprint') = ?)",
            arguments: [old.fingerprint])
        return isUsed == false ? old : nil
    }

    /// Takes away keys that no certificate names any more: a process killed right after it stored a certificate leaves the former
    /// one's. How many are gone; `nil` where others stored without a pause, and it is left to the next time.
    package func tidyKeys() async throws(Failure) -> Int? {
        for _ in 0..<20 {
            if let count = try keyFiles.dropUnnamed(namedKeys) { return count }
            do { try await Task.sleep(for: .milliseconds(25)) } catch { break }
        }
        return nil
    }

    /// Waits for no task: it is called under the folder's lock.
    private func namedKeys() throws(Failure) -> Set<String> {
        do {
            return try pool.read { db in
                try String.fetchSet(db, sql: "SELECT json_extract(facts, '$.fingerprint') FROM certificate")
            }
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
}
