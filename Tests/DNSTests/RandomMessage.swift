import DNS
import Properties

/// Messages of every kind that the codec writes: answers with each type of data, updates, and extended response codes.
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
        if Bool.random(using: &random) { extend(&message, &random) }
        return message
    }

    /// An update (RFC 2136): a zone, each form of prerequisite, each form of change.
    static func update(_ random: inout Seeded) -> Message {
        var message = Message(id: UInt16.random(in: 0 ... .max, using: &random))
        message.flags.opcode = 5
        message.questions = [Message.Question(name(&random), .soa)]
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            message.answers.append(record(&random, [.whole, .bare, .absent]))
        }
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            message.authorities.append(record(&random, [.whole, .bare, .taken]))
        }
        return message
    }

    /// With EDNS, under which a response code has twelve bits (RFC 6891 §6.1.3).
    private static func extend(_ message: inout Message, _ random: inout Seeded) {
        var edns = Message.EDNS(payload: UInt16.random(in: 512...4096, using: &random))
        edns.dnssecOK = .random(using: &random)
        let rcode = UInt16.random(in: 0...4095, using: &random)
        message.flags.rcode = ResponseCode(rawValue: rcode)
        edns.extendedRcode = UInt8(rcode >> 4)
        message.edns = edns
    }

    /// What a record says in an update by its class: IN as it is, ANY without data, NONE with or without.
    private enum Form {
        case whole, bare, absent, taken
    }

    private static func record(_ random: inout Seeded, _ forms: [Form]) -> WireRecord {
        let whole = record(&random)
        switch forms.randomElement(using: &random) ?? .whole {
        case .whole: return whole
        case .bare: return WireRecord(name: whole.name, type: whole.type, recordClass: 255, ttl: 0, data: nil)
        case .absent: return WireRecord(name: whole.name, type: whole.type, recordClass: 254, ttl: 0, data: nil)
        case .taken: return WireRecord(name: whole.name, type: whole.type, recordClass: 254, ttl: 0, data: whole.data)
        }
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
            switch Int.random(in: 0..<9, using: &random) {
            case 0: .mx(MX(preference: 10, exchange: name(&random)))
            case 1: .cname(name(&random))
            case 2: .txt(TextData(String(repeating: "x", count: Int.random(in: 0...600, using: &random))))
            case 3: .tlsa(TLSA(usage: 3, selector: 1, matching: 1, association: octets))
            case 4: CAA(flags: 0, tag: "issue", value: octets).map { .caa($0) } ?? .ns(.root)
            case 5:
                IPAddress("2001:db8::1").map {
                    if case .v6(let address) = $0 { RecordData.aaaa(address) } else { .ns(.root) }
                } ?? .ns(.root)
            case 6:
                IPv4Address(octets: (0..<4).map { _ in UInt8.random(in: 0...255, using: &random) }).map { .a($0) }
                    ?? .ns(.root)
            case 7:
                .soa(
                    SOA(
                        mname: name(&random), rname: name(&random),
                        serial: UInt32.random(in: 0 ... .max, using: &random),
                        refresh: 7_200, retry: 900, expire: 1_209_600,
                        minimum: UInt32.random(in: 0...86_400, using: &random)))
            default: .unknown(RecordType(rawValue: 65_280), octets)
            }
        return WireRecord(
            ResourceRecord(name: name(&random), ttl: UInt32.random(in: 0...86_400, using: &random), data: data))
    }
}
