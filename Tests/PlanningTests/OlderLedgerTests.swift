import DNS
import FoundationEssentials
import Planning
import Testing

/// Ledgers that an earlier version wrote down, or sends, are read as they were meant.
@Suite struct OlderLedgerTests {
    private static func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    @Test func `a ledger from before people and limits steered it is read`() throws {
        let text = """
            {"applied":{"host":[],"mtaSTS":[],"tlsRPT":[]},"intents":[],"issuance":{"challenges":[]},"mxSeen":[],\
            "published":[{"bodyDigest":"ab","counter":1,"id":"1x0123456789abcdef","intentAt":"2027-01-15T08:00:00Z","largestTTL":300,\
            "maxAge":86400,"mode":"testing","mx":["mx.example.com"]}],"zone":"example.com"}
            """
        let ledger = try Self.decode(ZoneLedger.self, text)
        #expect(ledger.zone == (try DomainName("example.com")) && ledger.published.map(\.counter) == [1])
        #expect(ledger.steering == Steering() && ledger.formerHosts.isEmpty && ledger.source == nil)
    }

    @Test func `what is written is read back, and an event from before it carried more`() throws {
        var ledger = ZoneLedger(zone: try DomainName("example.com"))
        ledger.steering.released = "digest"
        ledger.steering.home = [try DomainName("ns.example.net")]
        let octets = try JSONEncoder().encode(ledger)
        #expect(try JSONDecoder().decode(ZoneLedger.self, from: octets) == ledger)
        #expect(try Self.decode(Steering.self, "{}") == Steering())
        #expect(try Self.decode(LedgerEvent.self, #"{"released":{}}"#) == .released(manifest: nil))
    }
}
