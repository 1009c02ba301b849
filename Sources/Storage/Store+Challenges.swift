package import DNS
package import Ports

/// http-01 answers, for whichever process answers on port 80.
extension RowStore {
    package func answer(to token: String, at host: DomainName) async throws(Failure) -> String? {
        try await read { db in
            try db.row("SELECT answer FROM http_token WHERE host = ? AND token = ?", [host.key, token])?.text("answer")
        }
    }

    package func put(_ answer: String, to token: String, at host: DomainName) async throws(Failure) {
        try await write { db in
            try db.run(
                """
                INSERT INTO http_token (host, token, answer) VALUES (?, ?, ?)
                ON CONFLICT (host, token) DO UPDATE SET answer = excluded.answer
                """, [host.key, token, answer])
        }
    }

    package func remove(_ token: String, at host: DomainName) async throws(Failure) {
        try await write { try $0.run("DELETE FROM http_token WHERE host = ? AND token = ?", [host.key, token]) }
    }
}
