import DNS
import Foundation
import Properties
import Testing

/// dnspython, which nobody here wrote, reads what we write and writes what we read.
@Suite struct OracleTests {
    @Test func `dnspython and we understand the same messages`() throws {
        let messages = try (0..<400).map { seed in
            var random = Seeded(UInt64(seed) + 10_000)
            var message = RandomMessage.make(&random)
            message.flags.isResponse = true
            // dnspython wants one question where there are answers, and drops records that stand twice.
            message.questions = [Message.Question(try DomainName("q.example"), .txt)]
            message.answers = Self.unique(message.answers)
            message.authorities = Self.unique(message.authorities)
            return message
        }
        try Self.compare(messages)
        let types = Set(messages.flatMap { $0.answers + $0.authorities }.map(\.type))
        #expect(types.isSuperset(of: [.a, .aaaa, .mx, .cname, .txt, .soa, .caa, .tlsa]))
        #expect(messages.contains { $0.flags.rcode.rawValue > 15 })
    }

    @Test func `dnspython and we understand the same updates`() throws {
        let updates = (0..<400).map { seed in
            var random = Seeded(UInt64(seed) + 20_000)
            var update = RandomMessage.update(&random)
            update.answers = Self.unique(update.answers, isUpdate: true)
            update.authorities = Self.unique(update.authorities, isUpdate: true)
            return update
        }
        try Self.compare(updates)
        let classes = Set(updates.flatMap(\.authorities).map(\.recordClass))
        #expect(classes == [1, 254, 255])
        #expect(Set(updates.flatMap(\.answers).map(\.recordClass)) == classes)
    }

    private static func compare(_ messages: [Message]) throws {
        let answers = try rewrite(messages.map { try $0.encoded() })
        try #require(answers.count == messages.count, "dnspython could not read message \(answers.count)")
        for (message, octets) in zip(messages, answers) {
            let back = try Message(decoding: octets)
            #expect(back.id == message.id && back.flags == message.flags && back.questions == message.questions)
            #expect(back.edns == message.edns)
            #expect(Set(back.answers) == Set(message.answers))
            #expect(Set(back.authorities) == Set(message.authorities))
        }
    }

    /// Each record set once, with one TTL, as RFC 2181 has it.
    private static func unique(_ records: [WireRecord], isUpdate: Bool = false) -> [WireRecord] {
        var seen: Set<RecordKey> = []
        return records.filter {
            seen.insert(RecordKey(name: $0.name, type: $0.type)).inserted && (isUpdate || $0.data != nil)
        }
    }

    private static func rewrite(_ messages: [[UInt8]]) throws -> [[UInt8]] {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Oracle/rewrite.py"
        ).path
        let input = FileManager.default.temporaryDirectory.appendingPathComponent("oracle-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: input) }
        let text = messages.map { $0.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }.joined(
            separator: "\n")
        try Data(text.utf8).write(to: input)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [script]
        process.standardInput = try FileHandle(forReadingFrom: input)
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return output.split(separator: "\n").map { line in
            let digits = Array(line.utf8)
            return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
                UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
            }
        }
    }
}
