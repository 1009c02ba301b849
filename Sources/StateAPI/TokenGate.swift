import Planning
import Ports
import Synchronization

/// Lets in whoever bears a token that counts, by what it may do, and writes down its uses.
final class TokenGate: Sendable {
    private let tokens: any TokenStore
    private let clock: any StoreClock
    private let log: @Sendable (String) -> Void
    /// Reads that were written down lately: a plan asks ten thousand questions and is one use.
    private let noted = Mutex<(minute: Int64, uses: Set<String>)>((0, []))

    init(tokens: any TokenStore, clock: any StoreClock, log: @escaping @Sendable (String) -> Void) {
        self.tokens = tokens
        self.clock = clock
        self.log = log
    }

    /// The token's id; throws `.missing` where none was shown that ever counted, `.unauthorized` where it may not do this.
    func admit(_ head: WebHead, writes: Bool) async throws(Failure) -> String {
        guard let field = head.authorization, field.hasPrefix("Bearer "),
            let bearer = BearerToken(String(field.dropFirst("Bearer ".count)))
        else { throw Self.unknown }
        guard let token = try await tokens.token(bearer.id), bearer.matches(token.digest) else {
            log("refused: a token that was never made, or is not whole, asked for \(head.path)")
            throw Self.unknown
        }
        if let revoked = token.revokedAt {
            throw try await refusal(
                token, head,
                "the token '\(token.name)' was revoked at \(revoked); have another one made by 'certadns token create'")
        }
        if writes, token.scope != .apply {
            throw try await refusal(
                token, head,
                "the token '\(token.name)' is for plans and may not write; use one of scope 'apply'")
        }
        return token.id
    }

    private static let unknown = Failure(
        .missing,
        "no token that counts was shown; make one by 'certadns token create' beside serve, and name it under 'state: token'"
    )

    private func refusal(_ token: AccessToken, _ head: WebHead, _ words: String) async throws(Failure) -> Failure {
        log("refused: \(words) (\(token.id), \(head.path))")
        try await note(
            TokenUse(at: try await clock.now(), token: token.id, by: nil, what: head.path, refusal: words))
        return Failure(.unauthorized, words)
    }

    func note(_ use: TokenUse) async throws(Failure) { try await tokens.note(use) }

    /// Once a minute for each run.
    func noteRead(by owner: LeaseOwner, token: String) async throws(Failure) {
        let now = try await clock.now()
        let use = TokenUse(at: now, token: token, by: owner, what: "read")
        let isNew = noted.withLock { noted in
            if noted.minute != now.seconds / 60 || noted.uses.count >= 1_000 { noted = (now.seconds / 60, []) }
            return noted.uses.insert("\(token) \(owner.who) \(owner.runner) \(owner.command)").inserted
        }
        if isNew { try await note(use) }
    }
}
