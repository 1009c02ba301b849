import DNS
import Planning
package import Ports

/// Answers the state API over the store beside `certadns serve`.
///
/// A write is asked for under an idempotency key: asked again it gets the first answer, and another body under a used key is refused.
/// Nothing that it logs or writes down holds a token's secret.
package struct StateService: WebRoutes {
    private let keeper: any StateKeeper
    private let gate: TokenGate
    private let jobs: CertificateJobs
    private let log: @Sendable (String) -> Void
    private let pageOctets: Int

    /// A service over a store. Without a `certifier` nothing is issued; one request waits `patience` seconds for its certificate. Lists
    /// are cut where an answer would have more than `pageOctets`. `log` hears what is refused.
    package init(
        keeper: any StateKeeper, tokens: any TokenStore, certifier: (any LeasedCertifier)?, patience: Int = 10,
        pageOctets: Int = StateVersion.answerOctets - 65_536, log: @escaping @Sendable (String) -> Void
    ) {
        self.pageOctets = pageOctets
        self.keeper = keeper
        self.log = log
        gate = TokenGate(tokens: tokens, clock: keeper, log: log)
        jobs = CertificateJobs(certifier, patience: patience)
    }

    package var bodyOctets: Int { StateVersion.requestOctets }

    /// Answers to questions are held twice, as a message and as its octets; those to writes are short.
    package func octets(of head: WebHead) -> Int {
        bodyOctets + (head.path == StateVersion.read ? 2 * StateVersion.answerOctets : 16_384)
    }

    package func admit(_ head: WebHead) async -> WebAdmission {
        guard head.path == StateVersion.read || head.path == StateVersion.write else {
            let isAPI = head.path.hasPrefix("/api/")
            return .refused(
                Self.answer(
                    404,
                    Failure(
                        isAPI ? .malformed : .missing,
                        isAPI
                            ? "this 'certadns serve' speaks version \(StateVersion.current) of the state API alone; use a certadns of its version, or update the older of the two"
                            : "there is nothing here")))
        }
        guard head.method == "POST" else {
            return .refused(Self.answer(405, Failure(.rejected, "the state API takes POST alone")))
        }
        do throws(Failure) {
            return .admitted(try await gate.admit(head, writes: head.path == StateVersion.write))
        } catch {
            return .refused(Self.answer(error.kind == .missing ? 401 : Self.status(error), Self.told(error)))
        }
    }

    /// To the bearer of no token everything is a refusal of right.
    private static func told(_ failure: Failure) -> Failure {
        failure.kind == .missing ? Failure(.unauthorized, failure.detail) : failure
    }

    package func answer(_ head: WebHead, as caller: String, body: [UInt8]) async -> WebAnswer {
        do throws(Failure) {
            if head.path == StateVersion.read {
                let request: StateRequest<StateQuestion> = try Self.request(body)
                try await gate.noteRead(by: request.by, token: caller)
                return Self.answer(200, try await reply(to: request.body))
            }
            let request: StateRequest<StateCommand> = try Self.request(body)
            return try await write(request, body: body, key: head.idempotencyKey, token: caller)
        } catch {
            return Self.answer(Self.status(error), error)
        }
    }

    private static func request<Body>(_ octets: [UInt8]) throws(Failure) -> StateRequest<Body> {
        guard let mark = StateJSON.decode(StateVersionMark.self, octets) else {
            throw Failure(.malformed, "the request is no message of the state API")
        }
        guard mark.api == StateVersion.current else {
            throw Failure(
                .malformed,
                "the request is of version \(mark.api) of the state API, and this 'certadns serve' speaks version \(StateVersion.current); use a certadns of its version, or update the older of the two"
            )
        }
        guard let request = StateJSON.decode(StateRequest<Body>.self, octets) else {
            throw Failure(
                .malformed, "the request is none that this 'certadns serve' knows; use a certadns of its version")
        }
        return request
    }

    private func write(
        _ request: StateRequest<StateCommand>, body: [UInt8], key: String?, token: String
    ) async throws(Failure) -> WebAnswer {
        guard let key, (16...128).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw Failure(.malformed, "a write needs an Idempotency-Key of 16 to 128 characters")
        }
        let now = try await keeper.now()
        let command = request.body
        if let zone = command.zone, CertificateOwner(key: zone).isOwnName {
            throw Failure(
                .unauthorized,
                "\(CertificateOwner(key: zone).host) is a name of serve itself, which it alone looks after; list it in serve's own configuration, or take it out there"
            )
        }
        if case .certify(let zone, let lease) = command {
            try await keeper.check(lease, of: token)
            try await gate.note(TokenUse(at: now, token: token, by: request.by, what: command.words))
            return Self.answer(200, try await jobs.certify(zone, under: lease))
        }
        let write = WriteOnce(
            key: key, digest: Digest.hex(body), lease: command.lease, guardsLease: command.isUnguarded,
            use: TokenUse(at: now, token: token, by: request.by, what: command.words),
            answer: { value in String(decoding: try StateJSON.encode(Self.reply(to: command, value)), as: UTF8.self) })
        do throws(Failure) {
            if let kept = try await keeper.answer(to: write) { return try Self.again(kept) }
            let value = try await keeper.once(write) { () async throws(Failure) in try await perform(command) }
            return Self.answer(200, Self.reply(to: command, value))
        } catch {
            // Two of one key at once: the answer of the first is the second's.
            if error.kind == .busy, let kept = try await keeper.answer(to: write) { return try Self.again(kept) }
            if error.kind == .conflict {
                log("refused: \(command.words) by token \(token): \(error.detail)")
                try? await gate.note(
                    TokenUse(at: now, token: token, by: request.by, what: command.words, refusal: error.detail))
            }
            throw error
        }
    }

    private static func again(_ kept: String) throws(Failure) -> WebAnswer {
        guard let reply = StateJSON.decode(StateReply.self, Array(kept.utf8)) else {
            throw Failure(.storage, "what was answered to this request before can't be read; plan again")
        }
        return answer(200, reply)
    }

    private static func answer(_ status: Int, _ failure: Failure) -> WebAnswer { answer(status, .failed(failure)) }

    private static func answer(_ status: Int, _ reply: StateReply) -> WebAnswer {
        WebAnswer(status: status, body: (try? StateJSON.encode(StateAnswer(reply))) ?? [])
    }

    /// For those who read no body; the body says all.
    static func status(_ failure: Failure) -> Int {
        switch failure.kind {
        case .conflict: 409
        case .busy: 423
        case .unauthorized: 403
        case .missing: 404
        case .malformed: 400
        case .limited, .overBudget: 429
        case .rejected, .configuration: 422
        case .storage: 507
        case .unreachable, .timedOut, .unfinished, .cancelled: 503
        }
    }
}

