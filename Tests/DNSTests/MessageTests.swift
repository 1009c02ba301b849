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
