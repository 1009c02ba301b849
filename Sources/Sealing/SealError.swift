package import Ports

/// Why a key file can't be sealed or opened. None of the words holds a secret.
package enum SealError: Error, Hashable, Sendable {
    /// A secret that could be guessed: where it stands, and what it lacks.
    case weakSecret(String, String)
    /// A file is sealed, and no secret is configured.
    case noKey(path: String, id: String)
    /// A file is sealed under a secret that is not configured.
    case otherKey(path: String, id: String, known: [String])
    /// The contents are not what was sealed under this name.
    case broken(path: String)
    /// A form that this program does not know.
    case unknownForm(path: String)
    /// A defect of ours or of the library's.
    case unmakeable(path: String)
}

extension SealError: CustomStringConvertible {
    /// What happened, where, and what to do.
    package var description: String {
        switch self {
        case .weakSecret(let place, let why):
            "the secret of the key seal (\(place)) is too weak: \(why); make one with 'openssl rand -base64 32'"
        case .noKey(let path, let id):
            "the key file '\(path)' is sealed (key id \(id)), and no secret is configured: set 'keys: {seal: {secret: …}}' in certadns.yaml"
        case .otherKey(let path, let id, let known):
            "the key file '\(path)' is sealed under another key (id \(id)); configured \(known.count == 1 ? "is" : "are") \(known.joined(separator: ", ")). Add its secret under 'keys: {seal: {previous_secrets: […]}}'"
        case .broken(let path):
            "the key file '\(path)' is damaged, or another file was put in its place: its contents are not what was sealed under this name; restore it from a backup"
        case .unknownForm(let path):
            "the key file '\(path)' is sealed in a form that this CertaDNS does not know: it is damaged, or a newer one wrote it"
        case .unmakeable(let path): "the key file '\(path)' could not be sealed"
        }
    }
}

extension SealError {
    /// The port's words for it.
    package var failure: Failure {
        switch self {
        case .weakSecret, .noKey, .otherKey: Failure(.configuration, "\(self)")
        case .broken, .unknownForm, .unmakeable: Failure(.storage, "\(self)")
        }
    }
}
