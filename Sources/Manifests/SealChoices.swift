import Findings
import YAML

/// What certadns.yaml says of private keys at rest.
package struct SealChoices: Hashable, Sendable {
    /// What new key files are sealed under; `nil`: they are no longer sealed.
    package var secret: SecretReference?
    /// What older files may be sealed under.
    package var previous: [SecretReference]
    /// How they are sealed, as the configuration names it.
    package var cipher: String

    /// What the map says.
    package init(secret: SecretReference?, previous: [SecretReference], cipher: String) {
        self.secret = secret
        self.previous = previous
        self.cipher = cipher
    }

    /// The ways of sealing, the usual one first.
    package static let ciphers = ["chacha20-poly1305", "aes-256-gcm"]
}

extension FieldTable {
    static let keys = FieldTable(
        "keys",
        [Field("seal", "map", fallback: "not sealed", secret: true, "How private keys in the state folder are sealed.")]
    )
    static let seal = FieldTable(
        "keys.seal",
        [
            Field(
                "secret", "`env:NAME` or `file:PATH`", fallback: "seals are taken off", secret: true,
                "Where the secret is found that key files are sealed under: at least 32 random octets as `openssl rand -base64 32` prints them."
            ),
            Field(
                "previous_secrets", "list of `env:NAME` or `file:PATH`", fallback: "none", secret: true,
                "What older key files may still be sealed under, until `certadns keys rotate` has run."),
            Field(
                "cipher", "`chacha20-poly1305` or `aes-256-gcm`", fallback: "`chacha20-poly1305`",
                "How they are sealed."),
        ])
}

/// The part of certadns.yaml about private keys at rest.
extension ConfigurationReader {
    mutating func seal(_ node: YAMLNode?) -> SealChoices? {
        guard let node, !node.isNull, reading.check(node, .keys), let map = node["seal"], !map.isNull,
            reading.check(map, .seal)
        else { return nil }
        let secret = self.secret(map["secret"])
        let previous = (reading.list(map["previous_secrets"], "previous_secrets") ?? []).compactMap { self.secret($0) }
        let cipher = reading.choice(map["cipher"], "cipher", SealChoices.ciphers) ?? SealChoices.ciphers[0]
        if secret == nil, previous.isEmpty, !reading.hasErrors {
            reading.error(
                .missingKey, "'keys.seal' names no secret",
                action: "add 'secret: env:NAME', or 'previous_secrets' alone to take the seals off", at: map.place)
        }
        return SealChoices(secret: secret, previous: previous, cipher: cipher)
    }
}
