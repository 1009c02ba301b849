import Foundation
import Ports
import Testing

/// Scenarios on real name servers, each in a namespace of its own. A missing server fails the scenario, it never skips it.
@Suite struct ScenarioTests {
    @Test func `a fleet changes only by its limit or an accepted plan, and a person's word goes past both`()
        async throws
    {
        let zones = ["example.test"] + (1...12).map { "z\($0).test" }
        try await Scenario(server: "bind", script: "fleet-limits").run(adding: [
            "ZONES": zones.joined(separator: " ")
        ])
    }

    @Test(arguments: ["bind", "knot"])
    func `one manifest goes all the way to a policy that a foreign client accepts`(server: String) async throws {
        try await Scenario(server: server, script: "main-line").run()
    }

    @Test(arguments: ["bind", "knot"])
    func `a dry run changes nothing, and what it prints is what the apply then writes`(server: String) async throws {
        try await Scenario(server: server, script: "dry-run").run()
    }

    @Test func `no secret and no private key is in a plan, an output, a log or the state beside keys`() async throws {
        try await Scenario(server: "bind", script: "secrets").run()
    }

    @Test func `keys lie under a seal, and a rotation that was killed is run again while senders fetch`() async throws {
        try await Scenario(server: "bind", script: "seal").run()
    }

    @Test func `reading changes no byte, needs no secret and no right to write`() async throws {
        try await Scenario(server: "bind", script: "read-only").run()
    }

    @Test func `a plan without the secret differs in exactly the zones that it names`() async throws {
        try await Scenario(server: nil, script: "without-secret").run()
    }

    @Test(arguments: ["bind", "knot"])
    func `edits and kills in the middle of an apply are told, and the next run converges`(server: String) async throws {
        try await Scenario(server: server, script: "contest").run()
    }

    @Test func `an id counts as replaced once every name server shows the new one`() async throws {
        try await Scenario(server: "bind", script: "replaced").run()
    }

    @Test(arguments: ["stopped", "restarted", "key", "clock", "servfail", "truncated", "slow", "frozen"])
    func `a name server that fails an apply is told, nothing is lost, and the next run converges`(fault: String)
        async throws
    {
        try await Scenario(server: "bind", script: "name-server", argument: fault).run()
    }

    @Test func `an older clone that applies late undoes nothing, and a shallow one is told how deep to fetch`()
        async throws
    {
        try await Scenario(server: "bind", script: "older-commit").run()
    }

    @Test func `a zone of others is imported, adopted, released and taken over by its receipt`() async throws {
        try await Scenario(server: "bind", script: "import").run()
    }

    @Test func `a state is backed up, lost and restored, and what was published in between is no edit`() async throws {
        try await Scenario(server: "bind", script: "state").run()
    }

    @Test func `a state moves from a folder to PostgreSQL and back, and keys and records are the same`() async throws {
        try await Scenario(server: "bind", script: "migrate").run()
    }

    @Test func `a plan by what everybody can see needs no secret, and a lost ledger is made anew from the live world`()
        async throws
    {
        try await Scenario(server: "bind", script: "public").run()
    }

    @Test func `two runners that own nothing but a token apply through one serve, one at a time`() async throws {
        try await Scenario(server: "bind", script: "remote").run()
    }

    @Test func `two applies and two serve share one PostgreSQL, which may be killed in the middle`() async throws {
        try await Scenario(server: "bind", script: "postgres").run()
    }

    @Test func `serve orders of a real ACME server for runs elsewhere, and a wait of its leaves the zone free`()
        async throws
    {
        try await Scenario(server: "bind", script: "remote-ca").run()
    }

    @Test(arguments: ["bind", "knot"])
    func `a policy is withdrawn over many runs, and no checkout that lost files begins it`(server: String) async throws
    {
        try await Scenario(server: server, script: "withdrawal").run()
    }

