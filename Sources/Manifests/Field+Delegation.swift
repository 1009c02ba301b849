extension FieldTable {
    static let delegation = FieldTable(
        "policy_host.delegation",
        [
            Field(
                "zone", "domain name", required: true,
                "The zone of yours in which they stand, as `<zone>._mta-sts.` and `<zone>._smtp._tls.` below it."),
            Field("provider", "name of a provider", fallback: "the only provider", "Who serves that zone."),
            Field(
                "host", "domain name", fallback: "`cname`",
                "The policy host's own name, which owners make `mta-sts.<zone>` an alias of."),
        ])
}
