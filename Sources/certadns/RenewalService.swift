import Logging
import Planning
import Ports
import Reconciler
import ServiceLifecycle
import Storage
import Synchronization

/// Renews certificates as long as the process lives, from the ledger alone.
final class RenewalService: Service {
    private let renewer: Renewer
    private let store: any StateStore
    private let log: RenewalLog
    private let stop: RenewalStop
    private let servers: Int
    private let gate: StartGate

    /// The longest sleep between two rounds, in seconds: what other processes do (an apply, a `retry`) is seen after it.
    private static let longestPause = 60
    /// How often keys that nothing names are looked for: whoever was killed may have left some.
    private static let tidying = Duration.seconds(3_600)
    /// How long zones in hand may take to their end once the process is told to stop; what hangs is then left as it is, and the
    /// order goes on with the next process.
    private static let patience = Duration.seconds(20)

    /// Renews what `wiring` can reach, and tells `log`; begins once so many `servers` have told the `gate` that they listen, since one
    /// that can't ends the process.
    init(_ wiring: Wiring, _ store: any StateStore, log: RenewalLog, after servers: Int, at gate: StartGate) {
        self.servers = servers
        self.gate = gate
        let stop = RenewalStop()
        self.stop = stop
        self.store = store
        self.log = log
        renewer = wiring.renewer(
            store, isStopping: { stop.isStopping }, tell: { log.hear($0) },
            failed: { log.record($0.detail, of: nil) })
    }

    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.rounds() }
            group.addTask { [stop] in
                try? await gracefulShutdown()
                stop.begin()
                try? await Task.sleep(for: Self.patience)
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// Whether it need not be tried again soon. It keeps no renewal waiting.
    private func tidy() async -> Bool {
        do throws(Failure) { return try await store.tidyKeys() != nil } catch {
            log.record(error.detail, of: nil)
            return true
        }
    }

    private func rounds() async {
        await cancelWhenGracefulShutdown { [gate, servers] in await gate.wait(for: servers) }
        var tidied: ContinuousClock.Instant?
        while !stop.isStopping, !Task.isCancelled {
            var seconds = Self.longestPause
            if tidied.map({ .now - $0 > Self.tidying }) ?? true, await tidy() { tidied = .now }
            do throws(Failure) {
                try await renewer.round()
                seconds = try await renewer.pause(atMost: Self.longestPause)
            } catch {
                log.record(error.detail, of: nil)
                seconds = 5
            }
            let pause = seconds
            do { try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(pause)) } } catch { return }
        }
    }
}

/// Whether no further zone shall be begun.
private final class RenewalStop: Sendable {
    private let isSet = Atomic(false)

    var isStopping: Bool { isSet.load(ordering: .relaxed) }

    func begin() { isSet.store(true, ordering: .relaxed) }
}
