package import DNS
package import Planning
package import Ports
import Synchronization

/// Asks each mail host once a run, whatever it answers: a thousand domains share few of them, and one that is silent takes its time.
package final class RememberingMailProbe: MailHostProbe {
    private struct Question: Hashable {
        let host: DomainName
        let addresses: [IPAddress]
    }
    private enum Answer {
        case known(MailHostVerdict)
        case awaited([CheckedContinuation<MailHostVerdict, Never>])
    }
    private let probe: any MailHostProbe
    private let gate: Gate
    private let answers = Mutex<[Question: Answer]>([:])

    /// Remembers what `probe` finds, of which `limit` are under way at once.
    package init(_ probe: any MailHostProbe, limit: Int = 32) {
        self.probe = probe
        gate = Gate(limit: limit)
    }

    package func check(_ host: DomainName, at addresses: [IPAddress]) async -> MailHostVerdict {
        let question = Question(host: host, addresses: addresses)
        let isFirst = answers.withLock { answers in
            guard answers[question] == nil else { return false }
            answers[question] = .awaited([])
            return true
        }
        guard isFirst else { return await share(question) }
        await gate.enter()
        let verdict = await probe.check(host, at: addresses)
        gate.leave()
        let others = answers.withLock { answers in
            defer { answers[question] = .known(verdict) }
            if case .awaited(let others)? = answers[question] { return others }
            return []
        }
        for other in others { other.resume(returning: verdict) }
        return verdict
    }

    private func share(_ question: Question) async -> MailHostVerdict {
        await withCheckedContinuation { continuation in
            let verdict = answers.withLock { answers -> MailHostVerdict? in
                switch answers[question] {
                case .known(let verdict)?: return verdict
                case .awaited(let others)?:
                    answers[question] = .awaited(others + [continuation])
                    return nil
                case nil: return .unknown(.notAsked)
                }
            }
            if let verdict { continuation.resume(returning: verdict) }
        }
    }
}
