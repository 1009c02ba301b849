package import DNS
package import DNSClient
package import Planning
package import Ports

/// A primary name server that takes dynamic updates (RFC 2136) signed by TSIG (RFC 8945).
///
/// Reads ask the primary itself: what a write would replace. It stores what it is given, so its normal form is the identity.
package struct RFC2136Provider: DNSWriter {
    /// How the provider is read.
    package enum Reading: String, Sendable, CaseIterable {
        /// By a query for each record set.
        case query
        /// By a transfer of the whole zone (AXFR), for servers that answer strangers otherwise (views, split horizon).
        case transfer
    }

    private let transport: DNSTransport
    private let server: ServerAddress
    private let key: TSIGKey?
    private let cuts: ZoneCuts
    private let queries: AuthoritativeReader
    private let transfers: Transfers
    private let reader: any DNSReader

    /// A provider. `randomLabel` gives names that nobody has, for telling wildcards.
    package init(
        transport: DNSTransport, server: ServerAddress, key: TSIGKey?, reading: Reading = .query,
        randomLabel: @escaping @Sendable () -> String
    ) {
        self.transport = transport
        self.server = server
        self.key = key
        let asking = Asking(transport: transport, server: server, key: key)
        cuts = ZoneCuts(asking)
        transfers = Transfers(asking)
        queries = AuthoritativeReader(asking, randomLabel: randomLabel)
        reader =
            switch reading {
            case .query: queries
            case .transfer: TransferReader(transfers: transfers, cuts: cuts)
            }
    }

    package func normalForm(of set: RecordSet) -> RecordSet { set }

    package func read(_ keys: [RecordKey]) async -> [RecordKey: Observation<RecordSet>] { await reader.read(keys) }

    /// The update that makes `change`: what was seen must still stand, and no CNAME may stand beside (DNS-4, DNS-7).
    func update(for change: RecordChange, zone: DomainName) -> UpdateMessage {
        let gone = change.expecting.filter { old in !change.writing.contains(old) }
        let new = change.writing.filter { set in !change.expecting.contains(set) }
        return UpdateMessage(
            zone: zone,
            prerequisites: change.expecting.map { .exists(exactly: $0) }
                + change.absent.map { .absent(RecordKey(name: change.owner, type: $0)) },
            updates: gone.map { .deleteSet($0.key) } + new.map { .add($0) })
    }

    package func describe(_ change: RecordChange) async -> [String] {
        do throws(Failure) {
            return update(for: change, zone: try await cuts.zone(of: change.owner)).lines
        } catch {
            // The rest is known; the zone is looked up again before the write.
            let rest = update(for: change, zone: change.owner).lines.dropFirst()
            return ["zone: could not be read (\(error.detail))"] + rest
        }
    }

    package func write(_ change: RecordChange) async throws(Failure) {
        let zone = try await cuts.zone(of: change.owner)
        let update = update(for: change, zone: zone)
        let code: ResponseCode
        do throws(DNSClientError) {
            code = try await send(update, changing: change.owner)
        } catch {
            // The answer may be lost and the update done (RFC 2136 §7.8): look before judging.
            if await isInPlace(change) { return }
            throw ClientFailure.write(error, server: server, key: key)
        }
        guard code == .noError else {
            if code.isUnmetPrerequisite, await isInPlace(change) { return }
            throw ClientFailure.update(code, change: change, server: server, key: key)
        }
        // A server may answer NOERROR and change nothing (RFC 2136 §3.4.2.2).
        guard await isInPlace(change) else {
            throw Failure(
                .rejected, retryable: true,
                "the name server \(server) accepted the update of \(change.owner), but does not show it; look at its log"
            )
        }
    }

    package func add(_ value: TextData, at name: DomainName, ttl: UInt32) async throws(Failure) {
        let key = RecordKey(name: name, type: .txt)
        // A set has one TTL (RFC 2181 §5.2): adding under another one would change it for the values of others.
        let others = await queries.read(name, [.txt, .cname], tellsWildcards: true)
        guard let set = RecordSet(key: key, ttl: others[key]?.value?.ttl ?? ttl, data: [.txt(value)]) else { return }
        try await edit(name, [.add(set)], absent: [.cname]) { $0.contains(.txt(value)) }
    }

    package func remove(_ value: TextData, at name: DomainName) async throws(Failure) {
        let key = RecordKey(name: name, type: .txt)
        // Where a CNAME stands, there is no TXT value: gone already.
        try await edit(name, [.deleteRecord(key, .txt(value))], absent: []) { !$0.contains(.txt(value)) }
    }

    /// One value among others: RFC 2136 adds and deletes it without a prerequisite, whatever others do at the name meanwhile.
    private func edit(
        _ name: DomainName, _ updates: [UpdateMessage.Update], absent: [RecordType],
        _ isDone: ([RecordData]) -> Bool
    ) async throws(Failure) {
        let key = RecordKey(name: name, type: .txt)
        let zone = try await cuts.zone(of: name)
        let update = UpdateMessage(
            zone: zone, prerequisites: absent.map { .absent(RecordKey(name: name, type: $0)) }, updates: updates)
        let code: ResponseCode
        do throws(DNSClientError) { code = try await send(update, changing: name) } catch {
            throw ClientFailure.write(error, server: server, key: self.key)
        }
        guard code == .noError else {
            let change = RecordChange(owner: name, expecting: [], absent: absent, writing: [])
            throw ClientFailure.update(code, change: change, server: server, key: self.key)
        }
        switch await queries.read(name, [.txt], tellsWildcards: true)[key] ?? .unknown(.notAsked) {
        case .value(let set) where isDone(set.data): return
        case .absent where isDone([]): return
        case .unknown(let unknown): throw Failure(.unreachable, retryable: unknown.passing, unknown.reason)
        case .value, .absent:
            throw Failure(
                .rejected, retryable: true,
                "the name server \(server) accepted the update of \(name), but does not show it; look at its log")
        }
    }

    /// Sends an update. Whatever comes of it, the server may have taken it: what was learnt before or meanwhile is stale.
    private func send(_ update: UpdateMessage, changing name: DomainName) async throws(DNSClientError) -> ResponseCode {
        func forget() {
            transfers.forget(update.zone)
            queries.forget(around: name)
        }
        forget()
        defer { forget() }
        return try await transport.update(update, at: server, key: key)
    }

    private func isInPlace(_ change: RecordChange) async -> Bool {
        let types = Set(change.expecting.map(\.key.type) + change.writing.map(\.key.type) + change.absent)
        let wanted = Set(change.writing)
        var sets: Set<RecordSet> = []
        for observation in await queries.read(change.owner, Array(types), tellsWildcards: false).values {
            switch observation {
            // A record set of ours may equal a wildcard's: then only the answer counts.
            case .value(let set) where wanted.contains(set): sets.insert(set)
            // Where ours is gone, a wildcard may answer again.
            case .value(let set): if case .value = await queries.judge(set) { return false }
            case .absent: break
            case .unknown: return false
            }
        }
        return sets == wanted
    }
}

extension ResponseCode {
    /// The world is not what the prerequisites said.
    var isUnmetPrerequisite: Bool {
        self == .nxRRSet || self == .yxRRSet || self == .nxDomain || self == .yxDomain
    }
}
