extension MasterFile {
    /// The file with the record sets at `keys` replaced by `sets`, the SOA's serial raised, and every other byte as it was.
    ///
    /// New records stand where the first old one stood, else at the end. Each line is complete, so that it means the same
    /// wherever it stands.
    package func replacing(_ keys: Set<RecordKey>, with sets: [RecordSet]) throws(MasterFileError) -> [UInt8] {
        let gone = entries.indices.filter { keys.contains(entries[$0].record.key) }
        let text = sets.sorted { $0.key < $1.key }.flatMap(\.lines).map { $0 + "\n" }.joined()
        var edits: [(range: Range<Int>, text: [UInt8])] = []
        for index in gone { edits.append((entries[index].range, [])) }
        if !gone.isEmpty {
            edits[0].text = Array(text.utf8)
        } else if !text.isEmpty {
            let needsBreak = octets.last.map { $0 != 0x0a } ?? false
            edits.append((octets.count..<octets.count, Array(((needsBreak ? "\n" : "") + text).utf8)))
        }
        edits += try orphans(after: gone)
        edits.append(try serialEdit())
        var result: [UInt8] = []
        var position = 0
        for edit in edits.sorted(by: {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }) {
            result += octets[position..<edit.range.lowerBound] + edit.text
            position = edit.range.upperBound
        }
        return result + octets[position...]
    }

    /// A record that took its owner from a removed line gets the owner written out.
    private func orphans(after gone: [Int]) throws(MasterFileError) -> [(range: Range<Int>, text: [UInt8])] {
        let removed = Set(gone)
        var edits: [(range: Range<Int>, text: [UInt8])] = []
        for index in entries.indices where !removed.contains(index) && !entries[index].namesOwner {
            var before = index - 1
            while before >= 0, !entries[before].namesOwner, !removed.contains(before) { before -= 1 }
            guard before >= 0, removed.contains(before) else { continue }
            let start = entries[index].range.lowerBound
            edits.append((start..<start, Array(entries[index].record.name.absolute.utf8)))
        }
        return edits
    }

    /// RFC 1982: one more than before; secondaries look at nothing else.
    private func serialEdit() throws(MasterFileError) -> (range: Range<Int>, text: [UInt8]) {
        for entry in entries {
            guard case .soa(let soa) = entry.record.data, let range = entry.serial else { continue }
            return (range, Array("\(soa.serial &+ 1)".utf8))
        }
        throw MasterFileError(line: 1, "the file has no SOA record")
    }
}
