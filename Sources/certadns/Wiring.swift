import DNS
import DNSClient
import Findings
import Foundation
import Manifests
import NIOPosix
import Planning
import Ports
import Probes
import Providers
import Reconciler
import Sealing
import Storage

/// Decides which concrete edge stands behind each port: commands hand on what they get here.
struct Wiring: Sendable {
    let configuration: Configuration
    let transport: DNSTransport
    private var resolver: RememberingResolver
    private let stub: StubResolver
    /// What this run made and learnt of its providers.
    private var providers = ProviderCache()
    private var strangers: AuthoritativeReaders
    private let probe: any Probe
    let folder: String
    /// In which all that write files stand, also after this wiring was made afresh or anew.
    private let queue: WriterQueue
    /// What this run could not see for want of a secret.
    private(set) var unseen = UnseenPrimaries()
    /// Where the manifests come from; `nil` where a process reads none.
    var source: SourceReading?
    let stateFolder: String
    /// The folder of a web server of others, where that serves the policies.
    private let web: PolicyFolder?
    /// Who certifies policy hosts.
    let issuing: IssuerWiring

    /// Over a configuration in `folder`. Who wires again and again gives one `transport` to all, and closes it.
    init(
        _ configuration: Configuration, folder: String, transport: DNSTransport? = nil,
        queue: WriterQueue = WriterQueue()
    ) throws(Failure) {
        self.queue = queue
        self.configuration = configuration
        self.folder = folder
        stateFolder = Self.path(configuration.state, in: folder)
        issuing = IssuerWiring(configuration, folder: folder, stateFolder: stateFolder)
        web = configuration.policyFolder.map {
            PolicyFolder(root: Self.path($0.path, in: folder), reload: $0.reload, queue: queue)
        }
        self.transport = transport ?? Self.makeTransport()
        stub = Self.stub(configuration, self.transport)
        strangers = AuthoritativeReaders(transport: self.transport, randomLabel: Self.randomLabel)
        resolver = RememberingResolver(stub)
        probe = BoundedProbe(
            try PolicyProbe(
                group: MultiThreadedEventLoopGroup.singleton,
                trust: TrustRoots(
                    system: configuration.trustsSystem,
                    files: configuration.trustFiles.map { Self.path($0, in: folder) }),
                port: configuration.httpsPort, connect: configuration.connect.map { ($0.host, $0.port) },
                now: Self.now))
    }

    /// By the configuration alone: what serves or looks back needs no manifest.
    init(_ options: ProjectOptions) throws {
        let setup = Setup.read(options)
        self = try Wiring(try setup.required(), folder: setup.folder)
    }

    static func makeTransport() -> DNSTransport {
        DNSTransport(
            group: MultiThreadedEventLoopGroup.singleton, random: { UInt64.random(in: 0 ... .max) },
            clock: { UInt64(max(0, Date().timeIntervalSince1970)) })
    }

    private static func stub(_ configuration: Configuration, _ transport: DNSTransport) -> StubResolver {
        let servers =
            configuration.resolvers.isEmpty
            ? SystemResolvers.servers() : configuration.resolvers.compactMap(ServerAddress.init)
        return StubResolver(transport: transport, servers: servers)
    }

    /// The same without memory of what was asked: for looking again after a person took time to decide, or after changes.
    func afresh() -> Wiring {
        var copy = self
        copy.resolver = RememberingResolver(stub)
        copy.unseen = UnseenPrimaries()
        copy.providers = ProviderCache()
        copy.strangers = AuthoritativeReaders(transport: transport, randomLabel: Self.randomLabel)
        return copy
    }

    /// With everything made anew, also what is known of the CA: for processes that live for months.
    func anew() -> Wiring {
        (try? Wiring(configuration, folder: folder, transport: transport, queue: queue)) ?? afresh()
    }

    /// A path of the configuration, relative to its folder.
    func path(_ path: String) -> String { Self.path(path, in: folder) }

    private static func path(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") ? path : folder + "/" + path
    }

    /// Whether looks trust other roots than those that senders outside trust.
    var isLab: Bool { !configuration.trustsSystem || !configuration.trustFiles.isEmpty }

    @Sendable static func now() -> Instant { Instant(Date()) }

    /// How private keys are sealed.
    func seal() throws(Failure) -> Seal { try Secrets.seal(configuration.seal, folder: folder) }

    /// Whether a key's secret is where the configuration says.
    func checkSecret(_ key: Configuration.Key) throws(Failure) { _ = try Secrets.key(key, folder: folder) }

