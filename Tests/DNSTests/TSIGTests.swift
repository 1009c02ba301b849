import DNS
import Testing

/// Vectors computed with dnspython and recomputed by hand (RFC 8945 §4.3, §5.3.1).
@Suite struct TSIGTests {
    private let key: TSIGKey
    private let time: UInt64 = 1_735_689_600
    private let request = """
        123428000001000100020001076578616d706c6503636f6d0000060001085f6d74612d737473c00c0010000100000000000f0e763d53545376313b2069643d31\
        3bc01d001000ff000000000000c01d001000010000012c000f0e763d53545376313b2069643d323b\
        036b6579086365727461646e7304746573740000fa00ff00000000003d0b686d61632d73686132353600000067748580012c0020\
        c3b402f2e71e7c1945765d6b70e5ac98ce2888d81ed6f9e6118d458c1e1a7ff3123400000000
        """
    private let response = """
        1234a8000001000000000001076578616d706c6503636f6d0000060001\
        036b6579086365727461646e7304746573740000fa00ff00000000003d0b686d61632d73686132353600000067748580012c0020\
        07d8b6f48d0954b9fa336f0276c51093925b460387874057060bdd2660c68ffe123400000000
        """

    init() throws {
        key = TSIGKey(name: try DomainName("key.certadns.test."), algorithm: .hmacSHA256, secret: Array(0..<32))
    }

    private func update() throws -> UpdateMessage {
        let zone = try DomainName("example.com")
        let record = RecordKey(name: try DomainName("_mta-sts.example.com"), type: .txt)
        let old = try #require(RecordSet(key: record, ttl: 60, data: [.txt(TextData("v=STSv1; id=1;"))]))
        let new = try #require(RecordSet(key: record, ttl: 300, data: [.txt(TextData("v=STSv1; id=2;"))]))
        return UpdateMessage(
            zone: zone, prerequisites: [.exists(exactly: old)], updates: [.deleteSet(record), .add(new)])
    }

    @Test func `a signed update has the octets of the vector`() throws {
        let message = try update().message(id: 0x1234).encoded()
        let signed = try TSIG.sign(message, key: key, time: time)
        #expect(hex(signed.octets) == request)
    }

    @Test func `hmac-sha512 gives the octets that dnspython gives`() throws {
        let long = TSIGKey(name: key.name, algorithm: .hmacSHA512, secret: Array(0..<32))
        let mac = try TSIG.sign(try update().message(id: 0x1234).encoded(), key: long, time: time).mac
        #expect(
            hex(mac) == """
                4e1ae6cdb0a48a7f05e2ee7957184b35df19b9fe297615016e70bee1e9bd5bc4\
                e32271db9c6d3f4f4e14ec98fdf756746ac715cf4f810b2e17709c1bca2c0fd2
                """)
    }

    @Test func `the vector's answer verifies`() throws {
        let mac = try TSIG.sign(try update().message(id: 0x1234).encoded(), key: key, time: time).mac
        var verifier = TSIGVerifier(key: key, requestMAC: mac, now: time + 10)
        let message = try Message(decoding: try verifier.next(octets(response)))
        #expect(message.flags.rcode == .noError)
        try verifier.finish()
    }

    @Test func `one changed octet anywhere spoils the answer`() throws {
        let mac = try TSIG.sign(try update().message(id: 0x1234).encoded(), key: key, time: time).mac
        let good = octets(response)
        for index in good.indices {
            var bad = good
            bad[index] ^= 1
            var verifier = TSIGVerifier(key: key, requestMAC: mac, now: time)
            // The message's own id is not digested: the original id is (RFC 8945 §4.3.1).
            if index < 2 { continue }
            #expect(throws: TSIGError.self, "octet \(index)") { try verifier.next(bad) }
        }
    }

    /// Four messages of one answer from dnspython; the first and the last are signed (RFC 8945 §5.3.1).
    private let several = [
        "123484000000000100000001026e30017800001000010000000100020130036b6579086365727461646e730474"
            + "6573740000fa00ff00000000003d0b686d61632d73686132353600000067748580012c0020a1a52ab878aa0778"
            + "f6ef7d2ececdabff6bcb583978825f3a8dffe0a2ccace5a1123400000000",
        "123484000000000100000000026e31017800001000010000000100020131",
        "123484000000000100000000026e32017800001000010000000100020132",
        "123484000000000100000001026e33017800001000010000000100020133036b6579086365727461646e730474"
            + "6573740000fa00ff00000000003d0b686d61632d73686132353600000067748580012c0020dd6b2b3298551af1"
            + "8a4a99c97f567436cc69ce575a4260e8f011307f60e504a7123400000000",
    ]

    @Test func `the unsigned messages of a transfer count when the next signature covers them`() throws {
        let messages = several.map(octets)
        var verifier = TSIGVerifier(key: key, requestMAC: Array(0..<32), now: time)
        for message in messages { _ = try verifier.next(message) }
        try verifier.finish()
        var cut = TSIGVerifier(key: key, requestMAC: Array(0..<32), now: time)
        for message in messages.dropLast() { _ = try cut.next(message) }
        #expect(throws: TSIGError.unsignedTransfer) { try cut.finish() }
        for spoiled in [1, 2] {
            var verifier = TSIGVerifier(key: key, requestMAC: Array(0..<32), now: time)
            var bad = messages
            bad[spoiled][bad[spoiled].count - 1] ^= 1
            for message in bad.dropLast() { _ = try verifier.next(message) }
            #expect(throws: TSIGError.badSignature) { try verifier.next(bad[3]) }
        }
    }

    @Test func `a clock that is off is told with the difference`() throws {
        let mac = try TSIG.sign(try update().message(id: 0x1234).encoded(), key: key, time: time).mac
        var verifier = TSIGVerifier(key: key, requestMAC: mac, now: time + 1_200)
        #expect(throws: TSIGError.badTime(server: time, ours: time + 1_200)) { try verifier.next(octets(response)) }
        #expect("\(TSIGError.badTime(server: time, ours: time + 1_200))".contains("1200 seconds"))
    }

    @Test func `an unsigned answer is refused`() throws {
        var verifier = TSIGVerifier(key: key, requestMAC: [], now: time)
        var message = Message(id: 1)
        message.flags.isResponse = true
        let octets = try message.encoded()
        #expect(throws: TSIGError.unsigned) { try verifier.next(octets) }
    }

    @Test func `a key prints no secret`() {
        var dumped = ""
        dump(key, to: &dumped)
        #expect("\(key)" == "TSIG key key.certadns.test (hmac-sha256)")
        #expect(!dumped.contains("SymmetricKey"))
    }

    private func hex(_ octets: [UInt8]) -> String {
        octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func octets(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
    }
}
