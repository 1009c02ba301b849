import DNS
import Logging
import Manifests
import Planning
import PolicyHost
import Ports
import Reconciler
import Storage
import Synchronization

extension Wiring {
    /// The listener for http-01 challenges; `nil` where nobody asks for them.
    func challengeServer(
        _ store: any StateStore, logger: Logger, onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> ChallengeServer? {
        guard configuration.answersHTTP01 else { return nil }
        let listen = configuration.listenHTTP
        return ChallengeServer(
            address: listen.host, port: listen.port, tokens: store, logger: logger,
            onRunning: { port in
                logger.info(
                    "listener for http-01 is listening", metadata: ["address": "\(listen.host)", "port": "\(port)"])
                await onRunning(port)
            })
    }

    /// What renews by itself what an open store says is due; `failed` hears what it has to go without.
    func renewer(
        _ store: any StateStore, isStopping: @escaping @Sendable () -> Bool,
        tell: @escaping @Sendable (ApplyEvent) -> Void, failed: (Failure) -> Void
    ) -> Renewer {
        let fresh = FreshWiring(self)
        // Without its rules plans know of no limit; nothing is ordered either, since orders ask for the rules again.
        var known: BudgetReading?
        do throws(Failure) { known = try budget(store) } catch { failed(error) }
        let run = ApplyRun(commit: nil, isStopping: isStopping, tell: tell)
        let applying = Applying(store, for: .renewals, run: run, budget: known, by: { fresh.current() })
        return Renewer(
            applying.applier, store: store, run: run, own: configuration.ownWishes, concurrency: renewalConcurrency)
    }

    /// What keeps the history of mail hosts in an open store; `failed` hears of which zone it could not.
    func mailHistorian(
        _ store: any StateStore, failed: @escaping @Sendable (DomainName, Failure) -> Void
    ) -> MailHistorian {
        let fresh = FreshWiring(self)
        let run = ApplyRun(commit: nil, isStopping: { Task.isCancelled }, tell: { _ in })
        return MailHistorian(
            store: store, run: run,
            readers: { wish, ledger in
                let wiring = fresh.current()
                return wiring.readers(store, dns: wiring.dnsReader(wish, ledger), of: wish.desired(or: ledger))
            }, failed: failed)
    }

    /// A zone's provider, as far as it goes: a renewal by http-01 writes nothing there, and needs no secret.
    func renewalDNS(_ wish: ZoneWish, _ ledger: ZoneLedger?) -> any DNSWriter {
        do throws(Failure) { return try dnsWriter(wish, ledger) } catch {
            return ReadableDNS(reader: dnsReader(wish, ledger), failure: error)
        }
    }

    private var renewalConcurrency: Int {
        if case .acme(let choices) = configuration.issuer { choices.concurrency } else { ACMEChoices.usualConcurrency }
    }
}

/// A provider that may only be read here, and why.
private struct ReadableDNS: DNSWriter {
    let reader: any DNSReader
    let failure: Failure

    func read(_ keys: [RecordKey]) async -> [RecordKey: Observation<RecordSet>] { await reader.read(keys) }
    func normalForm(of set: RecordSet) -> RecordSet { reader.normalForm(of: set) }
    func write(_ change: RecordChange) async throws(Failure) { throw failure }
    func describe(_ change: RecordChange) async -> [String] { [] }
    func add(_ value: TextData, at name: DomainName, ttl: UInt32) async throws(Failure) { throw failure }
    func remove(_ value: TextData, at name: DomainName) async throws(Failure) { throw failure }
}

/// Wiring for a process that lives for months: what is remembered of the world, secrets and refusals included, is a minute old at
/// most, and what is known of the CA an hour.
private final class FreshWiring: Sendable {
    private struct State {
        var wiring: Wiring
        var since = ContinuousClock.now
        var madeAnew = ContinuousClock.now
    }
    private let state: Mutex<State>

    init(_ wiring: Wiring) { state = Mutex(State(wiring: wiring)) }

    func current() -> Wiring {
        let now = ContinuousClock.now
        return state.withLock { state in
            if now - state.madeAnew > .seconds(3_600) {
                state = State(wiring: state.wiring.anew(), since: now, madeAnew: now)
            } else if now - state.since > .seconds(60) {
                state.wiring = state.wiring.afresh()
                state.since = now
            }
            return state.wiring
        }
    }
}
