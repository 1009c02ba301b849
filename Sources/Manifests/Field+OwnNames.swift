extension FieldTable {
    static let serve = FieldTable(
        "serve",
        [
            Field(
                "names", "list of host names, or of maps", fallback: "none",
                "Names under which `certadns serve` itself is reached; each gets a certificate, and is served with it on `policy_host: listen`."
            ),
            Field(
                "public_ledger", "true or false", fallback: "false",
                "Whether anybody may read the public part of the ledger there, for `plan --read public`."),
        ])
    static let ownName = FieldTable(
        "serve.names[]",
        [
            Field("name", "host name", required: true, "The name; alone it may stand without the map."),
            Field(
                "dns", "name of a provider", fallback: "the issuer's `challenge_provider`, else the only provider",
                "Who serves the zone of DNS that gets the proof for dns-01."),
            Field(
                "challenge", "`dns-01` or `http-01`", fallback: "the provider's, else the issuer's",
                "How control of the name is proven to a CA that speaks ACME."),
        ])
}
