extension FieldTable {
    /// The line to write for a key that must be there and whose kind alone says too little: shown in messages, and read by tests.
    func line(for key: String) -> String? { Self.lines[path + " " + key] }

    /// All such lines of the map, for a file in which nothing stands.
    var leastLines: String { fields.compactMap { line(for: $0.key) }.map { "'\($0)'" }.joined(separator: " and ") }

    private static let lines = [
        "certadns.yaml providers": "providers: {primary: {type: rfc2136, server: \"192.0.2.53:53\"}}",
        "certadns.yaml policy_host": "policy_host: {type: serve, addresses: [192.0.2.80]}",
        "tls_rpt rua": "rua: [\"mailto:tls-reports@example.com\"]",
    ]
}
