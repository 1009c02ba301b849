import AsyncHTTPClient
import DNS
import Findings
import Foundation
import HostSupport
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Planning
import Ports
import RemoteState
import StateAPI
import Storage
import Synchronization

/// `serve`'s listener over TLS on loopback with the state API over SQLite, and clients of it.
struct RemoteLab: Sendable {
    static let name = "state.example"
    let store: SQLiteStore
    let host: HostLab
    let clock: LabClock
    /// What the service logged.
    let log: Lines
    private let http: HTTPClient

    /// Runs `use` against a fresh store.
    static func with(
        certifier: (any LeasedCertifier)? = nil, routes: (any WebRoutes)? = nil,
        pageOctets: Int = StateVersion.answerOctets,
        _ use: @Sendable (RemoteLab) async throws -> Void
    ) async throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (clock, log) = (LabClock(), Lines())
        let store = try SQLiteStore.open(folder: folder, grace: 60, clock: { clock.now })
        let service = StateService(
            keeper: store, tokens: store, certifier: certifier, patience: 0, pageOctets: pageOctets,
            log: { log.add($0) })
        let own = try DomainName(name)
        try await HostLab.with(ownNames: [own], routes: routes ?? service) { host in
            try await HostLab.certify(host: own, by: host.authority, in: host.store)
            let http = try client(trusting: host.roots)
            let lab = RemoteLab(store: store, host: host, clock: clock, log: log, http: http)
            let result: Result<Void, any Error>
            do { result = .success(try await use(lab)) } catch { result = .failure(error) }
            try await http.shutdown()
            try result.get()
        }
        try store.close()
    }

    static func client(trusting roots: String) throws -> HTTPClient {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(roots))
        var settings = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        settings.dnsOverride = [name: "127.0.0.1", "other.example": "127.0.0.1"]
        settings.httpVersion = .http1Only
        settings.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: settings)
    }

    /// Makes a token; its text is seen here alone.
    func token(_ scope: TokenScope, named name: String) async throws -> BearerToken {
        let token = BearerToken.make { UInt64.random(in: 0 ... .max) }
        try await store.add(
            AccessToken(
                id: token.id, name: name, scope: scope, digest: token.digest, madeAt: clock.now, madeBy: "a test"))
        return token
    }

    /// A zone that wants a certificate.
    static func desired(_ zone: DomainName) -> DesiredZone {
        DesiredZone(zone: zone, providers: [], mtaSTS: nil, tlsRPT: nil, host: .addresses([]))
    }

    static let owner = LeaseOwner(who: "alice", runner: "ci-1", command: "certadns apply")

    func remote(_ token: BearerToken, at url: String? = nil, over other: HTTPClient? = nil) -> RemoteStore {
        RemoteStore(
            RemotePlace(url: url ?? "https://\(Self.name):\(host.port)", token: token.text, owner: Self.owner),
            over: other ?? http)
    }

    /// One raw request, as a run of another program might send it.
    func post(
        _ path: String, _ body: [UInt8], token: String?, key: String? = nil
    ) async throws -> (status: Int, body: [UInt8]) {
        var request = HTTPClientRequest(url: "https://\(Self.name):\(host.port)\(path)")
        request.method = .POST
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        request.body = .bytes(body)
        let response = try await http.execute(request, timeout: .seconds(10))
        let octets = try await response.body.collect(upTo: 1 << 20)
        return (Int(response.status.code), Array(octets.readableBytesView))
    }

    func write(_ command: StateCommand, token: BearerToken, key: String) async throws -> (status: Int, body: [UInt8]) {
        let body = try StateJSON.encode(StateRequest(by: Self.owner, command))
        return try await post(StateVersion.write, body, token: token.text.reveal(), key: key)
    }
}

/// A clock that only tests move.
final class LabClock: Sendable {
    private let time = Mutex(Instant(seconds: 1_800_000_000))
    var now: Instant { time.withLock { $0 } }
    func advance(_ seconds: Int) { time.withLock { $0 = $0 + seconds } }
}

/// Words that were logged.
final class Lines: Sendable {
    private let kept = Mutex<[String]>([])
    var all: [String] { kept.withLock { $0 } }
    func add(_ line: String) { kept.withLock { $0.append(line) } }
}

extension StateReply {
    static func of(_ octets: [UInt8]) -> StateReply? { StateJSON.decode(StateAnswer.self, octets)?.reply }

    var failure: Failure? { if case .failed(let failure) = self { failure } else { nil } }
}
