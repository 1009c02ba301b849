package import DNS
import Planning

/// For providers that replace whole record sets: read, merge, compare-and-set, and again where somebody was faster.
extension DNSWriter {
    package func add(_ value: TextData, at name: DomainName, ttl: UInt32) async throws(Failure) {
        try await merge(at: name) { set in
            if let set { return set.data.contains(.txt(value)) ? set : set.with(data: set.data + [.txt(value)]) }
            return RecordSet(key: RecordKey(name: name, type: .txt), ttl: ttl, data: [.txt(value)])
        }
    }

    package func remove(_ value: TextData, at name: DomainName) async throws(Failure) {
        try await merge(at: name) { set in set?.with(data: set?.data.filter { $0 != .txt(value) } ?? []) }
    }

    private func merge(at name: DomainName, _ edit: (RecordSet?) -> RecordSet?) async throws(Failure) {
        let key = RecordKey(name: name, type: .txt)
        for attempt in 1...4 {
            let seen: RecordSet?
            switch await read([key])[key] ?? .unknown(.notAsked) {
            case .value(let set): seen = set
            case .absent: seen = nil
            case .unknown(let unknown): throw Failure(.unreachable, retryable: unknown.passing, unknown.reason)
            }
            let wanted = edit(seen)
            if wanted == seen { return }
            let change = RecordChange(
                owner: name, expecting: seen.map { [$0] } ?? [], absent: seen == nil ? [.txt, .cname] : [.cname],
                writing: wanted.map { [$0] } ?? [])
            do throws(Failure) {
                try await write(change)
                return
            } catch {
                guard error.kind == .conflict, attempt < 4 else { throw error }
            }
        }
    }
}

extension RecordSet {
    /// The same set with other data; `nil` where none is left.
    fileprivate func with(data: [RecordData]) -> RecordSet? { RecordSet(key: key, ttl: ttl, data: data) }
}