    /// A zone's provider as far as this run can read it: with the secret where it is at hand, else as everybody can. Only for an
    /// apply, which may write, it `settles` what an earlier write still owes.
    func dnsReader(_ wish: ZoneWish, _ ledger: ZoneLedger?, settles: Bool = false) -> any DNSReader {
        do throws(Failure) {
            let (name, provider) = try providerOf(wish, ledger)
            guard case .rfc2136(let server, let key?, _) = provider else {
                return try writer(name, provider, settles: settles)
            }
            do throws(Failure) { return try writer(name, provider) } catch {
                return PublicReader(strangers, primary: try address(server, of: name), resolver: resolver) {
                    [unseen] primary in
                    unseen.insert(wish.zone, primary: primary, key: key.name, why: error.detail)
                }
            }
        } catch {
            return NoProvider(reason: error.detail)
        }
    }

    /// A zone's provider with its secret.
    func dnsWriter(_ wish: ZoneWish, _ ledger: ZoneLedger?) throws(Failure) -> any DNSWriter {
        let (name, provider) = try providerOf(wish, ledger)
        return try writer(name, provider, settles: true)
    }

    /// What changing a zone needs, over an open store.
    func writers(
        _ store: any StateStore, dns: any DNSWriter, of zone: DesiredZone?
    ) throws(Failure) -> ZoneWriters {
        var proving = try issuing.proving(zone?.challenge, tokens: store, transport: transport, resolver: stub) {
            name throws(Failure) in
            guard let provider = configuration.providers[name] else {
                throw Failure(
                    .configuration, "the 'challenge_provider' '\(name)' of the issuer is not among the 'providers'")
            }
            return try writer(name, provider, settles: true)
        }
        // The alias of a delegated zone leads into the zone of its own provider; a name of serve says itself who gets the proof.
        if zone?.delegation != nil || zone?.isOwnName == true { proving.delegated = nil }
        return ZoneWriters(
            dns: dns, policies: web?.settling ?? store, keys: store, issuer: try issuing.issuer(store),
            delivery: web?.settling, proving: proving,
            budget: try issuing.budget().map { BudgetSpending(rules: $0, store: store) })
    }

    private func providerOf(
        _ wish: ZoneWish, _ ledger: ZoneLedger?
    ) throws(Failure) -> (name: String, provider: Configuration.Provider) {
        var name = wish.desired(or: ledger)?.providers.first
        // A name of serve that was let go before it ever had a certificate left no word of its provider.
        if name == nil, wish.owner.isOwnName, configuration.providers.count == 1 {
            name = configuration.providers.keys.first
        }
        guard let name else {
            throw Failure(
                .configuration,
                wish.owner.isOwnName
                    ? "the provider of \(wish.owner.host) is not known; list the name once more under 'serve: names', run 'certadns apply', then remove it"
                    : "no apply of \(wish.zone) has come to its end yet, so nobody here knows its provider; run 'certadns apply' with its manifest"
            )
        }
        guard let provider = configuration.providers[name] else {
            throw Failure(
                .configuration,
                "the provider '\(name)' of \(wish.owner) is not in the configuration; keep it there while it is managed"
                    + (wish.leaves(ledger, at: Self.now()).map {
                        ": it is being withdrawn, until \($0) at the earliest"
                    } ?? "")
            )
        }
        return (name, provider)
    }

    private func address(_ server: Endpoint, of name: String) throws(Failure) -> ServerAddress {
        guard let address = ServerAddress(server) else {
            throw Failure(.configuration, "the provider '\(name)' has no usable server address")
        }
        return address
    }

    private func writer(
        _ name: String, _ provider: Configuration.Provider, signed: Bool = true, settles: Bool = false
    ) throws(Failure) -> any DNSWriter {
        switch provider {
        case .rfc2136(let server, let key, let reading):
            try providers.provider(ProviderCache.Key(name: name, signed: signed, settles: false)) {
                () throws(Failure) in
                let secret: TSIGKey? = if signed, let key { try Secrets.key(key, folder: folder) } else { nil }
                return RFC2136Provider(
                    transport: transport, server: try address(server, of: name), key: secret,
                    reading: reading == .transfer ? .transfer : .query, randomLabel: Self.randomLabel)
            }
        case .zoneFile(let path, _, let reload):
            try providers.provider(ProviderCache.Key(name: name, signed: true, settles: settles)) {
                ZoneFileProvider(folder: self.path(path), reload: reload, settles: settles, queue: queue)
            }
        }
    }

    @Sendable private static func randomLabel() -> String {
        "certadns-" + String(UInt64.random(in: 0 ... .max), radix: 36)
    }

