package import DNS
import Findings
import Foundation
import GRDB
package import Planning
package import Ports

extension SQLiteStore: KeyStore {
    package func certificate(for host: DomainName) async throws(Failure) -> CertificateFacts? {
        try await reader.certificate(for: host)
    }

    package func material(for host: DomainName) async throws(Failure) -> CertificateMaterial? {
        let row = try await reader.read { db in
            try Row.fetchOne(
                db, sql: "SELECT facts, chain FROM certificate WHERE host = ?", arguments: [LedgerRows.name(host)]
            )
            .map { (facts: $0["facts"] as String, chain: $0["chain"] as String) }
        }
        guard let row else { return nil }
        do {
            let facts = try LedgerRows.decode(CertificateFacts.self, row.facts)
            let key = try String(contentsOfFile: keyPath(facts), encoding: .utf8)
            return CertificateMaterial(chain: row.chain, key: Redacted(key), facts: facts)
        } catch {
            throw Failure(
                .storage, "the key of \(host) can't be read from '\(files.keys)': \(error.localizedDescription)")
        }
    }

    /// The key's file first, then the row that names it: whoever reads the row finds its key.
    package func store(_ material: CertificateMaterial, for host: DomainName) async throws(Failure) {
        let path = keyPath(material.facts)
        do { try SecretFile.write(material.key.reveal(), to: path) } catch {
            throw Failure(
                .storage,
                "the key of \(host) can't be written to '\(files.keys)': \(error); is there room, and is it ours?")
        }
        let chain = material.chain
        let facts = material.facts
        let old = try await write { db -> CertificateFacts? in
            let key = LedgerRows.name(host)
            let old = try String.fetchOne(db, sql: "SELECT facts FROM certificate WHERE host = ?", arguments: [key])
            try db.execute(
                sql: "INSERT OR REPLACE INTO certificate (host, facts, chain) VALUES (?, ?, ?)",
                arguments: [key, try LedgerRows.encode(facts), chain])
            return try old.map { try LedgerRows.decode(CertificateFacts.self, $0) }
        }
        // A server that read the old row a moment ago may still want its key: it reads again on failure, so the file may go.
        if let old, old.fingerprint != facts.fingerprint { try? FileManager.default.removeItem(atPath: keyPath(old)) }
    }

    /// Named by the certificate, so that a row and its key can't be mixed up.
    private func keyPath(_ facts: CertificateFacts) -> String { "\(files.keys)/\(facts.fingerprint).pem" }
}

/// Writes a secret's file: temporary name, owner only, flushed, renamed.
package enum SecretFile {
    /// Replaces `path` by `text` at once, or leaves it as it was.
    package static func write(_ text: String, to path: String) throws {
        let temporary = path + ".new-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0 ... .max))"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data(text.utf8))
            try handle.synchronize()
            try handle.close()
            guard rename(temporary, path) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        } catch {
            unlink(temporary)
            throw error
        }
    }
}
