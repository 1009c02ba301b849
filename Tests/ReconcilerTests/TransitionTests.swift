import DNS
import Doubles
import Findings
import MTASTS
import Planning
import Ports
import Reconciler
import TLSRPT
import Testing

/// What may and what may not be done while something is blocked, unknown, moving or half done.
@Suite struct TransitionTests {
    private let zone = "example.com"
    private let record = World.key("_mta-sts.example.com", .txt)
    private let reports = World.key("_smtp._tls.example.com", .txt)
    private let host = World.key("mta-sts.example.com", .a)

    private func ready() async -> World {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        await world.apply(World.wish(zone))
        return world
    }

    @Test func `in a blocked zone nothing is made`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.text("_mta-sts.example.com", "v=STSv1; id=theirs;")
        #expect(await world.apply(World.wish(zone)).map(\.kind) == [.blocked])
        #expect(world.writes.isEmpty, "\(world.writes)")
    }

    @Test func `in a blocked zone what was applied is repaired and renewed, and no policy changes`() async throws {
        let world = await ready()
        world.dns.remove(reports)
        world.alias("mta-sts.example.com", to: "elsewhere.example.net")
        world.ledger.advance(80 * 86_400)
        let calls = world.writes.count
        let outcome = await world.apply(World.wish(zone, maxAge: 86_400))[0]
        #expect(outcome.kind == .blocked)
        #expect(
            world.writes.dropFirst(calls) == ["write _smtp._tls.example.com", "issue", "store mta-sts.example.com"])
    }

    @Test func `in a blocked zone what was begun is not taken away again`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.text("_smtp._tls.example.com", "v=TLSRPTv1; rua=mailto:theirs@example.org")
        world.dns.setUnknown(reports)
        world.fail("write _mta-sts.example.com", .after)
        await world.apply(World.wish(zone, mode: .enforce))
        world.dns.setUnknown(reports, false)
        #expect(world.dns.sets[record] != nil)
        #expect(await world.apply(World.wish(zone, mode: .enforce)).map(\.kind) == [.blocked])
        #expect(world.dns.sets[record] != nil, "senders may hold what it announced")
    }

    @Test func `while mail hosts can't be read what was begun is not taken away again`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.fail("write _mta-sts.example.com", .after)
        await world.apply(World.wish(zone, mode: .enforce))
        world.dns.setUnknown(World.key(zone, .mx))
        await world.apply(World.wish(zone, mode: .enforce))
        #expect(world.dns.sets[record] != nil, "senders may hold what it announced")
    }

    @Test func `an unreadable TLS-RPT record holds up no policy`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.dns.setUnknown(reports)
        let plan = try await world.plan(World.wish(zone))
        #expect(plan.verdict == .unknown)
        #expect(plan.steps.map(\.resource) == [.policyHost, .certificate, .policy, .mtaSTSRecord])
    }

    @Test func `while the announced id can't be read no new policy is served`() async throws {
        let world = await ready()
        world.dns.setUnknown(record)
        let plan = try await world.plan(World.wish(zone, maxAge: 86_400))
        #expect(plan.verdict == .unknown)
        #expect(plan.steps.isEmpty, "\(plan.steps.map(\.reason))")
    }

    @Test func `ids that a wildcard announces count`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.text("*.example.com", "v=STSv1; id=7x0123456789abcdef;")
        await world.apply(World.wish(zone))
        #expect(try await world.host.policy(for: World.name(zone))?.id.counter == 8)
    }

    @Test func `several announced ids all count`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.texts("_mta-sts.example.com", ["v=STSv1; id=4x0123456789abcdef;", "v=STSv1; id=9x0123456789abcdef;"])
        await world.apply(World.wish(zone, adopt: true))
        #expect(try await world.host.policy(for: World.name(zone))?.id.counter == 10)
    }

    @Test func `whether a domain without mail is one must be known before anything is taken away`() async throws {
        let world = await ready()
        world.dns.setUnknown(World.key(zone, .mx))
        let wish = World.wish(zone, receivesMail: false)
        #expect(try await world.plan(wish).steps.isEmpty)
        #expect(try await world.plan(wish).verdict == .unknown)
    }

    @Test func `enforce waits for evidence, and testing is published until then`() async throws {
        var world = await ready()
        let wish = World.wish(zone, mode: .enforce, maxAge: 86_400, proves: false)
        #expect(await world.apply(wish).map(\.kind) == [.held])
        let body = try #require(world.host.hosted(World.name(zone))?.body)
        #expect(body.contains("mode: testing") && body.contains("max_age: 86400"), "the rest is followed")
        #expect(try await world.plan(wish).findings.map(\.code).contains(.enforceUnproven))
        world.evidence = KnownEvidence(.enough)
        #expect(await world.apply(wish).map(\.kind) == [.applied])
        #expect(world.host.hosted(World.name(zone))?.body.contains("mode: enforce") == true)
        // What enforces goes on, whatever becomes of the evidence.
        world.evidence = KnownEvidence(.missing("a report tells of failures"))
        #expect(try await world.plan(wish).steps.isEmpty)
    }

    @Test func `a milder mode and a shorter max_age say until when senders go by the old one`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        await world.apply(World.wish(zone, mode: .enforce))
        let until = try await world.ledger.now() + 604_800 + 300 + 86_400
        for wish in [World.wish(zone), World.wish(zone, mode: .enforce, maxAge: 86_400)] {
            let note = try await world.plan(wish).findings.first { $0.code == .cacheRemains }
            #expect(note?.message.contains("until \(until)") == true, "\(note?.message ?? "nothing")")
        }
    }

    @Test func `a mail host that a held policy does not list is told with its id and until when`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        let wish = World.wish(zone, mode: .enforce)
        await world.apply(wish)
        let id = try #require(world.host.hosted(World.name(zone))?.id)
        world.mail(zone, ["mx.example.com", "new.example.com"])
        await world.apply(wish)
        world.ledger.advance(3_600)
        await world.apply(wish)
        let until = try await world.ledger.now() + 604_800 + 300 + 86_400
        var finding = try #require(await world.plan(wish).findings.first { $0.code == .mxNotCached })
        #expect(finding.severity == .warning && finding.message.contains("policy \(id) until \(until)"))
        #expect(finding.message.contains("new.example.com"))
        world.mail(zone, ["new.example.com"])
        finding = try #require(await world.plan(wish).findings.first { $0.code == .mxNotCached })
        #expect(finding.severity == .error)
        world.ledger.advance(604_800 + 300 + 86_400)
        #expect(try await !world.plan(wish).findings.contains { $0.code == .mxNotCached })
    }

    @Test func `a zone that only had reports goes with its manifest`() async throws {
        let world = World()
        await world.apply(World.wish(zone, policy: false))
        #expect(world.dns.sets[reports] != nil)
        let gone = ZoneWish(zone: World.name(zone), wish: .gone, digest: "")
        #expect(await world.apply(gone).map(\.kind) == [.applied])
        #expect(world.dns.sets[reports] == nil)
    }

    @Test func `our host turned into somebody's alias is told, not overwritten`() async throws {
        let world = await ready()
        world.dns.remove(host)
        world.alias("mta-sts.example.com", to: "elsewhere.example.net")
        let plan = try await world.plan(World.wish(zone, adopt: true))
        #expect(plan.verdict == .blocked)
        #expect(plan.firstError?.contains("someone replaced our records") == true)
        world.dns.remove(World.key("mta-sts.example.com", .cname))
        #expect(await world.apply(World.wish(zone)).map(\.kind) == [.applied])
        #expect(world.dns.sets[host] != nil)
    }

    @Test func `a step that was begun makes nothing ours but what it was writing`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.fail("write _smtp._tls.example.com", .before)
        #expect(await world.apply(World.wish(zone)).map(\.kind) == [.failed])
        world.text("_smtp._tls.example.com", "v=TLSRPTv1; rua=mailto:theirs@example.org")
        #expect(await world.apply(World.wish(zone)).map(\.kind) == [.blocked])
        #expect(world.dns.sets[reports]?.lines.first?.contains("theirs") == true)
    }

    @Test func `a step that took effect unseen is ours`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.fail("write _smtp._tls.example.com", .after)
        #expect(await world.apply(World.wish(zone)).map(\.kind) == [.failed])
        let other = World.wish(zone, rua: "mailto:elsewhere@example.net")
        #expect(await world.apply(other).map(\.kind) == [.applied])
        #expect(world.dns.sets[reports]?.lines.first?.contains("elsewhere") == true)
    }

    @Test func `without a ledger what is served and announced is no stranger's`() async throws {
        let world = await ready()
        let before = world.dns.sets
        let orphan = world.forgetting()
        let plan = try await orphan.plan(World.wish(zone))
        #expect(plan.verdict == .changes)
        #expect(plan.steps.map(\.resource) == [.policy], "the store alone lost its copy: \(plan.steps.map(\.reason))")
        guard case .policy(let body, _)? = plan.steps.first?.effect else { return }
        #expect(before[record]?.lines.first?.contains("id=\(body.id);") == true)
    }

    @Test func `how a provider alters what it stores makes no change that never goes away`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        // A least TTL of two hours, and TXT in strings of ten octets.
        world.dns.alter { set in
            let data = set.data.map { data -> RecordData in
                guard case .txt(let text) = data else { return data }
                let octets = text.joined
                let strings = stride(from: 0, to: octets.count, by: 10).map {
                    Array(octets[$0..<min($0 + 10, octets.count)])
                }
                return TextData(strings: strings).map { .txt($0) } ?? data
            }
            return RecordSet(key: set.key, ttl: max(set.ttl, 7_200), data: data) ?? set
        }
        #expect(await world.apply(World.wish(zone)).map(\.kind) == [.applied])
        #expect(world.dns.sets[record]?.ttl == 7_200)
        #expect(try await world.plan(World.wish(zone)).verdict == .inSync)
        #expect(await world.apply(World.wish(zone, maxAge: 86_400)).map(\.kind) == [.applied])
        #expect(try await world.plan(World.wish(zone, maxAge: 86_400)).verdict == .inSync)
    }

    @Test func `a lost certificate is drift`() async throws {
        let world = await ready()
        world.host.lose(certificateOf: World.name("mta-sts.example.com"))
        let plan = try await world.plan(World.wish(zone))
        #expect(plan.steps.map(\.resource) == [.certificate])
        #expect(plan.steps.map(\.causes) == [[.drift]])
    }

    @Test func `a manifest that can't be read stops everything but a renewal`() async throws {
        let world = await ready()
        world.dns.remove(reports)
        let wish = ZoneWish(zone: World.name(zone), wish: .unknown, digest: "")
        #expect(try await world.plan(wish).steps.isEmpty)
        world.ledger.advance(80 * 86_400)
        let outcome = await world.apply(wish)[0]
        #expect(outcome.kind == .failed)
        #expect(outcome.stepsDone == 1)
        #expect(outcome.detail.contains("manifest can't be read"))
        #expect(world.host.issued == 2)
        #expect(world.dns.sets[reports] == nil)
    }

    @Test func `an effect that was seen is not made again because its outcome could not be written down`() async throws
    {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        // The call after 'store' is the record of the certificate's outcome.
        world.fail(after: "store mta-sts.example.com", isRetryable: true)
        #expect(await world.apply(World.wish(zone)).map(\.kind) == [.applied])
        #expect(world.host.issued == 1)
    }

    @Test func `a policy that was put and not announced keeps its clock, and so does the announced one`() async throws {
        let world = await ready()
        world.fail("write _mta-sts.example.com", .before)
        #expect(await world.apply(World.wish(zone, maxAge: 86_400)).map(\.kind) == [.failed])
        world.text("_mta-sts.example.com", "v=STSv1; id=evil;")
        // A person is needed, so the record is repaired towards what was applied: the first id.
        world.mail(zone, [])
        #expect(await world.apply(World.wish(zone, maxAge: 86_400)).map(\.kind) == [.blocked])
        let published = try await world.ledger.ledger(of: World.name(zone)).published
        #expect(published.map { $0.announcedAt != nil } == [true, false])
        #expect(published.map(\.replacedAt) == [nil, nil])
    }

    @Test func `a policy's row knows the TTL of its record from the beginning`() async throws {
        let world = World()
        world.mail(zone, ["mx.example.com"])
        world.fail("write _mta-sts.example.com", .before)
        await world.apply(World.wish(zone, ttl: TTLs(mtaSTS: 4_000)))
        #expect(try await world.ledger.ledger(of: World.name(zone)).published.map(\.largestTTL) == [4_000])
    }

    @Test func `mail hosts are remembered with first and last sight`() async throws {
        let world = await ready()
        world.ledger.advance(7_200)
        world.mail(zone, ["mx.example.com", "mx2.example.com"])
        await world.apply(World.wish(zone))
        let seen = try await world.ledger.ledger(of: World.name(zone)).mxSeen
        #expect(seen.map(\.host) == ["mx.example.com", "mx2.example.com"].map(World.name))
        #expect(seen.map { $0.last - $0.first } == [7_200, 0])
    }
}