    /// A zone's readers over a store's reader; without any store, what it would hold is absent. Only an apply `settles` what the
    /// web server of others is owed.
    func readers(
        _ store: (any PolicyReader & CertificateReader)?, dns: any DNSReader, of zone: DesiredZone?,
        settles: Bool = false
    ) -> ZoneReaders {
        let store = store ?? EmptyStore()
        let web = settles ? web?.settling : web
        return ZoneReaders(
            dns: dns, resolver: resolver, forgetfulResolver: stub, probe: probe,
            probesFixedPlace: configuration.connect != nil, policies: web ?? store, certificates: store,
            // A name of serve itself is shown by serve alone.
            delivery: zone?.isOwnName == true ? nil : web,
            mail: mailWatcher(of: zone), replacement: replacementWatcher(of: zone),
            issuer: { [issuing] in
                await issuing.identity(store as? any AccountReader, challenge: zone?.challenge)
            })
    }

    /// Who tells whether an earlier id is gone everywhere.
    private func replacementWatcher(of zone: DesiredZone?) -> (any ReplacementWatcher)? {
        guard isAskable(zone) else { return nil }
        return AuthoritativeWatcher(transport: transport, resolver: stub, servers: statedServers)
    }

    /// Who tells whether a mail host stands in MX everywhere.
    private func mailWatcher(of zone: DesiredZone?) -> (any MailHostWatcher)? {
        guard isAskable(zone) else { return nil }
        return AuthoritativeMailWatcher(transport: transport, resolver: stub, servers: statedServers)
    }

    private var statedServers: [ServerAddress] { configuration.nameServers.compactMap(ServerAddress.init) }

    /// Whether name servers can be asked. The NS records of a zone file do not tell at which ports it is served, so for those only the
    /// stated servers are asked.
    private func isAskable(_ zone: DesiredZone?) -> Bool {
        let isFile = zone?.providers.contains { name in
            if case .zoneFile? = configuration.providers[name] { true } else { false }
        }
        return !statedServers.isEmpty || !(isFile ?? false)
    }

    /// How many zones may change in a day unless they are named.
    var limits: FleetLimits {
        FleetLimits(withdrawals: configuration.withdrawals, changes: configuration.changes)
    }

    /// A planner over what may only be read.
    func planner(_ reader: (any StateReading)?) throws(Failure) -> FleetPlanner {
        FleetPlanner(
            ledger: reader, budget: try budget(reader), limits: limits, source: source
        ) { wish, ledger in
            readers(reader, dns: dnsReader(wish, ledger), of: wish.desired(or: ledger))
        }
    }
}

extension Wiring {
    /// What the issuer's account may still order.
    func budget(_ reader: (any IssuanceBudgetReader)?) throws(Failure) -> BudgetReading? {
        try issuing.budget().map { BudgetReading(rules: $0, reader: reader) }
    }
}

extension ServerAddress {
    /// An address of the configuration.
    init?(_ endpoint: Endpoint) {
        guard let address = IPAddress(endpoint.host) else { return nil }
        self.init(address: address, port: endpoint.port)
    }
}

/// A zone whose provider can't be used: everything there is unknown, with the reason.
struct NoProvider: DNSReader {
    let reason: String

    func read(_ keys: [RecordKey]) async -> [RecordKey: Observation<RecordSet>] {
        Dictionary(keys.map { ($0, .unknown(Unknown(reason, passing: false))) }) { first, _ in first }
    }

    func normalForm(of set: RecordSet) -> RecordSet { set }
}

/// A store that does not exist yet holds nothing.
struct EmptyStore: PolicyReader, CertificateReader {
    func policy(for zone: DomainName) async throws(Failure) -> PublishedBody? { nil }
    func certificate(for host: DomainName) async throws(Failure) -> CertificateFacts? { nil }
}

extension Wiring {
    /// What each of `steps` would write; with the provider's secret where it is at hand, since finding the DNS zone may need it.
    func describe(_ steps: [Step], wish: ZoneWish, ledger: ZoneLedger?) async throws(Failure) -> [[String]] {
        let (name, provider) = try providerOf(wish, ledger)
        let dns: any DNSWriter
        do throws(Failure) { dns = try writer(name, provider) } catch {
            dns = try writer(name, provider, signed: false)
        }
        var all: [[String]] = []
        for step in steps { all.append(await DryRun(dns: dns).lines(of: step)) }
        return all
    }

    /// What senders get now from each address of a zone's policy host.
    func looks(at wish: ZoneWish, ledger: ZoneLedger?, store: any StateStore) async -> [PolicyLook] {
        var needs = LookNeeds.all
        needs.delegation = wish.desired(or: ledger)?.delegation
        let live = await Observer(
            readers(store, dns: dnsReader(wish, ledger), of: wish.desired(or: ledger))
        ).look(at: wish.zone, needs: needs)
        return live.policy.value ?? []
    }
}
