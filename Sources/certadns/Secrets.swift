import DNS
import Findings
import Foundation
import Manifests
import Ports
import Sealing

/// Fetches secrets from where the configuration says; they go from here into keys and nowhere else.
enum Secrets {
    static func key(_ key: Configuration.Key, folder: String) throws(Failure) -> TSIGKey {
        let text = try read(key.secret, folder: folder, of: "the TSIG key \(key.name)")
        guard let octets = Data(base64Encoded: text), !octets.isEmpty else {
            throw Failure(
                .configuration,
                "the secret of the TSIG key \(key.name) (\(key.secret)) is not base64; copy it as tsig-keygen printed it"
            )
        }
        return TSIGKey(name: key.name, algorithm: key.algorithm, secret: Array(octets))
    }

    /// A secret that is text of its own form.
    static func text(_ reference: SecretReference, folder: String, of what: String) throws(Failure) -> Redacted<String>
    {
        Redacted(try read(reference, folder: folder, of: what))
    }

    /// What private keys are sealed under.
    static func seal(_ choices: SealChoices?, folder: String) throws(Failure) -> Seal {
        guard let choices else { return .none }
        let current: SealKey? = if let secret = choices.secret { try sealKey(secret, folder) } else { nil }
        var previous: [SealKey] = []
        for secret in choices.previous { previous.append(try sealKey(secret, folder)) }
        return Seal(
            current: current, previous: previous, cipher: Cipher(rawValue: choices.cipher) ?? .chacha20Poly1305)
    }

    private static func sealKey(_ reference: SecretReference, _ folder: String) throws(Failure) -> SealKey {
        let secret = try text(reference, folder: folder, of: "the key seal")
        do throws(SealError) { return try SealKey(secret, from: "\(reference)") } catch { throw error.failure }
    }

    private static func read(_ reference: SecretReference, folder: String, of what: String) throws(Failure) -> String {
        let text: String?
        switch reference {
        case .environment(let name):
            text = ProcessInfo.processInfo.environment[name]
        case .file(let path):
            let full = path.hasPrefix("/") ? path : folder + "/" + path
            text = (try? Data(contentsOf: URL(fileURLWithPath: full))).map {
                String(decoding: $0.prefix(4_096), as: UTF8.self)
            }
        }
        guard let text = text?.trimmingCharacters(in: .whitespacesAndNewlines), !text.isEmpty else {
            throw Failure(.configuration, "the secret of \(what) is not there: set \(reference)")
        }
        return text
    }
}
