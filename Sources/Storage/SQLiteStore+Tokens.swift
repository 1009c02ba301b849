package import DNS
import GRDB
package import Ports

/// http-01 answers, for whichever process answers on port 80.
extension SQLiteStore: ChallengeTokens {
    package func answer(to token: String, at host: DomainName) async throws(Failure) -> String? {
        try await reader.read { db in
            try String.fetchOne(
                db, sql: "SELECT answer FROM http_token WHERE host = ? AND token = ?", arguments: [host.key, token])
        }
    }

    package func put(_ answer: String, to token: String, at host: DomainName) async throws(Failure) {
        try await write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO http_token (host, token, answer) VALUES (?, ?, ?)",
                arguments: [host.key, token, answer])
        }
    }

    package func remove(_ token: String, at host: DomainName) async throws(Failure) {
        try await write { db in
            try db.execute(
                sql: "DELETE FROM http_token WHERE host = ? AND token = ?", arguments: [host.key, token])
        }
    }
}
