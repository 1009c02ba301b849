/// The closed list of stable finding codes. A raw value never changes and is never used twice.
package enum FindingCode: String, Hashable, Sendable, Codable, CaseIterable {
    // YAML and files
    case fileUnreadable = "file-unreadable"
    case fileKind = "file-kind"
    case fileTooLarge = "file-too-large"
    case yamlSyntax = "yaml-syntax"
    case yamlEncoding = "yaml-encoding"
    case yamlLimit = "yaml-limit"
    case yamlDuplicateKey = "yaml-duplicate-key"
    case yamlDocuments = "yaml-documents"

    // Manifest and configuration meaning
    case unknownKey = "unknown-key"
    case missingKey = "missing-key"
    case wrongType = "wrong-type"
    case badValue = "bad-value"
    case secretLiteral = "secret-literal"
    case zoneNameMismatch = "zone-name-mismatch"
    case zoneDuplicate = "zone-duplicate"
    case providerUnknown = "provider-unknown"
    case addOnMissing = "add-on-missing"
    case addOnUnknown = "add-on-unknown"
    case maxAgeRange = "max-age-range"
    case maxAgeShort = "max-age-short"
    case noManifests = "no-manifests"
    case waiverUnused = "waiver-unused"
    case waiverExpired = "waiver-expired"
    case nothingManaged = "nothing-managed"

    // The live world
    case mxMissing = "mx-missing"
    case mxNull = "mx-null"
    case mxCNAME = "mx-cname"
    case mxAddressLiteral = "mx-address-literal"
    case mxUnknown = "mx-unknown"
    case mxNotInPolicy = "mx-not-in-policy"
    case policyMXUnused = "policy-mx-unused"
    case mailNoneHasMX = "mail-none-has-mx"
    case dnsUnknown = "dns-unknown"
    case wildcardHidden = "wildcard-hidden"
    case cnameConflict = "cname-conflict"
    case unmanaged = "unmanaged"
    case policyFetch = "policy-fetch"
    case policyCertificate = "policy-cert"
    case caaForbids = "caa-forbids"
    case certificateOverdue = "certificate-overdue"

    // The run
    case primaryUnseen = "primary-unseen"
    case ledgerMissing = "ledger-missing"
    case withdrawalBlocked = "withdrawal-blocked"
    case policyTooLarge = "policy-too-large"
}
