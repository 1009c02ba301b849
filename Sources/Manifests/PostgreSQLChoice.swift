import Findings
import YAML

/// A store in a PostgreSQL database.
package struct PostgreSQLChoice: Hashable, Sendable {
    /// A name, an address, or the absolute path of the folder with the server's socket.
    package let host: String
    /// The server's port.
    package let port: Int
    /// The database.
    package let database: String
    /// The role; `nil`: as libpq's own programs choose it.
    package let user: String?
    /// Where the role's password is found; `nil` where the server asks for none.
    package let password: SecretReference?
    /// The schema of the tables; `nil`: the first of the role's search path.
    package let schema: String?
    /// Whether the connection is encrypted, and the server proves its name.
    package let tls: TLS

    /// How a connection is encrypted.
    package enum TLS: Hashable, Sendable {
        /// The server proves its name by a certificate of a CA in this file; `nil`: of the system's.
        case verified(file: String?)
        /// As the server wishes: on this machine.
        case asServerWishes
        /// Never.
        case off
    }

    /// Whether the server is this machine's own, so that what is said to it travels nowhere.
    static func isLocal(_ host: String) -> Bool {
        host.hasPrefix("/") || host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}

extension FieldTable {
    static let stateDatabase = FieldTable(
        "state (in a database)",
        [
            Field(
                "postgres", "map", required: true, secret: true,
                "The PostgreSQL database that several `certadns` share; private keys in it are sealed, so `keys: {seal: …}` must be there."
            )
        ])
    static let postgres = FieldTable(
        "state.postgres",
        [
            Field(
                "host", "name, address or folder of a socket", fallback: "`/run/postgresql`", "Where the server is."),
            Field("port", "1 to 65535", fallback: "`5432`", "Its port."),
            Field("database", "name", required: true, "The database, in UTF-8."),
            Field("user", "name", fallback: "the user's", "The role, which owns the tables or its schema."),
            Field(
                "password", "`env:NAME` or `file:PATH`", fallback: "none", secret: true,
                "Where the role's password is found."),
            Field(
                "schema", "name", fallback: "the first of the role's search path",
                "The schema of the tables; made where it is missing."),
            Field(
                "tls", "`verify` or `off`", fallback: "`verify`; on this machine as the server wishes",
                "Whether the server proves its name before it is told anything."),
            Field(
                "trust", "`system` or a file", fallback: "`system`", "Which CAs are trusted for its certificate."),
        ])
}

extension ConfigurationReader {
    /// `state` with a `postgres` in it; `nil` where it is something else, or wrong.
    mutating func postgreSQL(_ node: YAMLNode?, issuer: YAMLNode?, seal: SealChoices?) -> PostgreSQLChoice? {
        guard let node, Self.namesDatabase(node), reading.check(node, .stateDatabase), let map = node["postgres"],
            reading.check(map, .postgres)
        else { return nil }
        if seal?.secret == nil {
            reading.error(
                .missingKey, "private keys are never kept unsealed in PostgreSQL, and 'keys.seal' names no secret",
                action: "add 'keys: {seal: {secret: env:NAME}}'", at: map.place)
        }
        if case .scalar("acme", _)? = issuer?["type"]?.content {
        } else {
            reading.error(
                .badValue, "the local CA keeps its key in a folder, and \"state: postgres\" has none",
                action: "use an issuer of 'type: acme', or a 'state' folder", at: issuer?.place ?? map.place)
        }
        let password = map["password"].flatMap { $0.isNull ? nil : secret($0) }
        let host = reading.text(map["host"], "host") ?? "/run/postgresql"
        let port = reading.number(map["port"], "port", in: 1...65_535) ?? 5_432
        let user = reading.text(map["user"], "user")
        let schema = reading.text(map["schema"], "schema")
        let tls = self.tls(map, host)
        for (key, text) in [("host", host), ("user", user ?? "u"), ("schema", schema ?? "s")] {
            checkWord(text, key, map)
        }
        guard let database = reading.text(map["database"], "database") else { return nil }
        checkWord(database, "database", map)
        return PostgreSQLChoice(
            host: host, port: port, database: database, user: user, password: password, schema: schema, tls: tls)
    }

    /// Whether `state` is a map about a database.
    static func namesDatabase(_ node: YAMLNode) -> Bool {
        if case .mapping = node.content { node["postgres"].map { !$0.isNull } ?? false } else { false }
    }

    private mutating func tls(_ map: YAMLNode, _ host: String) -> PostgreSQLChoice.TLS {
        let trust = reading.text(map["trust"], "trust")
        let wish = reading.choice(map["tls"], "tls", ["verify", "off"])
        if wish == "off" {
            if let trust = map["trust"], !trust.isNull {
                reading.error(
                    .badValue, "'tls' is off, and 'trust' says whom to trust", action: "remove one of them",
                    at: trust.place)
            }
            return .off
        }
        if wish == nil, trust == nil, PostgreSQLChoice.isLocal(host) { return .asServerWishes }
        return .verified(file: trust == "system" ? nil : trust)
    }

    /// What ends in a connection's parameters and in messages is one word of bounded length.
    private mutating func checkWord(_ text: String, _ key: String, _ map: YAMLNode) {
        guard text.isEmpty || text.utf8.count > 255 || text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            return
        }
        reading.error(
            .badValue, "'\(key)' of state.postgres is empty, too long or holds control characters",
            action: "write the name as PostgreSQL knows it", at: map[key]?.place ?? map.place)
    }
}
