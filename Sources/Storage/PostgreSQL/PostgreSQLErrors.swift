import Ports

/// Why PostgreSQL did not do what it was asked.
enum PostgreSQLError: Error {
    /// No connection came about; maybe since the server asked for a password, and none is configured.
    case unreachable(String, lacksPassword: Bool)
    /// The connection ended, or its other side fell silent, while a statement had no answer yet.
    case lost(String)
    /// The server answered with an error: its SQLSTATE and its words.
    case refused(state: String, String)

    /// Whether these words for a failed connection are about who we are. libpq gives them without SQLSTATE; a server that is full, starting or
    /// dying may well have seen a password before. What is said in another language counts as a server that can't be reached.
    static func refusesUs(_ words: String) -> Bool {
        [
            "authentication failed", "authentication method", "pg_hba.conf", "not permitted to log in",
            "does not exist", "permission denied",
        ].contains { words.contains($0) }
    }

    /// Whether the same transaction may well succeed if it is run again at once: another one was in its way.
    var isCollision: Bool {
        if case .refused("40001", _) = self { return true }
        if case .refused("40P01", _) = self { return true }
        return false
    }

    /// What was said.
    var words: String {
        switch self {
        case .unreachable(let words, _), .lost(let words), .refused(_, let words): words
        }
    }

    /// Whether the connection is of no more use.
    var isLost: Bool {
        switch self {
        case .lost: true
        case .unreachable: false
        // The server was told to end our connection, or to stop.
        case .refused(let state, _): ["57P01", "57P02", "57P03", "57P05", "25P03"].contains(state)
        }
    }
}

extension Failure {
    /// PostgreSQL's and our own words for what a store could not do. Nothing was written in any case but ``unknownEnd(_:_:)``.
    static func store(_ error: any Error, _ place: PostgreSQLPlace) -> Failure {
        let at = place.words
        if let failure = error as? Failure { return failure }
        if error is CancellationError {
            return Failure(.cancelled, "the run was stopped while it waited for \(at); nothing was written")
        }
        guard let error = error as? PostgreSQLError else {
            return Failure(.storage, "the store in \(at) is damaged: \(error); restore the database from a backup")
        }
        switch error {
        case .unreachable(let words, lacksPassword: true):
            return Failure(
                .configuration, "\(at) asks for a password: \(words); name it by 'state: {postgres: {password: …}}'")
        case .unreachable(let words, _) where PostgreSQLError.refusesUs(words):
            return Failure(
                .unauthorized,
                "\(at) did not let us in: \(words); check user, password and database under 'state: postgres', and the server's pg_hba.conf"
            )
        case .unreachable(let words, _):
            return Failure(
                .unreachable, retryable: true,
                "\(at) can't be reached: \(words); check that it runs and has room for another connection, and 'state: postgres' in certadns.yaml"
            )
        case .lost(let words):
            return Failure(
                .unreachable, retryable: true,
                "the connection to \(at) was lost: \(words); nothing of this was written, run again when it is back")
        case .refused(let state, let words): return refused(state, words, at)
        }
    }

    /// By SQLSTATE (PostgreSQL's appendix A), never by its words.
    private static func refused(_ state: String, _ words: String, _ at: String) -> Failure {
        switch state {
        case "57P01", "57P02", "57P03", "57P05", "25P03":
            Failure(
                .unreachable, retryable: true,
                "\(at) ended the connection: \(words); nothing of this was written, run again when it is back")
        case "40001", "40P01", "55P03":
            Failure(.busy, retryable: true, "the store in \(at) is being written by others: \(words); run again")
        case "57014":
            Failure(.timedOut, retryable: true, "\(at) took too long, and nothing was written: \(words); run again")
        case "25006":
            Failure(
                .storage,
                "\(at) takes no writes: \(words); name the primary server, and a role that may write, under 'state: postgres'"
            )
        case "42501":
            Failure(
                .unauthorized,
                "the role for \(at) may not do this: \(words); let the role own the tables, or grant it the right")
        case "53100":
            Failure(.storage, "the disk of \(at) is full: \(words); make room and run again, nothing is lost")
        case _ where state.hasPrefix("53"):
            Failure(.busy, retryable: true, "\(at) has no room for another connection: \(words)")
        default:
            Failure(.storage, "the store in \(at) failed: \(words) (\(state))")
        }
    }

    /// A commit was sent, and nobody could say what came of it.
    static func unknownEnd(_ words: String, _ place: PostgreSQLPlace) -> Failure {
        Failure(
            .timedOut, retryable: true,
            "the connection to \(place.words) was lost while it committed: \(words); what was written may be there or not, run again when it is back"
        )
    }
}
