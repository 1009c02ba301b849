/// A unified difference of a few lines, by their longest common subsequence.
enum LineDiff {
    static func lines(from old: [String], to new: [String]) -> [String] {
        // Policies have few lines; a table of their product is small, and bounded for hostile bodies.
        guard old.count * new.count <= 1_000_000 else { return old.map { "- \($0)" } + new.map { "+ \($0)" } }
        var table = [[Int]](repeating: [Int](repeating: 0, count: new.count + 1), count: old.count + 1)
        for i in old.indices.reversed() {
            for j in new.indices.reversed() {
                table[i][j] = old[i] == new[j] ? table[i + 1][j + 1] + 1 : max(table[i + 1][j], table[i][j + 1])
            }
        }
        var lines: [String] = []
        var i = 0
        var j = 0
        while i < old.count || j < new.count {
            if i < old.count, j < new.count, old[i] == new[j] {
                lines.append("  \(old[i])")
                i += 1
                j += 1
            } else if i < old.count, j == new.count || table[i + 1][j] >= table[i][j + 1] {
                lines.append("- \(old[i])")
                i += 1
            } else {
                lines.append("+ \(new[j])")
                j += 1
            }
        }
        return lines
    }
}
