import DNS

/// One zone and its answers (RFC 1034 §4.3.2, RFC 2308, RFC 4592). Pure.
struct AnsweringZone: Sendable {
    private let tree: ZoneTree
    private let soa: RecordSet
    private var name: DomainName { tree.apex }
    private var sets: [RecordKey: RecordSet] { tree.sets }

    /// A zone from its file; `nil` without an SOA.
    init?(name: DomainName, file: MasterFile) {
        tree = ZoneTree(apex: name, sets: file.recordSets)
        guard let soa = tree.sets[RecordKey(name: name, type: .soa)] else { return nil }
        self.soa = soa
    }

    /// What a name server says to a question.
    struct Answer: Sendable {
        var rcode: ResponseCode = .noError
        var isAuthoritative = true
        var answers: [WireRecord] = []
        var authorities: [WireRecord] = []
        var additionals: [WireRecord] = []
    }

    func answer(_ question: Message.Question) -> Answer {
        var answer = Answer()
        var owner = question.name
        // A chain of aliases ends after eight, as resolvers do.
        for _ in 0..<8 {
            if let cut = tree.delegation(above: owner) {
                refer(to: cut, &answer)
                return answer
            }
            guard let source = tree.source(of: owner) else {
                answer.rcode = .nxDomain
                answer.authorities = negative
                return answer
            }
            if let set = sets[RecordKey(name: source, type: question.type)] {
                answer.answers += records(set, as: owner)
                return answer
            }
            guard let alias = sets[RecordKey(name: source, type: .cname)], case .cname(let target)? = alias.data.first
            else {
                answer.authorities = negative
                return answer
            }
            answer.answers += records(alias, as: owner)
            guard question.type != .any, target.isSame(orBelow: name) else { return answer }
            owner = target
        }
        return answer
    }

    private func refer(to cut: DomainName, _ answer: inout Answer) {
        answer.isAuthoritative = !answer.answers.isEmpty
        guard let servers = sets[RecordKey(name: cut, type: .ns)] else { return }
        answer.authorities = records(servers, as: cut)
        for case .ns(let server) in servers.data {
            for type in [RecordType.a, .aaaa] {
                if let glue = sets[RecordKey(name: server, type: type)] {
                    answer.additionals += records(glue, as: server)
                }
            }
        }
    }

    private func records(_ set: RecordSet, as owner: DomainName) -> [WireRecord] {
        set.data.map { WireRecord(ResourceRecord(name: owner, ttl: set.ttl, data: $0)) }
    }

    /// RFC 2308 §3: the SOA, with the lesser of its TTL and its minimum.
    private var negative: [WireRecord] {
        guard case .soa(let data)? = soa.data.first else { return [] }
        return [WireRecord(ResourceRecord(name: name, ttl: min(soa.ttl, data.minimum), data: .soa(data)))]
    }
}
