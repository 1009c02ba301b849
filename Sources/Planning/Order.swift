import DNS

/// Puts a zone's changes in the order that loses no mail (design: "What a zone owns").
package enum Order {
    /// Sorts steps: reports before everything, the host before its certificate, the certificate before the policy, the policy
    /// before the record that announces it. A host that moves does so after the policy, since the new host must serve it
    /// before the name points there. Deletions run last, what announces before what is announced, and after them goes what is left over of an earlier issuance: a proof that
    /// can't be taken away now keeps nothing from its turn.
    package static func sorted(_ steps: [Step]) -> [Step] {
        steps.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
    }

    private static func rank(_ step: Step) -> Int {
        if step.verb == .delete { return deletionRank(step.resource) }
        return switch step.resource {
        case .challenge: 20
        case .tlsRPTRecord: 0
        case .policyHost: step.requires == nil ? 1 : 5
        case .certificate: 2
        case .delivery: 3
        case .policy: 4
        case .mtaSTSRecord: 6
        }
    }

    /// First what announces, then what is served, last what tells of failures.
    private static func deletionRank(_ resource: Resource) -> Int {
        switch resource {
        case .mtaSTSRecord: 10
        case .policy: 11
        case .policyHost: 12
        case .delivery: 13
        case .certificate: 14
        case .tlsRPTRecord: 15
        case .challenge: 20
        }
    }
}
