package import Findings

/// Where a PostgreSQL store is, and how it is reached.
package struct PostgreSQLPlace: Sendable {
    /// A name, an address, or the folder of a socket.
    package let host: String
    /// Its port.
    package let port: Int
    /// The database.
    package let database: String
    /// The role; `nil`: libpq's own, the user's name.
    package let user: String?
    /// The role's password; `nil` where the server asks for none.
    package let password: Redacted<String>?
    /// The schema of the tables; `nil`: the first of the role's search path.
    package let schema: String?
    /// Whether the connection is encrypted, and the server proves its name.
    package let encryption: Encryption
    /// Seconds for which this side waits for an answer. The server gives up before: a statement after two thirds of them, the wait for
    /// another writer after one, a transaction that this side leaves open after half. A commit
    /// without answer is looked for as long as a statement may take.
    package let patience: Int

    /// How a connection is encrypted.
    package enum Encryption: Hashable, Sendable {
        /// Only if the server's certificate has its name and comes from a CA of this file.
        case verified(roots: String)
        /// If the server wants it: nobody is asked who it is.
        case asServerWishes
        /// Never.
        case off
    }

    /// A place.
    package init(
        host: String, port: Int = 5_432, database: String, user: String? = nil, password: Redacted<String>? = nil,
        schema: String? = nil, encryption: Encryption, patience: Int = 30
    ) {
        self.host = host
        self.port = port
        self.database = database
        self.user = user
        self.password = password
        self.schema = schema
        self.encryption = encryption
        self.patience = max(3, patience)
    }

    /// As people are told of it; holds no secret.
    package var words: String {
        let at = host.hasPrefix("/") ? "\(host):\(port)" : host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        let inside = schema.map { ", schema '\($0)'" } ?? ""
        return "PostgreSQL at \(at), database '\(database)'\(inside)"
    }

    /// libpq's keywords. Seconds and milliseconds bound everything that a peer can keep open: a peer that is gone is noticed.
    func parameters() -> [(String, String)] {
        var all = [
            ("host", host), ("port", "\(port)"), ("dbname", database), ("application_name", "certadns"),
            ("client_encoding", "UTF8"), ("connect_timeout", "\(Self.connectSeconds)"), ("keepalives", "1"),
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "15000"),
            // Else a ticket at hand would take the place of the proof that TLS asks of the server.
            ("gssencmode", "disable"),
        ]
        if let user { all.append(("user", user)) }
        if let password { all.append(("password", password.reveal())) }
        switch encryption {
        case .verified(let roots): all += [("sslmode", "verify-full"), ("sslrootcert", roots)]
        case .asServerWishes: all.append(("sslmode", "prefer"))
        case .off: all.append(("sslmode", "disable"))
        }
        return all
    }

    /// How long a connection may take to come about.
    static let connectSeconds = 10
}
