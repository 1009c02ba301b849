import Foundation

/// A real PostgreSQL on loopback and a free port, with TLS, started by Tests/Lab/postgres.sh; it ends with ``stop()``, or with this
/// process.
package final class PostgreSQLServer: Sendable {
    /// Where it answers.
    package let port: Int
    /// The password of `lab`, its superuser.
    package let password: String
    /// The CA of its certificate, which names `localhost` and 127.0.0.1.
    package let roots: String
    /// Another CA, which signed nothing of it.
    package let otherRoots: String
    /// The folder of its socket.
    package let socket: String
    /// The process that all others of it are children of.
    package let process: Int32
    private let folder: String
    private let tools: String
    private let script: LabScript

    /// The database for tests.
    package static let database = "lab"
    /// Its superuser.
    package static let user = "lab"

    private static let common = Task { try await start() }

    /// One for all tests of this process that do it no harm.
    package static func shared() async throws -> PostgreSQLServer { try await common.value }

    /// Starts one.
    package static func start() async throws -> PostgreSQLServer {
        let folder = NSTemporaryDirectory() + "certadns-postgres-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return try await start(in: folder, port: try FreePort.find())
    }

    /// Starts it once more, over the same data and at the same port, after it was killed.
    package func again() async throws -> PostgreSQLServer { try await Self.start(in: folder, port: port) }

    private static func start(in folder: String, port: Int) async throws -> PostgreSQLServer {
        let password = "lab-password"
        let script = try await LabScript.start(
            "postgres.sh", in: folder,
            environment: ["PORT": "\(port)", "PGPASSWORD": password, "DB": database, "ADDR": "127.0.0.1,127.0.0.2"])
        guard let socket = script.values["PG_SOCKET_DIR"], let tools = script.values["PG_BIN"],
            let roots = script.values["PG_CA"], let otherRoots = script.values["PG_OTHER_CA"],
            let process = script.values["POSTGRES_PID"].flatMap({ Int32($0) })
        else { throw NotUp(description: "postgres.sh tells nothing of its server") }
        return PostgreSQLServer(
            port: port, password: password, roots: roots, otherRoots: otherRoots, socket: socket, process: process,
            folder: folder,
            tools: tools, script: script)
    }

    private init(
        port: Int, password: String, roots: String, otherRoots: String, socket: String, process: Int32, folder: String,
        tools: String,
        script: LabScript
    ) {
        self.port = port
        self.password = password
        self.roots = roots
        self.otherRoots = otherRoots
        self.socket = socket
        self.process = process
        self.folder = folder
        self.tools = tools
        self.script = script
    }

    /// Runs SQL as the superuser by PostgreSQL's own client; what it printed, without headings.
    @discardableResult package func sql(_ text: String) throws -> String {
        let psql = Process()
        psql.executableURL = URL(fileURLWithPath: tools + "/psql")
        psql.arguments = [
            "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", socket, "-p", "\(port)", "-U", Self.user, "-d", Self.database, "-c",
            text,
        ]
        let output = Pipe()
        psql.standardOutput = output
        psql.standardError = output
        try psql.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        psql.waitUntilExit()
        guard psql.terminationStatus == 0 else { throw NotUp(description: said) }
        return said.trimmingCharacters(in: .newlines)
    }

    /// Ends it.
    package func stop() {
        script.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }
}
