extension FieldTable {
    static let issuer = FieldTable(
        "issuer (local)",
        [Field("type", "`local`", required: true, "A private CA in the state folder, for labs and first steps.")])
    static let acme = FieldTable(
        "issuer (acme)",
        [
            Field("type", "`acme`", required: true, "A CA that speaks ACME (RFC 8555)."),
            Field("directory", "https URL", required: true, "The CA's directory."),
            Field("contact", "list of `mailto:` addresses", fallback: "none", "Where the CA writes to."),
            Field(
                "trust", "list of `system` and files", fallback: "`[system]`",
                "Which CAs are trusted for the CA's own server."),
            Field(
                "challenge", "`dns-01` or `http-01`", fallback: "`dns-01`",
                "How control of `mta-sts.<zone>` is proven: by a record, or by a file that `certadns serve` answers."),
            Field(
                "challenge_provider", "name of a provider", fallback: "the zone's own",
                "Who serves the zone that `_acme-challenge.mta-sts.<zone>` is an alias into."),
            Field(
                "key_type", "`p256`, `p384` or `rsa2048`", fallback: "`p256`",
                "The key of each certificate; it is made afresh each time."),
            Field(
                "reuse_key", "true or false", fallback: "false",
                "Whether a renewed certificate keeps its key, for those who pin it (TLSA). After a revocation, and where `key_type` changed, it never does."
            ),
            Field(
                "preferred_chain", "text", fallback: "the CA's first",
                "The common name of the root that chains shall lead to."),
            Field("profile", "text", fallback: "the CA's usual", "The certificate profile, where the CA has such."),
            Field(
                "concurrency", "whole number from 1", fallback: "20",
                "How many certificates `certadns serve` renews at once."),
            Field("external_account", "map", fallback: "none", "A contract that the CA asks for."),
            Field(
                "budget", "map, or `lets-encrypt`", fallback: "the CA alone says when it is enough",
                "How much the account may order; what is over it waits its turn."),
            Field(
                "propagation", "map", fallback: "every name server that answers",
                "When a proof in DNS counts as visible."),
        ])
    static let externalAccount = FieldTable(
        "issuer.external_account",
        [
            Field("kid", "text", required: true, "The CA's name for the contract."),
            Field(
                "key", "`env:NAME` or `file:PATH`", required: true, secret: true,
                "Where the key is found; base64url as the CA's page shows it."),
        ])
    static let propagation = FieldTable(
        "issuer.propagation",
        [
            Field("servers", "list of address:port", fallback: "the zone's NS records", "Whom to ask."),
            Field(
                "quorum", "whole number from 1", fallback: "all that answer", "How many of them must show the proof."),
            Field("wait", "seconds, or `30s`, `2m`", fallback: "120", "How long that is waited for."),
        ])
}
