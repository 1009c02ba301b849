import DNS
import HostSupport
import PolicyHost
import Ports
import Synchronization
import Testing

/// What all requests at names of serve may take at once, by curl against the listener.
@Suite struct RequestRoomTests {
    /// Lets everybody in, and answers once `isOpen` says so; each request takes forty octets.
    private final class Rooms: WebRoutes {
        let bodyOctets = 100
        private let state = Mutex((admitted: 0, inHand: 0, most: 0))
        private let isOpen: @Sendable (_ admitted: Int) -> Bool

        init(isOpen: @escaping @Sendable (_ admitted: Int) -> Bool) { self.isOpen = isOpen }

        var admitted: Int { state.withLock { $0.admitted } }
        var most: Int { state.withLock { $0.most } }

        func octets(of head: WebHead) -> Int { 40 }

        func admit(_ head: WebHead) async -> WebAdmission {
            state.withLock { $0.admitted += 1 }
            return .admitted("x")
        }

        func answer(_ head: WebHead, as caller: String, body: [UInt8]) async -> WebAnswer {
            state.withLock {
                $0.inHand += 1
                $0.most = max($0.most, $0.inHand)
            }
            while !isOpen(admitted) { await Task.yield() }
            state.withLock { $0.inHand -= 1 }
            return WebAnswer(status: 200, body: body)
        }
    }

    private func with(
        room octets: Int, _ routes: Rooms, _ use: @Sendable (HostLab) async throws -> Void
    ) async throws {
        var limits = HostLab.quick
        limits.requestOctets = octets
        let own = try DomainName("reports.example")
        try await HostLab.with(limits, ownNames: [own], routes: routes) { lab in
            try await HostLab.certify(host: own, by: lab.authority, in: lab.store)
            try await use(lab)
        }
    }

    @Test func `no more requests are in hand than there is room for, and the others have their turn`() async throws {
        let routes = Rooms { $0 >= 12 }
        try await with(room: 100, routes) { lab in
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<12 {
                    group.addTask { try await lab.curl("-d", "n\(number)", name: "reports.example", path: "/x").output }
                }
                var bodies: Set<String> = []
                for try await answer in group {
                    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
                    bodies.insert(answer.split(separator: "\r\n\r\n").last.map(String.init) ?? "")
                }
                #expect(bodies == Set((0..<12).map { "n\($0)" }))
            }
            #expect(routes.most <= 2)
        }
    }

    @Test func `who goes while it waits for room takes none, and a request that wants all of it gets it`() async throws
    {
        let isReleased = Mutex(false)
        let routes = Rooms { _ in isReleased.withLock { $0 } }
        try await with(room: 10, routes) { lab in
            async let first = lab.curl("-d", "a", name: "reports.example", path: "/x")
            while routes.admitted < 1 { await Task.yield() }
            let impatient = try await lab.curl("--max-time", "1", "-d", "b", name: "reports.example", path: "/x")
            #expect(impatient.status == 28)
            #expect(routes.most == 1)
            isReleased.withLock { $0 = true }
            #expect(try await first.output.hasSuffix("\r\n\r\na"))
            let last = try await lab.curl("-d", "c", name: "reports.example", path: "/x")
            #expect(last.output.hasSuffix("\r\n\r\nc"), "\(last.errors)")
        }
    }
}
