package import DNS
package import DNSClient
package import Planning
package import Ports

/// A primary name server that takes dynamic updates (RFC 2136) signed by TSIG (RFC 8945).
///
/// Reads ask the primary itself, without recursion: what a write would replace. It stores what it is given, so its normal form
/// is the identity.
package struct RFC2136Provider: DNSWriter {
    private let transport: DNSTransport
    private let server: ServerAddress
    private let key: TSIGKey?
    private let cuts: ZoneCuts
    private let wildcards: WildcardProbe

    /// A provider. `randomLabel` gives names that nobody has, for telling wildcards.
    package init(
        transport: DNSTransport, server: ServerAddress, key: TSIGKey?, randomLabel: @escaping @Sendable () -> String
    ) {
        self.transport = transport
        self.server = server
        self.key = key
        cuts = ZoneCuts(transport: transport, server: server)
        wildcards = WildcardProbe(transport: transport, server: server, randomLabel: randomLabel)
    }

    package func normalForm(of set: RecordSet) -> RecordSet { set }

    package func read(_ keys: [RecordKey]) async -> [RecordKey: Observation<RecordSet>] {
        await withTaskGroup(of: [RecordKey: Observation<RecordSet>].self) { group in
            for (owner, types) in Dictionary(grouping: keys, by: \.name) {
                group.addTask { await read(owner, types.map(\.type), tellsWildcards: true) }
            }
            var found: [RecordKey: Observation<RecordSet>] = [:]
            for await part in group { found.merge(part) { first, _ in first } }
            return found
        }
    }

    /// One owner's types. A CNAME is asked for only alone: every other answer would show it (RFC 1034 §3.6.2).
    private func read(
        _ owner: DomainName, _ types: [RecordType], tellsWildcards: Bool
    ) async -> [RecordKey: Observation<RecordSet>] {
        let asked = types.count > 1 ? types.filter { $0 != .cname } : types
        var found: [RecordKey: Observation<RecordSet>] = [:]
        let alias = RecordKey(name: owner, type: .cname)
        let looks = await withTaskGroup(of: (RecordKey, AuthoritativeAnswer?, Unknown?).self) { group in
            for type in asked { group.addTask { await ask(RecordKey(name: owner, type: type)) } }
            var looks: [(RecordKey, AuthoritativeAnswer?, Unknown?)] = []
            for await look in group { looks.append(look) }
            return looks
        }
        for (key, answer, unknown) in looks {
            switch answer {
            case nil: found[key] = .unknown(unknown ?? .notAsked)
            case .unusable(let reason)?:
                found[key] = .unknown(Unknown("the name server \(server) \(reason)", passing: false))
            case .absent?: found[key] = .absent(.plain)
            case .set(let set)?: found[set.key] = await judge(set, tellsWildcards: tellsWildcards)
            }
        }
        for type in types where found[RecordKey(name: owner, type: type)] == nil {
            let key = RecordKey(name: owner, type: type)
            // Nothing of this type came: the alias stands instead, or the other types' answers prove that there is none.
            let failed = found.first { $0.key != alias && $0.value.unknown != nil }?.value.unknown
            found[key] = failed.map { .unknown($0) } ?? .absent(.plain)
        }
        return found
    }

    private func ask(_ key: RecordKey) async -> (RecordKey, AuthoritativeAnswer?, Unknown?) {
        do throws(DNSClientError) {
            let message = try await transport.query(Message.Question(key.name, key.type), at: server)
            return (key, AuthoritativeAnswer(message, key: key), nil)
        } catch {
            return (key, nil, Unknown("the name server \(server): \(error)"))
        }
    }

    private func judge(_ set: RecordSet, tellsWildcards: Bool) async -> Observation<RecordSet> {
        guard tellsWildcards, !set.key.name.isWildcard else { return .value(set) }
        switch await wildcards.covers(set) {
        case .success(true): return .absent(.coveredByWildcard(set.data.map(\.description)))
        case .success(false): return .value(set)
        case .failure(let error): return .unknown(Unknown("the name server \(server): \(error)"))
        }
    }

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
        let zone = (try? await cuts.zone(of: change.owner)) ?? change.owner
        return update(for: change, zone: zone).lines
    }

    package func write(_ change: RecordChange) async throws(Failure) {
        let zone = try await cuts.zone(of: change.owner)
        let update = update(for: change, zone: zone)
        let code: ResponseCode
        do throws(DNSClientError) {
            code = try await transport.update(update, at: server, key: key)
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

    private func isInPlace(_ change: RecordChange) async -> Bool {
        let types = Set(change.expecting.map(\.key.type) + change.writing.map(\.key.type) + change.absent)
        let wanted = Set(change.writing)
        var sets: Set<RecordSet> = []
        for observation in await read(change.owner, Array(types), tellsWildcards: false).values {
            switch observation {
            // A record set of ours may equal a wildcard's: then only the answer counts.
            case .value(let set) where wanted.contains(set): sets.insert(set)
            // Where ours is gone, a wildcard may answer again.
            case .value(let set): if case .value = await judge(set, tellsWildcards: true) { return false }
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
