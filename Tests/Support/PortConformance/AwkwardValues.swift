import DNS

/// One record set that providers and their protocols like to change on the way.
package struct AwkwardValue: Sendable {
    /// What is awkward about it.
    package let name: String
    /// The owner, below the zone.
    let owner: String
    let ttl: UInt32
    let data: [RecordData]

    private init(_ name: String, owner: String = "awkward", ttl: UInt32 = 300, _ data: [RecordData?]) {
        self.name = name
        self.owner = owner
        self.ttl = ttl
        self.data = data.compactMap(\.self)
    }

    private static func txt(_ strings: [UInt8]...) -> RecordData? { TextData(strings: strings).map { .txt($0) } }
    private static func txt(_ text: String) -> RecordData { .txt(TextData(text)) }

    private static func x(_ count: Int) -> [UInt8] { Array(repeating: UInt8(ascii: "x"), count: count) }

    /// The table.
    package static let all: [AwkwardValue] = [
        AwkwardValue("no octet", [txt([])]),
        AwkwardValue("255 octets", [txt(x(255))]),
        AwkwardValue("256 octets in two strings", [txt(x(255), x(1))]),
        AwkwardValue("600 octets in three strings", [txt(x(255), x(255), x(90))]),
        AwkwardValue("two strings", [txt(Array("v=STSv1; ".utf8), Array("id=1;".utf8))]),
        AwkwardValue("the same in one string", [txt("v=STSv1; id=1;")]),
        AwkwardValue("quotes", [txt(#"say "ah""#), txt(#"""#)]),
        AwkwardValue("backslashes", [txt(#"a\b"#), txt(#"\"#), txt(#"\032"#)]),
        AwkwardValue("semicolons", [txt(";"), txt("a; b;")]),
        AwkwardValue("blanks and parentheses", [txt(" a  b "), txt("( )"), txt("\t")]),
        AwkwardValue("octets over 127", [txt([0x80, 0xff, 0xc3, 0xa4])]),
        AwkwardValue("octets under 32", [txt([0, 1, 10, 13, 31, 127])]),
        AwkwardValue("values that differ in case", [txt("Policy"), txt("policy"), txt("POLICY")]),
        AwkwardValue("TTL 0", ttl: 0, [txt("ttl")]),
        AwkwardValue("TTL 1", ttl: 1, [txt("ttl")]),
        AwkwardValue("the largest TTL", ttl: 2_147_483_647, [txt("ttl")]),
        AwkwardValue("an escaped dot", owner: #"a\.b.awkward"#, [txt("dot")]),
        AwkwardValue("a blank in the name", owner: #"a\032b.awkward"#, [txt("blank")]),
        AwkwardValue("an upper-case name", owner: "AWKWARD.UpPer", [txt("name")]),
        AwkwardValue("a name of 63 octets", owner: String(repeating: "n", count: 63), [txt("long")]),
        AwkwardValue("a CNAME", [(try? DomainName("policy.example.net")).map { .cname($0) }]),
        AwkwardValue("40 values", (0..<40).map { txt("value \($0)") }),
        AwkwardValue("40 addresses", (0..<40).map { IPv4Address("192.0.2.\($0)").map { .a($0) } }),
        AwkwardValue("an IPv6 address", [IPv6Address("2001:db8::1").map { .aaaa($0) }]),
        AwkwardValue("an unknown type", [.unknown(RecordType(rawValue: 65_280), [0, 255, 34, 92])]),
    ]

    /// As a record set of `zone`.
    func set(in zone: DomainName) throws -> RecordSet {
        let name = try DomainName("\(owner).\(zone)")
        guard let type = data.first?.type,
            let set = RecordSet(key: RecordKey(name: name, type: type), ttl: ttl, data: data)
        else { throw CancellationError() }
        return set
    }
}
