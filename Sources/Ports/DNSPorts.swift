package import DNS
package import MTASTS
package import Planning

/// Reads the record sets of a zone's own provider: the state that a write would replace.
///
/// Contract: absence is a value, and only a positive answer (NXDOMAIN, NODATA, a complete transfer) gives it. A
/// timeout, a refusal or half an answer is `.unknown`. An answer that a wildcard made is absent, covered by a wildcard.
/// Data are given in the provider's normal form, so that what was written reads back equal.
package protocol DNSReader: Sendable {
    /// One observation for each key, all keys answered; never throws, since unknown is an answer.
    func read(_ keys: [RecordKey]) async -> [RecordKey: Observation<RecordSet>]

    /// How `set` looks after this provider stored it (least TTL, quoting, case); the differ compares these forms.
    func normalForm(of set: RecordSet) -> RecordSet
}

/// Changes the record sets of one owner name, all or nothing where the protocol can.
///
/// Contract: compare-and-set. If what stands at the owner is not `change.expecting`, nothing is written and `.conflict` is
/// thrown. A second identical call after success succeeds without effect: what is wanted is there.
/// When the call returns, the change was stored durably by the provider, and was read back by the edge.
package protocol DNSWriter: DNSReader {
    /// Replaces what stands at one owner name.
    func write(_ change: RecordChange) async throws(Failure)

    /// Exactly what ``write(_:)`` would send, line by line, without sending it.
    func describe(_ change: RecordChange) async -> [String]

    /// Makes `value` one of the TXT values at `name`; others stay. Adding it twice is adding it once.
    func add(_ value: TextData, at name: DomainName, ttl: UInt32) async throws(Failure)

    /// Takes `value` away from the TXT values at `name`; others stay. No error where it is gone already.
    func remove(_ value: TextData, at name: DomainName) async throws(Failure)
}

/// Reads what lies outside a zone, as everybody sees it: MX targets, NS sets, host addresses.
///
/// Contract: follows CNAMEs as a resolver does and tells the names it went through. SERVFAIL, timeouts and refusals are
/// `.unknown`; NXDOMAIN and NODATA are `.absent`.
package protocol Resolver: Sendable {
    /// Asks for the records of one name and type.
    func resolve(_ name: DomainName, _ type: RecordType) async -> Observation<Resolution>
}

/// A resolver's positive answer.
package struct Resolution: Hashable, Sendable {
    /// The names of the CNAMEs followed, the asked name first; empty when there was none.
    package let aliases: [DomainName]
    /// The data at the end of the chain.
    package let data: [RecordData]
    /// The least TTL on the way, in seconds.
    package let ttl: UInt32

    /// An answer.
    package init(aliases: [DomainName], data: [RecordData], ttl: UInt32) {
        self.aliases = aliases
        self.data = data
        self.ttl = ttl
    }
}

/// Asks every authoritative server of a name which policy id it announces there.
///
/// Contract: never throws; a server that does not answer, or not with authority, is silent.
package protocol ReplacementWatcher: Sendable {
    /// Who shows another id than `id` at `name`; with `nil`, any id at all.
    func look(at name: DomainName, for id: PolicyID?) async -> ReplacementLook
}
