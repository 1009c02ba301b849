package import DNS

/// One compare-and-set at one owner name.
package struct RecordChange: Hashable, Sendable, Codable {
    /// The name whose record sets change.
    package let owner: DomainName
    /// The record sets that the plan saw there, among the owned types.
    package let expecting: [RecordSet]
    /// Owned types that the plan saw absent there (a CNAME above all).
    package let absent: [RecordType]
    /// The record sets that shall stand there afterwards; expected ones that are not here are deleted.
    package let writing: [RecordSet]

    /// One change.
    package init(owner: DomainName, expecting: [RecordSet], absent: [RecordType], writing: [RecordSet]) {
        self.owner = owner
        self.expecting = expecting
        self.absent = absent
        self.writing = writing
    }
}
