import DNS
import Properties
import Testing

@Suite struct DomainNameTests {
    @Test func `case does not count, but is kept`() throws {
        let name = try DomainName("MX1.Example.COM.")
        #expect(name == (try DomainName("mx1.example.com")))
        #expect(name.hashValue == (try DomainName("mx1.example.com")).hashValue)
        #expect("\(name)" == "MX1.Example.COM")
        #expect(name.absolute == "MX1.Example.COM.")
    }

    @Test func `escapes are octets of a label`() throws {
        let name = try DomainName("a\\.b.c\\032d.example")
        #expect(name.labels.count == 3)
        #expect("\(name)" == "a\\.b.c\\032d.example")
        #expect(try DomainName("\(name)") == name)
    }

    @Test(arguments: [
        ("", DomainNameError.empty), ("a..b", .emptyLabel), (".a", .emptyLabel), ("a\\25", .badEscape),
        ("a\\256", .badEscape),
        ("b\u{fc}cher.example", .notASCII("b\u{fc}cher.example")), ("a b", .badCharacter("a b")),
    ])
    func `what is no name says why`(text: String, error: DomainNameError) {
        #expect(throws: error) { try DomainName(text) }
    }

    @Test func `the limits are 63 and 255 octets`() throws {
        let label = String(repeating: "a", count: 63)
        #expect((try? DomainName(label)) != nil)
        #expect((try? DomainName(label + "a")) == nil)
        let long = [label, label, label, String(repeating: "a", count: 61)].joined(separator: ".")
        #expect((try? DomainName(long)) != nil)
        #expect((try? DomainName(long + "a")) == nil)
    }

    @Test func `below means whole labels`() throws {
        let zone = try DomainName("example.com")
        #expect(try DomainName("a.EXAMPLE.com").isSame(orBelow: zone))
        #expect(zone.isSame(orBelow: zone))
        #expect(!(try DomainName("aexample.com").isSame(orBelow: zone)))
        #expect(!(try DomainName("com").isSame(orBelow: zone)))
    }
}

@Suite struct MessageTests {
    @Test(arguments: 0..<300)
    func `random messages read back equal`(seed: UInt64) throws {
        var random = Seeded(seed)
        let message = RandomMessage.make(&random)
        let octets = try message.encoded()
        #expect(try Message(decoding: octets) == message, "seed \(seed)")
    }

    @Test(arguments: 0..<300)
    func `broken messages give an error or a message, never a trap`(seed: UInt64) throws {
        var random = Seeded(seed)
        var octets = try RandomMessage.make(&random).encoded()
        for _ in 0..<Int.random(in: 1...8, using: &random) where !octets.isEmpty {
            octets[Int.random(in: octets.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        octets = Array(octets.prefix(Int.random(in: 0...octets.count, using: &random)))
        if let message = try? Message(decoding: octets) { #expect(message.questions.count <= 65_535) }
        _ = try? TSIGVerifierProbe.next(octets)
    }

    @Test func `compression pointers that lead forward or in a circle are refused`() {
        let header: [UInt8] = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        for tail: [UInt8] in [[0xc0, 0x0c, 0, 1, 0, 1], [0xc0, 0x0e, 0, 1, 0, 1], [1, 0x61, 0xc0, 0x0c, 0, 1, 0, 1]] {
            #expect(throws: WireError.self) { try Message(decoding: header + tail) }
        }
    }

    @Test func `an address prints as RFC 5952 wants it`() {
        for (text, shown) in [
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("::", "::"), ("::ffff:192.0.2.1", "::ffff:c000:201"),
            ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ] {
            #expect(IPv6Address(text)?.description == shown)
        }
        for bad in ["1:2:3", "::1::", "12345::", "1:2:3:4:5:6:7:8:9", ":::", "::+1"] {
            #expect(IPv6Address(bad) == nil, "\(bad)")
        }
        for bad in ["1.2.3", "01.2.3.4", "256.1.1.1", "1.2.3.4.5"] { #expect(IPv4Address(bad) == nil, "\(bad)") }
    }
}

enum TSIGVerifierProbe {
    static func next(_ octets: [UInt8]) throws -> [UInt8] {
        let key = TSIGKey(name: try DomainName("k"), algorithm: .hmacSHA512, secret: [1])
        var verifier = TSIGVerifier(key: key, requestMAC: [], now: 0)
        return try verifier.next(octets)
    }
}

enum RandomMessage {
    static func make(_ random: inout Seeded) -> Message {
        var message = Message(id: UInt16.random(in: 0 ... .max, using: &random))
        message.flags.isResponse = .random(using: &random)
        message.flags.isAuthoritative = .random(using: &random)
        message.flags.rcode = ResponseCode(rawValue: UInt16.random(in: 0...10, using: &random))
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            message.questions.append(Message.Question(name(&random), .txt))
        }
        for _ in 0..<Int.random(in: 0...6, using: &random) { message.answers.append(record(&random)) }
        for _ in 0..<Int.random(in: 0...3, using: &random) { message.authorities.append(record(&random)) }
        if Bool.random(using: &random) { message.edns = Message.EDNS(payload: 1232) }
        return message
    }

    private static func name(_ random: inout Seeded) -> DomainName {
        let labels = (0..<Int.random(in: 0...4, using: &random)).map { _ in
            ["a", "mx", "example", "COM", "_mta-sts", "x.y"].randomElement(using: &random).map { Array($0.utf8) } ?? [
                0x61
            ]
        }
        return (try? DomainName(labels: labels)) ?? .root
    }

    private static func record(_ random: inout Seeded) -> WireRecord {
        let octets = (0..<Int.random(in: 1...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        let data: RecordData =
            switch Int.random(in: 0..<7, using: &random) {
            case 0: .mx(MX(preference: 10, exchange: name(&random)))
            case 1: .cname(name(&random))
            case 2: .txt(TextData(String(repeating: "x", count: Int.random(in: 0...600, using: &random))))
            case 3: .tlsa(TLSA(usage: 3, selector: 1, matching: 1, association: octets))
            case 4: CAA(flags: 0, tag: "issue", value: octets).map { .caa($0) } ?? .ns(.root)
            case 5:
                IPAddress("2001:db8::1").map {
                    if case .v6(let address) = $0 { RecordData.aaaa(address) } else { .ns(.root) }
                } ?? .ns(.root)
            default: .unknown(RecordType(rawValue: 65_280), octets)
            }
        return WireRecord(
            ResourceRecord(name: name(&random), ttl: UInt32.random(in: 0...86_400, using: &random), data: data))
    }
}
