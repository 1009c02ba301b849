import DNS
import DNSClient
import Foundation
import Lab
import NIOCore
import NIOPosix
import Properties
import Synchronization
import Testing

/// What the client makes of servers that misbehave, and of those who pretend to be one.
@Suite struct QueryTests {
    private let question: Message.Question
    private let truth = RecordData.txt(TextData("the truth"))
    private let lie = RecordData.txt(TextData("a lie"))

    init() throws { question = Message.Question(try DomainName("_mta-sts.example.com"), .txt) }

    /// Patient at the end, since the machine may be busy; where silence is the point, impatient.
    private func transport(
        _ tries: [TimeAmount] = [.milliseconds(300), .seconds(60)], tcpDeadline: TimeAmount = .seconds(60),
        inFlight: Int = 200, random: @escaping @Sendable () -> UInt64 = { UInt64.random(in: 0 ... .max) }
    ) -> DNSTransport {
        DNSTransport(
            group: MultiThreadedEventLoopGroup.singleton, tries: tries, tcpDeadline: tcpDeadline, inFlight: inFlight,
            random: random, clock: { 0 })
    }

    /// One question to a server with this script: its data, or the error.
    private func ask(
        tcpDeadline: TimeAmount = .seconds(60), _ script: @escaping FaultyServer.Script
    ) async throws -> Result<[RecordData], DNSClientError> {
        let server = try await FaultyServer.start(script)
        let transport = transport(tcpDeadline: tcpDeadline)
        let result: Result<[RecordData], DNSClientError>
        do throws(DNSClientError) {
            result = .success(try await transport.query(question, at: server.address).answers.compactMap(\.data))
        } catch { result = .failure(error) }
        await transport.close()
        await server.stop()
        return result
    }

