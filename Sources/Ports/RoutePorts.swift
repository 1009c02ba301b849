/// What is answered at a name of `certadns serve` itself, over whatever listener it was asked.
///
/// Contract: never throws and never waits for the peer; ``admit(_:)`` decides from the head alone, so that no stranger's body is read.
package protocol WebRoutes: Sendable {
    /// Octets of a request's body, at most.
    var bodyOctets: Int { get }
    /// Octets that one request may take in all while it is answered, its body and its answer included.
    func octets(of head: WebHead) -> Int
    /// Whether the request's body shall be read, and as whose it is answered then.
    func admit(_ head: WebHead) async -> WebAdmission
    /// The answer to a whole request of one that was admitted.
    func answer(_ head: WebHead, as caller: String, body: [UInt8]) async -> WebAnswer
}

/// What routes may know of a request before its body.
package struct WebHead: Sendable {
    /// As it stands in the request.
    package let method: String
    /// The target without its query.
    package let path: String
    /// The `Authorization` field: a secret, never to be logged.
    package let authorization: String?
    /// The `Idempotency-Key` field.
    package let idempotencyKey: String?

    /// A head.
    package init(method: String, path: String, authorization: String? = nil, idempotencyKey: String? = nil) {
        self.method = method
        self.path = path
        self.authorization = authorization
        self.idempotencyKey = idempotencyKey
    }
}

/// Whether a request goes on.
package enum WebAdmission: Sendable {
    /// Its answer stands already.
    case refused(WebAnswer)
    /// It is this caller's.
    case admitted(String)
}

/// One whole answer, JSON by its type.
package struct WebAnswer: Sendable {
    /// RFC 9110 §15.
    package let status: Int
    /// The body.
    package let body: [UInt8]

    /// An answer.
    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}
