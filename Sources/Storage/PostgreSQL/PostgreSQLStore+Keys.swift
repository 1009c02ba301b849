package import DNS
package import Findings
import Planning
package import Ports
package import Sealing

/// Certificate and key change in one transaction, so that no key is ever left over, and none is ever missing.
extension PostgreSQLStore {
    package func material(for host: DomainName) async throws(Failure) -> CertificateMaterial? {
        let keys = self.keys
        let found = try await read { db -> (facts: CertificateFacts, chain: String, sealed: [UInt8])? in
            guard let (facts, chain) = try CertificateRows.row(of: host, in: db) else { return nil }
            guard let sealed = try keys.get(.certificate, facts.fingerprint, in: db) else {
                throw BrokenRow("the key of \(host) is missing")
            }
            return (facts, chain, sealed)
        }
        guard let found else { return nil }
        let key = try keys.open(found.sealed, as: .certificate, found.facts.fingerprint)
        return CertificateMaterial(
            chain: found.chain, key: Redacted(String(decoding: key, as: UTF8.self)), facts: found.facts)
    }

    package func chain(for host: DomainName) async throws(Failure) -> String? {
        try await read { try CertificateRows.row(of: host, in: $0)?.1 }
    }

    package func store(_ material: CertificateMaterial, for host: DomainName) async throws(Failure) {
        let keys = self.keys
        let facts = material.facts
        let chain = material.chain
        let sealed = try keys.close(Array(material.key.reveal().utf8), as: .certificate, facts.fingerprint)
        try await write { db in
            try keys.put(sealed, .certificate, facts.fingerprint, in: db)
            let unused = try CertificateRows.save(facts, chain: chain, of: host, in: db)
            if let unused { try keys.drop(.certificate, unused.fingerprint, in: db) }
        }
        noteOwn()
    }

    package func remove(certificateOf host: DomainName) async throws(Failure) {
        let keys = self.keys
        try await write { db in
            guard let unused = try CertificateRows.remove(host, in: db) else { return }
            try keys.drop(.certificate, unused.fingerprint, in: db)
        }
        noteOwn()
    }

    package func tidyKeys() async throws(Failure) -> Int? { 0 }

    package func storePending(_ key: Redacted<String>, for host: DomainName) async throws(Failure) {
        let keys = self.keys
        let sealed = try keys.close(Array(key.reveal().utf8), as: .pending, host.key)
        try await write { try keys.put(sealed, .pending, host.key, in: $0) }
    }

    package func pendingKey(for host: DomainName) async throws(Failure) -> Redacted<String>? {
        let keys = self.keys
        guard let sealed = try await read({ try keys.get(.pending, host.key, in: $0) }) else { return nil }
        return Redacted(String(decoding: try keys.open(sealed, as: .pending, host.key), as: UTF8.self))
    }

    package func dropPending(for host: DomainName) async throws(Failure) {
        let keys = self.keys
        try await write { try keys.drop(.pending, host.key, in: $0) }
    }
}

/// What `certadns keys` shows and does.
extension PostgreSQLStore {
    package func inventory() async throws(Failure) -> KeyInventory {
        let keys = self.keys
        return keys.inventory(of: try await read { try keys.all(in: $0) })
    }

    package func closedToUs() async throws(Failure) -> String? {
        let keys = self.keys
        var seen: Set<KeyRole> = []
        for held in try await read({ try keys.all(in: $0) }) where seen.insert(held.role).inserted {
            do throws(SealError) { _ = try keys.state(of: held) } catch { return "\(error)" }
        }
        return nil
    }

    package func rotate() async throws(Failure) -> RotationResult {
        let keys = self.keys
        var result = RotationResult()
        for name in try await read({ try keys.all(in: $0).map(\.name) }) {
            // Each in a transaction of its own: what was replaced meanwhile is not written back.
            let end = try await write { (db) -> Result<Bool?, SealError> in
                guard let held = try keys.one(name, in: db) else { return .success(nil) }
                let sealed: [UInt8]?
                do throws(SealError) { sealed = try keys.anew(held) } catch { return .failure(error) }
                guard let sealed else { return .success(false) }
                try db.run("UPDATE private_key SET sealed = ? WHERE name = ?", [sealed, name])
                return .success(true)
            }
            switch end {
            case .success(true): result.changed += 1
            case .success(false): result.same += 1
            case .success(nil): break
            case .failure(let error): result.failed.append("\(error)")
            }
        }
        return result
    }
}

extension PostgreSQLReader {
    /// How every key is sealed, judged by opening it where `seal` has its key.
    package func inventory(under seal: Seal) async throws(Failure) -> KeyInventory {
        let keys = try SealedRows(database.place, seal)
        return keys.inventory(of: try await read { try keys.all(in: $0) })
    }
}
