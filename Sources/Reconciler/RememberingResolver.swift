package import DNS
package import Planning
package import Ports
import Synchronization

/// Asks each question once a run: a thousand zones on one mail host need its address once.
///
/// Questions asked at the same moment share one answer. What could not be answered is asked again next time.
package final class RememberingResolver: Resolver {
    private let resolver: any Resolver
    private struct State {
        var answers: [RecordKey: Observation<Resolution>] = [:]
        var waiting: [RecordKey: [CheckedContinuation<Observation<Resolution>, Never>]] = [:]
    }
    private let state = Mutex(State())

    /// Remembers what `resolver` answers.
    package init(_ resolver: any Resolver) { self.resolver = resolver }

    package func resolve(_ name: DomainName, _ type: RecordType) async -> Observation<Resolution> {
        let key = RecordKey(name: name, type: type)
        let isFirst = state.withLock { state -> Bool? in
            if state.answers[key] != nil { return nil }
            if state.waiting[key] != nil { return false }
            state.waiting[key] = []
            return true
        }
        switch isFirst {
        case nil: return state.withLock { $0.answers[key] } ?? .unknown(.notAsked)
        case false?: return await share(key)
        case true?:
            let answer = await resolver.resolve(name, type)
            let waiting = state.withLock { state in
                if answer.unknown == nil { state.answers[key] = answer }
                return state.waiting.removeValue(forKey: key) ?? []
            }
            for continuation in waiting { continuation.resume(returning: answer) }
            return answer
        }
    }

    private func share(_ key: RecordKey) async -> Observation<Resolution> {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Observation<Resolution>? in
                if state.waiting[key] != nil {
                    state.waiting[key]?.append(continuation)
                    return nil
                }
                return state.answers[key] ?? .unknown(Unknown("the name server gave no answer"))
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }
}
