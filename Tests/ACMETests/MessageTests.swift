import Foundation
import NIOHTTP1
import Planning
import Testing

@testable import ACME

/// The pure parts, against the RFCs' own vectors.
@Suite struct MessageTests {
    @Test func `a dns-01 value is the digest of token and thumbprint`() {
        let authorization =
            "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA.NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        #expect(DNS01.value(of: authorization) == "ZTRx1Ckl1-tM05o5zaizTTA0yUy5AGereMgSNWC6Ll8")
    }

    @Test(
        arguments: [("", []), ("AA", [0]), ("AP-_", [0, 255, 191]), ("aYhba4dGQEHhs3uEe6CuLN4ByNQ", nil)]
            as [(String, [UInt8]?)])
    func `base64url goes both ways, with and without padding`(text: String, octets: [UInt8]?) {
        let decoded = Base64URL.decode(text)
        if let octets { #expect(decoded == octets) }
        #expect(decoded.map { Base64URL.encode($0) } == text)
        #expect(Base64URL.decode(text + String(repeating: "=", count: (4 - text.count % 4) % 4)) == decoded)
    }

    @Test(arguments: ["a b", "ä", "*"])
    func `what is no base64url is nothing`(text: String) { #expect(Base64URL.decode(text) == nil) }

    @Test(arguments: [
        ("evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA", true), ("short", false),
        ("../../etc/passwd-and-so-on-and-on", false),
        (String(repeating: "a", count: 129), false),
    ])
    func `a token is base64url before it becomes a path or a name`(token: String, isFine: Bool) throws {
        let json = #"{"type": "http-01", "url": "https://ca.example/1", "status": "pending", "token": "\#(token)"}"#
        let challenge = try JSONDecoder().decode(Challenge.self, from: Data(json.utf8))
        #expect((challenge.checkedToken == token) == isFine)
    }

    @Test func `a problem is told whole, with its subproblems, and without control characters`() throws {
        let json = """
            {"type": "urn:ietf:params:acme:error:compound", "detail": "two\\u001b[31m names", "subproblems": [
            {"type": "urn:ietf:params:acme:error:caa", "detail": "no", "identifier": {"type": "dns", "value": "a.example"}},
            {"type": "urn:ca.example:policy", "detail": "never"}, {}]}
            """
        let problem = try JSONDecoder().decode(Problem.self, from: Data(json.utf8))
        #expect(
            "\(problem)" == "compound: two [31m names (a.example: caa: no; urn:ca.example:policy: never; no detail)")
    }

    @Test(
        arguments: [
            ("120", 120), ("0", 0), ("-5", 0), ("99999999", 864_000), ("Thu, 01 Jan 2026 00:01:00 GMT", 60),
            ("soon", nil),
        ] as [(String, Int?)])
    func `Retry-After is understood in both forms, within bounds`(text: String, seconds: Int?) {
        let answer = ACMEAnswer(url: "u", status: 429, headers: ["Retry-After": text], body: Data())
        #expect(answer.retryAfter(now: Date(timeIntervalSince1970: 1_767_225_600)) == seconds)
    }

    @Test func `other chains are found among the links`() {
        let answer = ACMEAnswer(
            url: "u", status: 200,
            headers: [
                "Link": #"<https://ca.example/dir>;rel="index", <https://ca.example/cert/1/1>;rel="alternate""#
            ], body: Data())
        #expect(answer.alternates == ["https://ca.example/cert/1/1"])
    }

    @Test(
        arguments: [
            (0, nil, .wait(100)), (1_000, nil, .wait(250)), (80_000, nil, .wait(10_000)), (0, 3, .wait(3_000)),
            (0, 0, .wait(1_000)), (0, 170, .wait(170_000)), (20_000, 170, .later(170)), (0, 900, .later(900)),
            (179_000, 60, .wait(60_000)), (180_000, 3, .over), (180_000, nil, .over),
        ] as [(Int, Int?, Poll.Step)])
    func `a CA is asked again when it says, else ever more seldom, and by a later run where this one ends before`(
        waited: Int, asked: Int?, step: Poll.Step
    ) {
        #expect(Poll(what: "order", patience: 180).step(after: waited, asked: asked) == step)
    }
}
