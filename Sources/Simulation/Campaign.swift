/// Many schedules at once, summed up in words.
package struct Campaign: Sendable {
    private let first: UInt64
    private let count: UInt64

    /// `count` schedules, of the seeds from `first` on.
    package init(first: UInt64, count: UInt64) {
        self.first = first
        self.count = count
    }

    /// The seeds whose schedule broke a rule, with what was met in all.
    package func run(mutant: Mutant? = nil) async -> (failures: [Failure], tally: Tally) {
        await withTaskGroup(of: ([Failure], Tally).self) { group in
            let parts: UInt64 = 8
            for part in 0..<parts {
                group.addTask { self.run(part, of: parts, mutant: mutant) }
            }
            var failures: [Failure] = []
            var tally = Tally()
            for await (found, met) in group {
                failures += found
                tally.add(met)
            }
            return (failures.sorted { $0.seed < $1.seed }, tally)
        }
    }

    /// A schedule that broke a rule.
    package struct Failure: Sendable {
        /// Its seed: it runs again under it.
        package let seed: UInt64
        /// What broke.
        package let breach: String
        /// Its turns, as few as still break it.
        package let turns: [Turn]
    }

    /// How many schedules it takes to catch a mutant; `nil` where none of them does.
    package func catching(_ mutant: Mutant) -> (schedules: UInt64, breach: String)? {
        for seed in first..<(first + count) {
            let turns = Simulation.schedule(seed: seed)
            if let breach = Simulation.run(turns, seed: seed, mutant: mutant).breach {
                return (seed - first + 1, breach)
            }
        }
        return nil
    }

    private func run(_ part: UInt64, of parts: UInt64, mutant: Mutant?) -> ([Failure], Tally) {
        var failures: [Failure] = []
        var tally = Tally()
        for seed in stride(from: first + part, to: first + count, by: Int(parts)) {
            let turns = Simulation.schedule(seed: seed)
            let result = Simulation.run(turns, seed: seed, mutant: mutant)
            tally.add(result.tally)
            guard let breach = result.breach, failures.count < 3 else { continue }
            let short = Simulation.shrink(turns, seed: seed, mutant: mutant)
            failures.append(Failure(seed: seed, breach: breach, turns: short))
        }
        return (failures, tally)
    }

    /// Everything in words, the same for the same seeds, and whether all of it is as it must be.
    package func report() async -> (text: String, isGood: Bool) {
        let (failures, tally) = await run()
        var lines = ["schedules: \(count) from seed \(first); runs: \(tally.runs); broken: \(failures.count)"]
        for failure in failures {
            lines.append("seed \(failure.seed): \(failure.breach)")
            lines += failure.turns.map { "    \($0)" }
        }
        lines.append(
            "deliveries: \(tally.deliveries), by what was older than the last change: \(tally.staleDeliveries)")
        lines += tally.holds.sorted { $0.key < $1.key }.map { "holds \($0.key): \($0.value)" }
        lines += tally.looks.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        lines += tally.killed.sorted { $0.key < $1.key }.map { "killed \($0.key): \($0.value)" }
        let missed = tally.missed
        lines += missed.map { "never met: \($0)" }
        var isGood = failures.isEmpty && missed.isEmpty
        for (mutant, caught) in await catchingAll() {
            isGood = isGood && caught != nil
            lines.append(
                caught.map { "mistake: \(mutant.rawValue): caught by schedule \($0.schedules): \($0.breach)" }
                    ?? "mistake: \(mutant.rawValue): NOT CAUGHT")
        }
        return (lines.joined(separator: "\n"), isGood)
    }

    private func catchingAll() async -> [(Mutant, (schedules: UInt64, breach: String)?)] {
        await withTaskGroup(of: (Int, (schedules: UInt64, breach: String)?).self) { group in
            for (index, mutant) in Mutant.allCases.enumerated() { group.addTask { (index, catching(mutant)) } }
            var found: [Int: (schedules: UInt64, breach: String)?] = [:]
            for await (index, caught) in group { found[index] = caught }
            return Mutant.allCases.enumerated().map { ($0.element, found[$0.offset] ?? nil) }
        }
    }
}
