import DNS
import Testing

@Suite struct MasterFileTests {
    private let text = """
        ; the zone of a mail domain
        $ORIGIN example.com.
        $TTL 1h
        @\tIN SOA ns1 hostmaster ( 2026010199 ; serial
            7200 3600 2w 300 )
        \tNS ns1
        \tMX 10 mx1 ; the first
        ns1 A 192.0.2.1
        mx1 300 IN A 192.0.2.2
            AAAA 2001:db8::2
        _mta-sts TXT "v=STSv1; id=1;"
        \tTXT ( "another" "value" )
        x\\.y TXT "a \\"quoted\\" \\\\ \\255"
        """

    private func parse(_ text: String) throws -> MasterFile {
        try MasterFile(parsing: Array(text.utf8), origin: try DomainName("example.com"))
    }

    private func key(_ name: String, _ type: RecordType) throws -> RecordKey {
        RecordKey(name: try DomainName(name), type: type)
    }

    @Test func `owners, times and parentheses are read as RFC 1035 has them`() throws {
        let sets = try parse(text).recordSets
        #expect(sets[try key("example.com", .mx)]?.lines == ["example.com. 3600 IN MX 10 mx1.example.com."])
        #expect(sets[try key("mx1.example.com", .aaaa)]?.lines == ["mx1.example.com. 3600 IN AAAA 2001:db8::2"])
        #expect(sets[try key("mx1.example.com", .a)]?.ttl == 300)
        #expect(sets[try key("_mta-sts.example.com", .txt)]?.data.count == 2)
        #expect(sets[try key("x\\.y.example.com", .txt)]?.data.first?.description == "\"a \\\"quoted\\\" \\\\ \\255\"")
    }

    @Test func `a change touches the record set and the serial, and nothing else`() throws {
        let file = try parse(text)
        let owner = try key("_mta-sts.example.com", .txt)
        let new = try #require(RecordSet(key: owner, ttl: 300, data: [.txt(TextData("v=STSv1; id=2;"))]))
        let edited = String(decoding: try file.replacing([owner], with: [new]), as: UTF8.self)
        let expected = text.replacing("2026010199", with: "2026010200")
            .replacing(
                "_mta-sts TXT \"v=STSv1; id=1;\"\n\tTXT ( \"another\" \"value\" )\n",
                with: "_mta-sts.example.com. 300 IN TXT \"v=STSv1; id=2;\"\n")
        #expect(edited == expected)
        #expect(try parse(edited).recordSets[owner] == new)
    }

    @Test func `a record that took its owner from a removed line keeps it`() throws {
        let file = try parse(text)
        let owner = try key("mx1.example.com", .a)
        let edited = try parse(String(decoding: try file.replacing([owner], with: []), as: UTF8.self))
        #expect(edited.recordSets[owner] == nil)
        #expect(
            edited.recordSets[try key("mx1.example.com", .aaaa)] == file.recordSets[try key("mx1.example.com", .aaaa)])
    }

    @Test func `the serial wraps as RFC 1982 has it`() throws {
        let file = try parse(text.replacing("2026010199", with: "4294967295"))
        let owner = try key("new.example.com", .txt)
        let set = try #require(RecordSet(key: owner, ttl: 1, data: [.txt(TextData(""))]))
        #expect(String(decoding: try file.replacing([owner], with: [set]), as: UTF8.self).contains("( 0 ;"))
    }

    @Test(arguments: [
        ("@ IN SOA a b ( 1 2 3 4 5", 1, "a '(' without its ')'"), ("x A 1.2.3", 1, "A data want an IPv4 address here"),
        ("x TXT \"open", 1, "a quoted string does not end"),
        ("\n\nx BOGUS 1", 3, "'BOGUS' is neither a type, a class IN nor a TTL"),
        (" A 192.0.2.1", 1, "the first record has no owner"), ("$FOO 1", 1, "'$FOO' is no directive that is known"),
    ])
    func `a broken file names its line`(text: String, line: Int, words: String) throws {
        #expect { try parse(text) } throws: { error in
            (error as? MasterFileError).map { $0.line == line && $0.words == words } ?? false
        }
    }

    @Test func `types that we have no grammar for are kept by their text, and beside them ours are still editable`()
        throws
    {
        let foreign = ##"""
            www HTTPS 1 . alpn="h2,h3" ; a comment
            www SSHFP 4 2 ( 123456789abcdef67890123456789abcdef67890
                123456789abcdef123456789 )
            host HINFO "PC-Intel" "Debian 12"
                LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
            @ NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .
            @ CDS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118
            _sip._tcp SRV 0 5 5060 host
            1 PTR host.example.com.
            x TYPE65280 \# 2 0001

            """##
        let text = text + "\n" + foreign
        let file = try parse(text)
        #expect(
            file.recordSets[try key("host.example.com", .init(rawValue: 13))]?.data
                == [.opaque(RecordType(rawValue: 13), #""PC-Intel" "Debian 12""#)])
        #expect(
            file.recordSets[try key("_sip._tcp.example.com", .srv)]?.lines == [
                "_sip._tcp.example.com. 3600 IN SRV 0 5 5060 host.example.com."
            ])
        let owner = try key("_mta-sts.example.com", .txt)
        let new = try #require(RecordSet(key: owner, ttl: 300, data: [.txt(TextData("v=STSv1; id=2;"))]))
        let edited = String(decoding: try file.replacing([owner], with: [new]), as: UTF8.self)
        #expect(edited.hasSuffix(foreign))
        #expect(try parse(edited).recordSets[owner] == new)
    }

    @Test(arguments: [
        "HTTPS", "SVCB", "SSHFP", "HINFO", "NAPTR", "CDNSKEY", "OPENPGPKEY", "ZONEMD", "URI", "SPF", "dname",
    ])
    func `a mnemonic of IANA's table and its number are one type`(name: String) throws {
        let type = try #require(RecordType(name: name))
        #expect(type.description == name.uppercased())
        #expect(RecordType(name: "TYPE\(type.rawValue)") == type)
    }

    @Test func `what is known by its text alone is never put on the wire`() throws {
        let record = ResourceRecord(
            name: try DomainName("a.test"), ttl: 1, data: .opaque(RecordType(rawValue: 65), "1 ."))
        let message = Message(id: 1, answers: [WireRecord(record)])
        #expect { try message.encoded() } throws: { ($0 as? WireError)?.defect == .notEncodable }
    }
}
