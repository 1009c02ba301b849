/// Seeded chance: the same seed gives the same schedule on every machine.
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 0x1234_5678_9abc_def1 }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// One of `0..<count`.
    mutating func pick(_ count: Int) -> Int { Int(next() % UInt64(max(1, count))) }

    /// True once in `count`.
    mutating func once(in count: Int) -> Bool { pick(count) == 0 }

    /// One of `values`; they are never empty.
    mutating func one<Value>(of values: [Value]) -> Value { values[pick(values.count)] }
}

/// What happens to the world between two runs. A schedule is a list of turns, so that a failing one can be cut down.
package enum Turn: Hashable, Sendable {
    /// A commit changes what is asked for.
    case commit(Commit)
    /// An older commit is applied by somebody whose clone lags behind.
    case olderCommit
    /// The checkout of one run lacks the manifest.
    case vanish
    /// The mail administrator adds a host, or takes one away that nobody needs.
    case mail(add: Bool)
    /// Somebody edits, or a second tool removes what it does not know.
    case edit(Edit)
    /// Time passes: so many seconds, or until a hold of the last plan ends, give or take.
    case wait(seconds: Int)
    /// Time passes until the first hold ends, and this much longer.
    case waitForHold(offset: Int)
    /// The secondary falls behind; a silent one can't be asked by us.
    case lag(seconds: Int, isSilent: Bool)
    /// The next run stands still at its n-th word to the ledger until its lease is another's, who does the whole work.
    case overtaken(call: Int)
    /// The next run dies at its n-th call, before or after that took effect.
    case kill(call: Int, after: Bool)
    /// The next run's n-th call fails, before or after it took effect.
    case fail(call: Int, after: Bool)
    /// The next run can't read one of its names.
    case hide(Int)
    /// The next run's provider answers with half of its list: the bits say which.
    case half(Int)
    /// A second tool, which owns the zone, deletes what it does not know at the next run's n-th call.
    case swept(call: Int)
    /// The zone's administrator makes a wildcard, or takes it away: it answers at our names where nothing stands.
    case wildcard(isText: Bool, isGone: Bool)
    /// The policy host is down during the next run.
    case hostDown
    /// Somebody else's report record stands there before we come.
    case neighbour
    /// Reports alone are applied with 'adopt: true', which is spent by that; then somebody makes a record for the policy host.
    case adopted
    /// By now nothing of the zone may be left.
    case withdrawn

    /// What a commit states.
    package enum Commit: Hashable, Sendable {
        /// A policy: mode, max_age in seconds, and where its patterns come from.
        case policy(mode: Int, maxAge: Int, mx: Int, generation: Int)
        /// No policy any more.
        case reportsOnly
        /// The manifest is deleted, and a person names the zone.
        case deleted
    }

    /// What strangers do.
    package enum Edit: Hashable, Sendable {
        /// The MTA-STS record is overwritten.
        case record
        /// An earlier MTA-STS record of ours is put back, as a rollback of the zone does.
        case recordBack
        /// The MTA-STS record goes.
        case recordGone
        /// The host's record goes.
        case hostGone
        /// The TLS-RPT record goes.
        case reportsGone
        /// All that we made goes, by a tool that does not know it.
        case swept
    }

    /// The turns of a schedule.
    static func schedule(_ chance: inout Chance) -> [Turn] {
        let life = (0..<(6 + chance.pick(14))).map { _ in random(&chance) } + ending(&chance)
        return switch chance.pick(16) {
        case 0: [.neighbour] + life
        case 1: [.adopted] + life
        default: life
        }
    }

    /// In the end the zone is withdrawn, whatever comes between.
    private static func ending(_ chance: inout Chance) -> [Turn] {
        [.commit(.deleted)]
            + (0..<10).flatMap { _ -> [Turn] in
                let trouble: [Turn] = [
                    .kill(call: chance.pick(8), after: chance.once(in: 2)), .hide(chance.pick(7)),
                    .fail(call: chance.pick(8), after: chance.once(in: 2)), .half(chance.pick(128)),
                ]
                if chance.once(in: 12) { return [.edit(.recordBack), .waitForHold(offset: 0)] }
                if chance.once(in: 8) { return [lag(&chance), .waitForHold(offset: 0)] }
                if chance.once(in: 8) { return [.wait(seconds: 4_000_000), .waitForHold(offset: 0)] }
                return chance.once(in: 3)
                    ? [chance.one(of: trouble), .waitForHold(offset: 0)] : [.waitForHold(offset: 0)]
            } + [.wait(seconds: 2_000_000)] + [Turn](repeating: .waitForHold(offset: 0), count: 4) + [.withdrawn]
    }

    private static func lag(_ chance: inout Chance) -> Turn {
        .lag(seconds: chance.one(of: [60, 4_000, 200_000, 900_000]), isSilent: chance.once(in: 2))
    }

    private static func random(_ chance: inout Chance) -> Turn {
        switch chance.pick(34) {
        case 0...4: .commit(Commit.random(&chance))
        case 5: .olderCommit
        case 6: .vanish
        case 7...8: .mail(add: chance.once(in: 2))
        case 9...10: .edit(chance.one(of: [.record, .recordBack, .recordGone, .hostGone, .reportsGone, .swept]))
        case 11...12:
            .wait(seconds: chance.one(of: [1, 30, 299, 300, 301, 3_600, 86_400, 90_000, 604_800, 5_000_000]))
        case 13...16: .waitForHold(offset: chance.one(of: [-1, 0, 0, 1]))
        case 17...19: .kill(call: chance.pick(14), after: chance.once(in: 2))
        case 20...22: .fail(call: chance.pick(14), after: chance.once(in: 2))
        case 23...24: .hide(chance.pick(7))
        case 25...26: lag(&chance)
        case 27...28: .overtaken(call: chance.pick(10))
        case 29: .half(chance.pick(128))
        case 30...31: .swept(call: chance.pick(14))
        case 32: .wildcard(isText: chance.once(in: 2), isGone: chance.once(in: 3))
        default: .hostDown
        }
    }
}

extension Turn.Commit {
    fileprivate static func random(_ chance: inout Chance) -> Turn.Commit {
        switch chance.pick(8) {
        case 0: .reportsOnly
        case 1...2: .deleted
        default:
            .policy(
                mode: chance.pick(4), maxAge: chance.one(of: [86_400, 86_400, 604_800, 3_000_000, 12_000_000]),
                mx: chance.pick(4),
                generation: 1 + chance.pick(2))
        }
    }
}
