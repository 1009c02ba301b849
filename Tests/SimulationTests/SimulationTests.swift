import Simulation
import Testing

/// A sample of what `certadns-simulate` runs by the ten thousand.
@Suite struct SimulationTests {
    @Test func `no schedule breaks a rule`() async {
        let (failures, tally) = await Campaign(first: 0, count: 300).run()
        for failure in failures { Issue.record("seed \(failure.seed): \(failure.breach) by \(failure.turns)") }
        #expect(tally.runs > 4_000 && tally.staleDeliveries > 1_000)
    }

    @Test(arguments: Mutant.allCases)
    func `every mistake is caught`(mutant: Mutant) throws {
        _ = try #require(Campaign(first: 0, count: 1_500).catching(mutant), "\(mutant.rawValue)")
    }

    @Test func `the same seed is the same schedule, and a failing one is cut down to what fails`() throws {
        #expect(Simulation.schedule(seed: 7) == Simulation.schedule(seed: 7))
        let seed = try #require(Campaign(first: 0, count: 1_500).catching(.readsNothingBack)).schedules - 1
        let turns = Simulation.schedule(seed: seed)
        let short = Simulation.shrink(turns, seed: seed, mutant: .readsNothingBack)
        #expect(short.count < turns.count)
        #expect(Simulation.run(short, seed: seed, mutant: .readsNothingBack).breach != nil)
    }
}
