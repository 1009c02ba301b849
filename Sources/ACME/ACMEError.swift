/// Why the CA's side of an issuance failed.
package enum ACMEError: Error, Hashable, Sendable {
    /// No connection to the CA, or one that broke.
    case unreachable(url: String, String)
    /// A connection that is not the CA's, as far as we can tell: an untrusted certificate, no TLS.
    case notSecure(url: String, String)
    /// What the configuration names as the CA's directory is none.
    case noDirectory(url: String, String)
    /// No whole answer within the deadline; the request may have taken effect.
    case timedOut(url: String)
    /// The CA says no, in its own words (RFC 8555 §6.7).
    case refused(Problem, url: String, retryAfter: Int?)
    /// An answer that is none of ACME's: a proxy's page, a redirect, a status without a problem.
    case unexpected(status: Int, url: String, retryAfter: Int?)
    /// A body that can't be read, or one longer than we read.
    case malformed(url: String, String)
    /// An authorisation failed, with what the CA saw. It is final: a new order is needed (§7.1.6).
    case unproven(name: String, Problem)
    /// The CA offers no way of proving control that is configured here.
    case noChallenge(name: String, offered: [String])
    /// The order ended without a certificate.
    case orderFailed(Problem)
    /// The CA did not come to an end in time; the order goes on at the next run.
    case unfinished(what: String, seconds: Int)
    /// The CA asks to be asked again later than this run lasts; the order goes on then.
    case putOff(what: String, seconds: Int)
    /// What was downloaded is not what was ordered.
    case wrongCertificate(String)
    /// What the configuration wants, the CA does not have.
    case notOffered(String)
    /// A defect of ours: a message could not be made.
    case unmakeable(String)
}

extension ACMEError: CustomStringConvertible {
    /// What happened, with the CA's words whole.
    package var description: String {
        switch self {
        case .unreachable(let url, let words): "the CA can't be reached at \(url): \(words)"
        case .notSecure(let url, let words): "no secure connection to the CA at \(url): \(words)"
        case .noDirectory(let url, let words):
            "at \(url) there is no ACME directory: \(words). Check 'directory' of the issuer"
        case .timedOut(let url): "the CA did not answer in time at \(url)"
        case .refused(let problem, let url, let seconds):
            "the CA refused at \(url): \(problem)\(seconds.map { "; it asks to wait \($0) s" } ?? "")"
        case .unexpected(let status, let url, let seconds):
            "the CA answered with status \(status) at \(url)\(seconds.map { "; it asks to wait \($0) s" } ?? "")"
        case .malformed(let url, let words): "the CA's answer at \(url) can't be read: \(words)"
        case .unproven(let name, let problem): "the CA could not confirm control of \(name): \(problem)"
        case .noChallenge(let name, let offered):
            "the CA offers no challenge for \(name) that is configured here (it offers \(offered.joined(separator: ", ")))"
        case .orderFailed(let problem): "the CA ended the order without a certificate: \(problem)"
        case .unfinished(let what, let seconds):
            "the CA's \(what) took longer than \(seconds) s; the order goes on next time"
        case .putOff(let what, let seconds):
            "the CA is not done with its \(what); it asks to wait \(seconds) s, and the order goes on then"
        case .wrongCertificate(let words): "the CA's certificate is not the one that was ordered: \(words)"
        case .notOffered(let words): "the CA does not offer it: \(words)"
        case .unmakeable(let words): "an ACME message could not be made: \(words)"
        }
    }
}
