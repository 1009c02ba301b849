import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// One request to a CA and its whole answer: what a scripted CA stands in for.
protocol ACMEExchange: Sendable {
    func send(_ method: ACMETransport.Method, _ url: String, accept: String?) async throws(ACMEError) -> ACMEAnswer
}

/// One HTTPS request to a CA and its whole answer, bounded in time and size. Never follows a redirect.
struct ACMETransport: ACMEExchange {
    let http: HTTPClient
    /// Seconds for one exchange.
    var deadline: Int64 = 30
    /// Octets of an answer: a chain with alternates has a few kilobytes.
    var limit = 1 << 20

    static let userAgent = "certadns/1 (AsyncHTTPClient)"

    enum Method { case get, head, post(Data) }

    func send(_ method: Method, _ url: String, accept: String?) async throws(ACMEError) -> ACMEAnswer {
        guard url.hasPrefix("https://") else {
            throw .malformed(url: url, "the CA names an address that is no https URL")
        }
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "User-Agent", value: Self.userAgent)
        request.headers.add(name: "Accept-Language", value: "en")
        if let accept { request.headers.add(name: "Accept", value: accept) }
        switch method {
        case .get: request.method = .GET
        case .head: request.method = .HEAD
        case .post(let body):
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/jose+json")
            request.body = .bytes(body)
        }
        do {
            let response = try await http.execute(request, timeout: .seconds(deadline))
            let body = try await response.body.collect(upTo: limit)
            return ACMEAnswer(
                url: url, status: Int(response.status.code), headers: response.headers,
                body: Data(body.readableBytesView))
        } catch let error as HTTPClientError where Self.timeouts.contains(error) {
            throw .timedOut(url: url)
        } catch is NIOTooManyBytesError {
            throw .malformed(url: url, "it is longer than \(limit) octets")
        } catch is CancellationError {
            throw .timedOut(url: url)
        } catch {
            throw Self.unconnected(url, "\(error)")
        }
    }

    /// The library's words name source files of its own; the few that a wrong configuration brings about are told in ours.
    static func unconnected(_ url: String, _ words: String) -> ACMEError {
        if words.contains("CERTIFICATE_VERIFY_FAILED") {
            return .notSecure(
                url: url,
                "its certificate leads to no CA that is trusted for it. If that is meant, name the PEM file of its root under 'trust' of the issuer"
            )
        }
        if words.contains("failedToValidateHostname") || words.contains("unableToValidateCertificate") {
            return .notSecure(url: url, "its certificate is for another name. Check 'directory' of the issuer")
        }
        if words.contains("WRONG_VERSION_NUMBER") || words.contains("HTTP_REQUEST") {
            return .notSecure(url: url, "what answers there speaks no TLS. Check 'directory' of the issuer")
        }
        if words.contains("errno: \(ECONNREFUSED)") {
            return .unreachable(
                url: url, "connection refused. Check 'directory' of the issuer, and whether the CA runs")
        }
        if words.contains("UnknownHost") {
            return .unreachable(url: url, "its name has no address. Check 'directory' of the issuer, and the resolver")
        }
        return .unreachable(url: url, words)
    }

    private static let timeouts: [HTTPClientError] = [
        .deadlineExceeded, .connectTimeout, .readTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout,
    ]
}

/// A CA's answer.
struct ACMEAnswer: Sendable {
    let url: String
    let status: Int
    let headers: HTTPHeaders
    let body: Data

    /// A single-use nonce for the next request (RFC 8555 §6.5).
    var nonce: String? {
        guard let text = headers.first(name: "Replay-Nonce"), !text.isEmpty, text.utf8.count <= 512,
            Base64URL.decode(text) != nil
        else { return nil }
        return text
    }

    /// Where what was made lives.
    var location: String? { headers.first(name: "Location") }

    /// The URLs of other chains for the same certificate (RFC 8555 §7.4.2).
    var alternates: [String] {
        headers["Link"].flatMap { $0.components(separatedBy: ",") }.compactMap { link in
            guard link.range(of: #";\s*rel="?alternate"?"#, options: .regularExpression) != nil,
                let open = link.firstIndex(of: "<"), let close = link.firstIndex(of: ">"), open < close
            else { return nil }
            return String(link[link.index(after: open)..<close])
        }
    }

    /// Seconds to wait, from either form of the header (RFC 9110 §10.2.3); never negative, at most ten days.
    func retryAfter(now: Date) -> Int? {
        guard let text = headers.first(name: "Retry-After")?.trimmingCharacters(in: .whitespaces) else { return nil }
        let seconds = Int(text) ?? HTTPDate.seconds(of: text).map { $0 - Int(now.timeIntervalSince1970) }
        return seconds.map { min(max($0, 0), 864_000) }
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws(ACMEError) -> Value {
        do { return try JSONDecoder().decode(type, from: body) } catch {
            if let page = headers.first(name: "Content-Type"), page.hasPrefix("text/html") {
                throw .malformed(url: url, "it is a page (text/html), no \(type)")
            }
            throw .malformed(url: url, "it is no \(type) (\(Self.words(error)))")
        }
    }

    private static func words(_ error: any Error) -> String {
        switch error as? DecodingError {
        case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
        case .dataCorrupted(let context) where context.codingPath.isEmpty: "no JSON"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            (context.codingPath.map(\.stringValue) + [context.debugDescription]).joined(separator: ": ")
        default: "no JSON"
        }
    }
}

/// RFC 9110 §5.6.7, the one form that is sent today.
enum HTTPDate {
    /// Unix seconds.
    static func seconds(of text: String) -> Int? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.date(from: text).map { Int($0.timeIntervalSince1970) }
    }
}
