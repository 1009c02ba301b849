/// A master file (RFC 1035 §5) with the place of every record, so that one record set can change and every other byte stays.
package struct MasterFile: Sendable {
    /// The file's octets.
    package let octets: [UInt8]
    /// Its records, in the file's order.
    package let entries: [Entry]
    /// Where `$INCLUDE` stands: records in there are not seen (lines from 1).
    package let includes: [Int]
    /// `$TTL` and `$ORIGIN` as they stand at the end, for records that are appended.
    let defaultTTL: UInt32?

    /// One record with its place.
    package struct Entry: Hashable, Sendable {
        /// The record.
        package let record: ResourceRecord
        /// From the beginning of its first line to after the end of its last.
        package let range: Range<Int>
        /// Its first line, from 1.
        package let line: Int
        /// Whether the line names its owner, or takes the one before it.
        package let namesOwner: Bool
        /// Where the serial stands, in an SOA.
        package let serial: Range<Int>?
    }

    /// All record sets.
    package var recordSets: [RecordKey: RecordSet] { RecordSet.grouping(entries.map(\.record)) }
}

/// What is wrong with a master file, with its place.
package struct MasterFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    package let line: Int
    /// What is wrong.
    package let words: String

    /// A defect at a line.
    package init(line: Int, _ words: String) {
        self.line = line
        self.words = words
    }

    /// With its line.
    package var description: String { "line \(line): \(words)" }
}