extension StateService {
    private func reply(to question: StateQuestion) async throws(Failure) -> StateReply {
        switch question {
        case .now: .now(seconds: try await keeper.now().seconds)
        case .ledger(let zone): .ledger(try await keeper.ledger(of: zone))
        case .ledgers(let after): try await page(after)
        case .history(let zone, let limit):
            .history(try fitting(try await keeper.history(of: zone, limit: min(limit, StateVersion.lines))))
        case .due(let at, let limit):
            .due(
                try fitting(
                    try await keeper.dueForRenewal(at: Instant(seconds: at), limit: min(limit, StateVersion.lines))))
        case .nextRenewal(let after):
            .moment(seconds: try await keeper.nextRenewal(after: Instant(seconds: after))?.seconds)
        case .waitsEnded(let mark): .waits(try await keeper.waitsEnded(after: mark))
        case .policy(let zone): .policy(try await keeper.policy(for: zone))
        case .certificate(let host): .certificate(try await keeper.certificate(for: host))
        case .book(let issuer): .book(try await keeper.book(of: issuer))
        case .hold(let issuer): .refusal(try await keeper.hold(of: issuer))
        case .refusal(let claim, let issuer, let limits):
            .refusal(try await keeper.refusal(of: claim, at: issuer, within: limits))
        case .holder(let zone): .holder(try await keeper.holder(of: zone))
        case .account(let directory): .account(url: try await keeper.accountURL(of: directory))
        }
    }

    private func page(_ after: DomainName?) async throws(Failure) -> StateReply {
        let found = try await keeper.ledgers(after: after, limit: StateVersion.page + 1)
        let taken = try fitting(Array(found.prefix(StateVersion.page)))
        return .ledgers(taken, more: taken.count < found.count)
    }

    /// As many of them, from the first on, as fit into one answer; one at least, so that whoever goes on asking comes to an end.
    private func fitting<Element: Encodable>(_ all: [Element]) throws(Failure) -> [Element] {
        var octets = 0
        for (index, element) in all.enumerated() {
            octets += try StateJSON.encode(element).count + 1
            if octets > pageOctets, index > 0 { return Array(all.prefix(index)) }
        }
        return all
    }

    private func perform(_ command: StateCommand) async throws(Failure) -> any Sendable {
        switch command {
        case .acquire(let zone, let owner, let seconds):
            return try await keeper.acquire(zone, by: owner, for: min(max(seconds, 1), Self.longestLease))
        case .renew(let lease, let seconds):
            return try await keeper.renew(lease, for: min(max(seconds, 1), Self.longestLease))
        case .release(let lease): try await keeper.release(lease)
        case .breakLease(let zone, let owner): return try await keeper.breakLease(of: zone, by: owner) as BrokenLease?
        case .record(let event, let lease, let note): try await keeper.record(event, under: lease, audit: note)
        case .putPolicy(let body, let lease): try await keeper.put(body, for: lease.zone)
        case .removePolicy(let lease): try await keeper.remove(for: lease.zone)
        case .removeCertificate(let lease):
            try await keeper.remove(certificateOf: CertificateOwner(key: lease.zone).host)
        case .take(let claim, let issuer, let limits, let lease):
            return try await keeper.take(claim, at: issuer, within: limits, under: lease)
        case .keepPlace(let claim, let issuer, let lease):
            try await keeper.keepPlace(for: claim, at: issuer, under: lease)
        case .giveBack(let zone, let lease): try await keeper.giveBack(zone, under: lease)
        case .holdAll(let issuer, let hold): try await keeper.holdAll(of: issuer, hold)
        case .certify: break
        }
        return ()
    }

    /// No lease outlasts a day: whoever asks for more would keep others out with one request.
    private static let longestLease = 86_400

    /// The answer made of what the store gave: the same for the first time and every further one.
    private static func reply(to command: StateCommand, _ value: any Sendable) -> StateReply {
        switch command {
        case .acquire, .renew: (value as? Lease).map { .lease($0) } ?? .done
        case .take: .refusal(value as? BudgetRefusal)
        case .breakLease: .holder(value as? BrokenLease)
        default: .done
        }
    }
}
