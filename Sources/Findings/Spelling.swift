/// Finds what somebody probably meant.
package enum Spelling {
    /// The nearest of `known` within a third of its length, at most three edits away.
    package static func nearest(to word: String, among known: [String]) -> String? {
        let lower = word.lowercased().map { $0 == "-" ? "_" : $0 }
        guard lower.count <= 40 else { return nil }
        let candidates = known.map { ($0, distance(lower, Array($0.lowercased().map { $0 == "-" ? "_" : $0 }))) }
        guard let best = candidates.min(by: { ($0.1, $0.0) < ($1.1, $1.0) }), best.1 <= max(1, min(3, best.0.count / 3))
        else {
            return nil
        }
        return best.0
    }

    /// Insertions, deletions, replacements and swaps of neighbours.
    package static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, rows[i - 1][j - 1] + 1) }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
