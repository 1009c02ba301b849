import DNS
import MTASTS
import Planning
import TLSRPT
import Testing

/// What an import makes of what is live, and what it says that it could not say.
@Suite struct ImportTests {
    private let zone: DomainName

    init() throws { zone = try DomainName("example.com") }

    private static let policy = "version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\nmax_age: 604800\r\n"

    private func live(
        sts: [String] = ["v=STSv1; id=20200101;"], rpt: [String] = ["v=TLSRPTv1;rua=mailto:a@example.com"],
        body: String? = policy, mx: String? = "mx.example.com"
    ) throws -> LiveZone {
        var live = LiveZone(zone: zone)
        for key in Owned.keys(of: zone) { live.records[key] = .absent(.plain) }
        for (name, texts) in [("_mta-sts.example.com", sts), ("_smtp._tls.example.com", rpt)] {
            let key = RecordKey(name: try DomainName(name), type: .txt)
            let data = texts.map { RecordData.txt(TextData($0)) }
            live.seen[key] = data.isEmpty ? .absent(.plain) : .value(data)
            if let set = RecordSet(key: key, ttl: 60, data: data) { live.records[key] = .value(set) }
        }
        live.policy =
            body.map { .value([PolicyLook(address: "192.0.2.1:443", answer: .served($0))]) } ?? .absent(.plain)
        live.mx =
            try mx.map {
                .value([LiveMX(preference: 10, host: try DomainName($0), target: .addresses([]))])
            } ?? .absent(.plain)
        return live
    }

    private func alias(_ name: String, to target: String, in live: inout LiveZone) throws {
        let key = RecordKey(name: try DomainName(name), type: .cname)
        let set = try #require(RecordSet(key: key, ttl: 60, data: [.cname(try DomainName(target))]))
        live.records[key] = .value(set)
        live.aliases[key.name] = .value(try DomainName(target))
    }

    @Test func `a policy that lists the mail hosts follows them, and what stands there is adopted`() throws {
        let found = try Import.read(try live(), delegation: nil)
        #expect(
            found.mtaSTS
                == MTASTSDesire(mode: .enforce, mx: .derived(also: []), maxAge: try #require(MaxAge(seconds: 604_800))))
        #expect(found.rua.map(\.text) == ["mailto:a@example.com"])
        #expect(found.adopts && found.receivesMail && !found.isDelegated && found.notes.isEmpty)
    }

    @Test func `a policy that lists others lists them in the manifest, and says so`() throws {
        let body = Self.policy.replacing("mx: mx.example.com", with: "mx: *.example.net\r\nx-other: 1")
            .replacing("604800", with: "31557600")
        let found = try Import.read(try live(body: body), delegation: nil)
        #expect(found.mtaSTS?.mx == .patterns([try MXPattern(parsing: "*.example.net")]))
        #expect(found.needsAgeWaiver)
        #expect(found.notes.count == 3, "\(found.notes)")
        #expect(found.notes.contains { $0.contains("x-other") })
    }

    @Test func `what senders do not see is left out, and told`() throws {
        for texts in [["v=STSv1; id=a;", "v=STSv1; id=b;"], ["v=STSv1; id=;"], []] {
            let found = try Import.read(try live(sts: texts), delegation: nil)
            #expect(found.mtaSTS == nil && found.notes.count == 1, "\(texts)")
        }
        let rpt = [
            "v=TLSRPTv1; rua=mailto:a@example.com", "v=TLSRPTv1; rua=mailto:b@example.com,mailto:c@example.com?x",
        ]
        let found = try Import.read(try live(rpt: rpt), delegation: nil)
        #expect(found.rua.map(\.text) == ["mailto:a@example.com", "mailto:b@example.com"])
        #expect(found.notes.count == 2, "\(found.notes)")
    }

    @Test func `who holds a name by an alias is named, and the zone is not imported`() throws {
        for name in ["_mta-sts.example.com", "mta-sts.example.com"] {
            var live = try live()
            try alias(name, to: "x.mta-sts.easydmarc.pro", in: &live)
            let refusal = #expect(throws: ImportRefusal.self) { try Import.read(live, delegation: nil) }
            #expect(refusal?.message.contains("EasyDMARC") == true)
        }
        var live = try live()
        try alias("_smtp._tls.example.com", to: "x.uriports.com", in: &live)
        let found = try Import.read(live, delegation: nil)
        #expect(found.rua.isEmpty && found.notes.first?.contains("URIports") == true)
    }

    @Test func `a zone whose owner made aliases of ours is delegated`() throws {
        let delegation = Delegation(
            zone: try DomainName("hosting.example"), host: try DomainName("policy.hosting.example"), provesByDNS: false)
        var live = try live()
        for key in live.records.keys { live.records[key] = nil }
        let ours = try #require(delegation.owner(of: .mtaSTSRecord, zone: zone))
        live.aliases[try DomainName("_mta-sts.example.com")] = .value(ours)
        let found = try Import.read(live, delegation: delegation)
        #expect(found.isDelegated && !found.adopts && found.mtaSTS != nil)
    }

    @Test func `what can't be read, or is not there, is not imported`() throws {
        var unread = try live()
        unread.records[RecordKey(name: try DomainName("mta-sts.example.com"), type: .a)] = .unknown(Unknown("SERVFAIL"))
        for live in [unread, try live(body: nil), try live(body: "no policy"), try live(sts: [], rpt: [], body: nil)] {
            #expect(throws: ImportRefusal.self) { try Import.read(live, delegation: nil) }
        }
        let none = try Import.read(try live(sts: [], rpt: [], body: nil, mx: "."), delegation: nil)
        #expect(!none.receivesMail && none.notes.isEmpty)
    }

    @Test func `what a domain without mail publishes is left out, and each part told`() throws {
        let found = try Import.read(try live(mx: "."), delegation: nil)
        #expect(!found.receivesMail && found.mtaSTS != nil)
        for words in ["follow nothing", "the policy that senders get", "the TLS-RPT record", "not taken over"] {
            #expect(found.notes.count { $0.contains(words) } == 1, "\(words): \(found.notes)")
        }
    }
}
