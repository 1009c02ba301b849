import DNS
import HTTPTypes
import Hummingbird
import Logging
import MTASTS
import Planning
import Ports

/// Answers one request: GET or HEAD of the well-known path at a known name, and nothing else (HTTP-1 to HTTP-5).
struct PolicyResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    private let policies: any PolicyReader
    private let cache: FreshCache<DomainName, PublishedBody>
    private let failures: RepeatedFailures

    init(policies: any PolicyReader, limits: PolicyServer.Limits, logger: Logger) {
        self.policies = policies
        cache = FreshCache(limit: limits.cachedNames, seconds: limits.freshness)
        failures = RepeatedFailures(logger: logger, what: "policies can't be read")
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        guard let host = Self.host(of: request) else { return Self.empty(.badRequest) }
        // The path is matched as it came: exact, case-sensitive, undecoded; a query is ignored.
        let target = request.head.path ?? ""
        let path = target.prefix { $0 != "?" }
        guard let zone = WellKnown.zone(ofHost: host), path == WellKnown.path else { return Self.empty(.notFound) }
        guard request.method == .get || request.method == .head else {
            return Response(status: .methodNotAllowed, headers: [.allow: "GET, HEAD"])
        }
        do {
            let policy = try await cache.value(for: zone.lowercased) { try await policies.policy(for: zone) }
            guard let policy else { return Self.empty(.notFound) }
            return Self.answer(policy.body, isHead: request.method == .head)
        } catch let failure as Failure {
            // Never a 404: to a sender that would say that there is no policy.
            failures.record(failure)
            return Self.empty(.serviceUnavailable)
        }
    }

    private static func answer(_ body: String, isHead: Bool) -> Response {
        let buffer = ByteBuffer(string: body)
        let headers: HTTPFields = [
            .contentType: "text/plain; charset=utf-8", .cacheControl: "max-age=60", .contentLength: "\(buffer.readableBytes)",
        ]
        return Response(status: .ok, headers: headers, body: isHead ? .init() : .init(byteBuffer: buffer))
    }

    private static func empty(_ status: HTTPResponse.Status) -> Response {
        Response(status: status, headers: [.contentLength: "0"])
    }

    /// The one valid Host, without its port.
    private static func host(of request: Request) -> DomainName? {
        guard let authority = request.head.authority, !authority.isEmpty else { return nil }
        let host = authority.prefix { $0 != ":" }
        return try? DomainName(String(host))
    }
}