    @Test func `an answer under another id is not believed, the true one still is`() async throws {
        let (truth, lie) = (truth, lie)
        #expect(
            try await ask { query, _, _ in
                var forged = query.answer([lie])
                forged.id &+= 1
                return [.bytes(try forged.encoded()), .bytes(try query.answer([truth]).encoded())]
            } == .success([truth]))
    }

    @Test func `an answer to another question is not believed, the true one still is`() async throws {
        let (truth, lie) = (truth, lie)
        let other = Message.Question(try DomainName("_mta-sts.example.net"), .txt)
        #expect(
            try await ask { query, _, _ in
                var forged = query
                forged.questions = [other]
                var empty = query.answer([lie])
                empty.questions = []
                return [
                    .bytes(try forged.answer([lie]).encoded()), .bytes(try empty.encoded()),
                    .bytes(try query.answer([truth]).encoded()),
                ]
            } == .success([truth]))
    }

    @Test func `an answer from another port is not believed, the true one still is`() async throws {
        let (truth, lie) = (truth, lie)
        #expect(
            try await ask { query, number, _ in
                // The true one comes only when asked again: the forgery had all the time it wanted.
                number == 0
                    ? [.fromElsewhere(try query.answer([lie]).encoded())]
                    : [.bytes(try query.answer([truth]).encoded())]
            } == .success([truth]))
    }

    @Test func `a query sent back as it came is no answer`() async throws {
        let truth = truth
        #expect(
            try await ask { query, number, _ in
                number == 0 ? [.bytes(try query.encoded())] : [.bytes(try query.answer([truth]).encoded())]
            } == .success([truth]))
    }

    @Test(arguments: 0..<40)
    func `garbage is not believed, and the true answer still comes`(seed: UInt64) async throws {
        let (truth, lie) = (truth, lie)
        #expect(
            try await ask { query, _, _ in
                var random = Seeded(seed)
                let valid = try query.answer([lie]).encoded()
                // The id stays, else it would be another's; what follows is cut, or turned over.
                var broken = Array(valid.prefix(Int.random(in: 2..<valid.count, using: &random)))
                if seed.isMultiple(of: 2) { broken = Array(valid.prefix(2)) + valid.dropFirst(2).map { ~$0 } }
                return [.bytes(broken), .bytes(try query.answer([truth]).encoded())]
            } == .success([truth]), "seed \(seed)")
    }

    @Test func `a lost datagram is sent again`() async throws {
        let truth = truth
        #expect(
            try await ask { query, number, _ in number == 0 ? [] : [.bytes(try query.answer([truth]).encoded())] }
                == .success([truth]))
    }

    @Test func `an answer that comes late to the first try is not given to the second question`() async throws {
        let first = question
        let second = Message.Question(try DomainName("_mta-sts.example.net"), .txt)
        let (truth, lie) = (truth, lie)
        let server = try await FaultyServer.start { query, number, _ in
            guard query.questions == [first] else {
                var late = query
                late.questions = [first]
                return [.bytes(try late.answer([lie]).encoded()), .bytes(try query.answer([truth]).encoded())]
            }
            return number == 0 ? [] : [.bytes(try query.answer([lie]).encoded())]
        }
        // Whatever is drawn is the same: the second question leaves from the port and under the id of the first.
        let transport = transport(random: { 0x1234_5678_9abc_def0 })
        #expect(try await transport.query(first, at: server.address).answers.compactMap(\.data) == [lie])
        #expect(try await transport.query(second, at: server.address).answers.compactMap(\.data) == [truth])
        await transport.close()
        await server.stop()
    }

    /// Each is sent once and waits as long as it takes: a busy machine makes this slow, and overflows no socket's buffer.
    @Test func `five hundred questions side by side get each its own answer`() async throws {
        let server = try await FaultyServer.start { query, _, _ in
            [.bytes(try query.answer([.txt(TextData("\(query.questions[0].name)"))]).encoded())]
        }
        let transport = transport([.seconds(300)], inFlight: 100)
        let answers = try await withThrowingTaskGroup(of: (DomainName, [RecordData]).self) { group in
            for number in 0..<500 {
                group.addTask {
                    let name = try DomainName("n\(number).example.com")
                    let message = try await transport.query(Message.Question(name, .txt), at: server.address)
                    return (name, message.answers.compactMap(\.data))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 500)
        for (name, data) in answers { #expect(data == [.txt(TextData("\(name)"))]) }
        #expect(transport.queryCount == 500)
        await transport.close()
        await server.stop()
    }

    @Test func `silence ends in time, and a server known to be silent is asked once only`() async throws {
        let server = try await FaultyServer.start { _, _, _ in [] }
        let transport = transport([.milliseconds(100), .milliseconds(100)])
        for _ in 0..<2 {
            await #expect(throws: DNSClientError.timedOut) {
                _ = try await transport.query(question, at: server.address)
            }
        }
        #expect(transport.queryCount == 3, "twice, then once")
        await transport.close()
        await server.stop()
    }

    @Test func `what can't be sent is told as that, at once, and disturbs no question to another server`() async throws
    {
        let (question, truth) = (question, truth)
        let server = try await FaultyServer.start { query, _, _ in [.bytes(try query.answer([truth]).encoded())] }
        // The system forbids broadcasts to those who did not ask for them: as with a missing route, nothing leaves.
        let nowhere = try #require(ServerAddress("255.255.255.255:53"))
        let transport = transport([.seconds(60), .seconds(60), .seconds(60)])
        let begun = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do throws(DNSClientError) {
                        let answer = try await transport.query(
                            question, at: number.isMultiple(of: 4) ? nowhere : server.address)
                        #expect(answer.answers.compactMap(\.data) == [truth] && !number.isMultiple(of: 4))
                    } catch {
                        #expect(number.isMultiple(of: 4), "\(error)")
                        #expect("\(error)".contains("can't be reached") && "\(error)".contains("Permission denied"))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(ContinuousClock.now - begun < .seconds(30), "nobody waits for an answer to what was not sent")
        await transport.close()
        await server.stop()
    }

    @Test func `a server's refusal is an answer, for its caller to judge`() async throws {
        let server = try await FaultyServer.start { query, _, _ in
            [.bytes(try query.answer([], rcode: .servFail).encoded())]
        }
        let transport = transport([.seconds(60)])
        #expect(try await transport.query(question, at: server.address).flags.rcode == .servFail)
        #expect(transport.queryCount == 1)
        await transport.close()
        await server.stop()
    }

    @Test func `a cut answer is asked for again over TCP, and believed from there`() async throws {
        let (truth, lie) = (truth, lie)
        #expect(
            try await ask { query, _, carrier in
                if case .tcp = carrier { return [.bytes(try query.answer([truth]).encoded())] }
                var cut = query.answer([lie])
                cut.flags.isTruncated = true
                return [.bytes(try cut.encoded())]
            } == .success([truth]))
    }

    @Test func `over TCP, too, only the answer to the question counts`() async throws {
        let (truth, lie) = (truth, lie)
        #expect(
            try await ask { query, _, carrier in
                var cut = query.answer([])
                cut.flags.isTruncated = true
                guard case .tcp = carrier else { return [.bytes(try cut.encoded())] }
                var forged = query.answer([lie])
                forged.id &+= 1
                return [.bytes(try forged.encoded()), .bytes(try query.answer([truth]).encoded())]
            } == .success([truth]))
    }

    @Test func `a connection that ends before the answer is an error, and so is one that says nothing`() async throws {
        let cut: @Sendable (Message) throws -> [FaultyServer.Reply] = { query in
            var cut = query.answer([])
            cut.flags.isTruncated = true
            return [.bytes(try cut.encoded())]
        }
        #expect(
            try await ask { query, _, carrier in
                if case .tcp = carrier { return [.close] }
                return try cut(query)
            } == .failure(.truncated("it closed the connection without an answer")))
        // The deadline bounds connecting, too; a busy machine gets a longer one until the question has arrived.
        let hasArrived = Atomic<Bool>(false)
        for deadline in [TimeAmount.milliseconds(300), .seconds(3), .seconds(30)] {
            let result = try await ask(tcpDeadline: deadline) { query, _, carrier in
                guard case .tcp = carrier else { return try cut(query) }
                hasArrived.store(true, ordering: .relaxed)
                return []
            }
            guard hasArrived.load(ordering: .relaxed) else { continue }
            #expect(result == .failure(.truncated("it closed the connection without an answer")))
            return
        }
        Issue.record("the question never arrived over TCP")
    }
}
