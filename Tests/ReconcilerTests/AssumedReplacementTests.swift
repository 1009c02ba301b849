import Doubles
import Findings
import Planning
import Reconciler
import Testing

/// Where nobody but the provider can be asked whether an earlier policy is gone, every date that rests on that says so.
@Suite struct AssumedReplacementTests {
    private static let zone = "example.com"

    private static func told(_ world: World, _ wish: ZoneWish) async throws -> [Finding] {
        try await world.plan(wish).findings.filter { $0.code == .replacementAssumed }
    }

    @Test
    func `a replacement that nobody is asked about is told when it matters, and louder while a policy is withdrawn`()
        async throws
    {
        var world = await World.applied(Self.zone)
        let changed = World.wish(Self.zone, maxAge: 86_400)
        let gone = World.wish(Self.zone, policy: false)
        for wish in [changed, gone] { #expect(try await Self.told(world, wish) == [], "every server is asked") }
        world.assumesReplacement = true
        #expect(try await Self.told(world, World.wish(Self.zone)) == [], "nothing is replaced")
        #expect(try await Self.told(world, changed).map(\.severity) == [.note])
        #expect(try await Self.told(world, gone).map(\.severity) == [.warning])
        await world.apply(gone)
        let told = try await Self.told(world, gone)
        #expect(told.map(\.severity) == [.warning])
        #expect(told.first?.action.contains("observe: name_servers") ?? false)
    }
}
