extension KeyFiles {
    /// Where the key of this role and name lies. Whoever keeps a key asks here, and so does whoever looks for all of them: none can
    /// be left out of a rotation. The authority has but one and needs no name.
    package func path(of role: KeyRole, _ name: String = "") -> String {
        switch role {
        case .authority: "\(folder)/ca.key"
        case .account: "\(keys)/account-\(name).json"
        case .pending: "\(keys)/pending-\(name).pem"
        case .certificate: "\(keys)/\(name).pem"
        }
    }

    /// The folder of all but the authority's.
    var keys: String { folder + "/keys" }

    /// The role of a file in ``keys``; `nil` where it is not named as ours are.
    package static func role(of file: String) -> KeyRole? {
        if file.hasPrefix("account-"), file.hasSuffix(".json") { return .account }
        guard file.hasSuffix(".pem") else { return nil }
        return file.hasPrefix("pending-") ? .pending : .certificate
    }
}