    @Test func `mail that moves under an enforced policy is followed by a person's word, or announced before`()
        async throws
    {
        try await Scenario(server: "bind", script: "mx-move").run()
    }

    @Test func `an enforced policy follows a new mail host once a real one shows a certificate that names it`()
        async throws
    {
        try await Scenario(server: "bind", script: "mx-cert").run()
    }

    @Test(arguments: ["bind", "knot"])
    func `a real ACME server certifies, renews and refuses, and no proof stays behind`(server: String) async throws {
        try await Scenario(server: server, script: "acme").run()
    }

    /// A sample of the points; `make proof` kills at every one.
    @Test(arguments: ["bind", "knot"])
    func `killed around a request to the CA or a write to DNS, the next apply leaves one certificate and no proof`(
        server: String
    ) async throws {
        try await Scenario(server: server, script: "kills").run(adding: [
            "CERTADNS_KILL_STRIDE": "7", "CERTADNS_KILL_FIRST": server == "bind" ? "3" : "5",
        ])
    }

    /// A sample of the moments; `make proof` kills at hundreds.
    @Test(arguments: ["folder", "remote", "postgres"])
    func `killed at any moment of an apply, the next one leaves what one leaves that nobody killed`(state: String)
        async throws
    {
        let script = state == "postgres" ? "kill-postgres" : "kill-moments"
        try await Scenario(server: "bind", script: script, argument: state).run()
    }

    @Test func `a CA that was set up wrongly is told as what it is, and nothing half made is kept`() async throws {
        try await Scenario(server: "bind", script: "newcomer").run()
    }

    @Test(arguments: ["bind", "knot"])
    func `the account with the CA is shown and changed, and certificates are revoked`(server: String) async throws {
        try await Scenario(server: server, script: "ca-account").run()
    }

    @Test func `the CA's window is drawn in once, and moved into the past it means now`() async throws {
        try await Scenario(server: "bind", script: "ca-renewal").run()
    }

    @Test(arguments: ["bind", "knot"])
    func `what the CA refuses, puts off or loses is told in its words, waited for, and leaves nothing behind`(
        server: String
    ) async throws {
        try await Scenario(server: server, script: "ca-faults").run(adding: ["ZONES": "example.test acme.test"])
    }

    @Test func `a proof waits for the servers that count, and names those that keep it`() async throws {
        try await Scenario(server: "bind", script: "propagation").run()
    }

    @Test func `serve renews by itself by dns-01 and http-01, two of them order once, a wait ends by hand`()
        async throws
    {
        try await Scenario(server: "bind", script: "renewal").run()
    }

    @Test func `what serve will fail at later is told when it starts, and it serves; a taken port is told alone`()
        async throws
    {
        try await Scenario(server: "bind", script: "serve-start").run()
    }

    @Test func `names of serve itself are certified, shown by SNI, renewed by serve alone and let go`() async throws {
        try await Scenario(server: "bind", script: "own-names").run()
    }

    /// `make proof` has ten thousand names.
    @Test func `many names due at once, two serves killed, the store away in the middle: one certificate a name`()
        async throws
    {
        try await Scenario(server: "bind", script: "fleet-due").run()
    }

    @Test func `an account's budget is kept with a real ACME server, and what waits is served in its time`()
        async throws
    {
        try await Scenario(server: "bind", script: "budget").run()
    }

    @Test(arguments: ["nginx", "caddy"])
    func `a web server of others serves by the configuration that the manual shows`(server: String) async throws {
        try await Scenario(server: "bind", script: "web-servers", argument: server).run()
    }

    @Test func `a zone of somebody else's DNS is live once its owner added what was printed`() async throws {
        try await Scenario(server: "bind", script: "delegated").run(adding: ["ZONES": "example.test hosting.test"])
    }

    @Test func `the policy host moves: the new place serves, then the record leads there, then the old one may go`()
        async throws
    {
        try await Scenario(server: "bind", script: "host-move").run()
    }

