import DNS
import Testing

/// RFC 4592's own example zone (§2.2.1), and who answers for what in it (§2.2.1, §3.3.1).
@Suite struct ZoneTreeTests {
    private let tree: ZoneTree

    private static let text = """
        $ORIGIN example.
        $TTL 3600
        @ SOA ns.example.com. hostmaster 1 2 3 4 5
        @ NS ns.example.com.
        *.example. TXT "this is a wildcard"
        *.example. MX 10 host1.example.
        sub.*.example. TXT "this is not a wildcard"
        host1.example. A 192.0.2.1
        _ssh._tcp.host1.example. TXT "srv"
        _ssh._tcp.host2.example. TXT "srv"
        subdel.example. NS ns.example.com.

        """

    init() throws {
        let apex = try DomainName("example")
        tree = ZoneTree(apex: apex, sets: try MasterFile(parsing: Array(Self.text.utf8), origin: apex).recordSets)
    }

    @Test(arguments: [
        ("host3.example", "*.example"), ("foo.bar.example", "*.example"), ("host1.example", "host1.example"),
        ("host2.example", "host2.example"), ("_tcp.host2.example", "_tcp.host2.example"),
        ("_telnet._tcp.host1.example", nil),
        ("sub.*.example", "sub.*.example"), ("ghost.*.example", nil), ("example", "example"),
        ("HOST1.Example", "host1.example"),
    ])
    func `a name answers for itself, else the wildcard at its closest encloser`(name: String, source: String?) throws {
        #expect(try tree.source(of: DomainName(name)) == source.map { try DomainName($0) })
    }

    @Test(arguments: [
        ("host.subdel.example", "subdel.example"), ("subdel.example", "subdel.example"), ("host1.example", nil),
        ("example", nil),
    ])
    func `what lies below a delegation belongs to it`(name: String, child: String?) throws {
        #expect(try tree.delegation(above: DomainName(name)) == child.map { try DomainName($0) })
    }
}