    @Test func `a first signal finishes the step in hand, a second stops at once`() async throws {
        try await Scenario(server: "bind", script: "stop").run()
    }

    @Test func `what runs is what was shown, and a stray file or a lost zone stops no other`() async throws {
        try await Scenario(server: "bind", script: "review").run()
    }

    @Test func `up leaks nothing from round to round, and a signal finishes the step in hand`() async throws {
        try await Scenario(server: nil, script: "up").run()
    }

    @Test func `the embedded name server answers dig as the RFCs want it`() async throws {
        try await Scenario(server: nil, script: "embedded").run()
    }

    @Test func `output that nobody takes ends no step, and a lost result is no good one`() async throws {
        try await Scenario(server: nil, script: "output").run()
    }

    @Test func `a zone file whose server did not read it is never done, until an apply reloads it`() async throws {
        try await Scenario(server: nil, script: "reload").run()
    }

    @Test func `a server that can't listen ends the run at once and says why`() async throws {
        try await Scenario(server: nil, script: "port-taken").run()
    }

    @Test func `the policy host lives through whoever misbehaves, and serves a hundred thousand names`() async throws {
        try await Scenario(server: "bind", script: "faults").run()
    }

    @Test func `mail domains of one DNS zone share its transfer`() async throws {
        try await Scenario(server: "bind", script: "shared").run()
    }

    @Test func `every command that the README shows works on the sample`() async throws {
        try await Scenario(server: nil, script: "readme").run()
    }
}

/// Runs one script of Scenarios/ beside a real name server.
struct Scenario {
    /// BIND or Knot; `nil` for the embedded default.
    let server: String?
    let script: String
    /// What the script is told.
    var argument: String?

    /// Scenarios wait most of the time: more of them at once than there are cores, and none on a thread that other tests need.
    private static let places = Gate(limit: 2)

    func run(adding variables: [String: String] = [:], file: String = #filePath) async throws {
        await Self.places.enter()
        defer { Self.places.leave() }
        let tests = URL(fileURLWithPath: file).deletingLastPathComponent()
        let lab = tests.deletingLastPathComponent().appendingPathComponent("Lab").path
        let work = FileManager.default.temporaryDirectory.appendingPathComponent("certadns-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: work) }
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        let output = work + "/output"
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        let handle = try #require(FileHandle(forWritingAtPath: output))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        let beside = server.map { server in
            [
                "env", "ADDR=127.0.0.53", "PORT=53", "HOST_A=127.0.0.80", lab + "/\(server).sh",
                work + "/\(server)",
                "--",
            ]
        }
        process.arguments =
            [lab + "/namespace.sh", work + "/ns", "--"] + (beside ?? [])
            + ["bash", tests.appendingPathComponent("Scenarios/\(script).sh").path] + [argument].compactMap { $0 }
        var environment = ProcessInfo.processInfo.environment.merging(variables) { given, _ in given }
        environment["CERTADNS"] = Self.program()
        // Four times what the longest takes on two cores: one that hangs shall fail with its output, not hang the others.
        environment["CERTADNS_SCENARIO_SECONDS"] = environment["CERTADNS_SCENARIO_SECONDS"] ?? "420"
        environment["REPOSITORY"] = tests.deletingLastPathComponent().deletingLastPathComponent().path
        process.environment = environment
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in ended.resume() }
            do { try process.run() } catch { ended.resume(throwing: error) }
        }
        let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
        #expect(process.terminationStatus == 0, "\(text)")
        #expect(text.contains("all held"), "\(text)")
    }

    /// The program under test lies beside the test bundle.
    static func program() -> String {
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let candidates = [bundle, bundle.deletingLastPathComponent()].map { $0.appendingPathComponent("certadns").path }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return (candidates + [root.appendingPathComponent(".build/debug/certadns").path])
            .first { FileManager.default.isExecutableFile(atPath: $0) } ?? "certadns-was-not-built"
    }
}
