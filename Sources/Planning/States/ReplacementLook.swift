import DNS
import Findings
package import MTASTS

/// What the authoritative servers of a name answered after its record was changed at the primary: until all of them show the change, senders
/// that ask the others extend what they hold.
package struct ReplacementLook: Hashable, Sendable, Codable {
    /// Servers that answer something else than the primary, each with its name and address.
    package var lagging: [String]
    /// Servers that do not answer, each with why.
    package var silent: [String]
    /// For how long a secondary answers without hearing from its primary, in seconds (the SOA's expire, RFC 1035 §3.3.13).
    package var expire: Int

    /// What is assumed where no server says how long: the longest that RFC 1912 §2.2 advises.
    package static let longestExpire = 28 * 86_400

    /// A look. Without servers, nobody but the primary answers.
    package init(lagging: [String] = [], silent: [String] = [], expire: Int = longestExpire) {
        self.lagging = lagging
        self.silent = silent
        self.expire = expire
    }

    /// Whether no sender can meet any more what was changed at `since`: a server that is silent answers it until it would expire there.
    func isReplaced(since: Instant, at now: Instant) -> Bool {
        lagging.isEmpty && (silent.isEmpty || now >= since + expire)
    }
}

extension ZoneLedger {
    /// Whether an id is replaced at the primary that other servers may still answer.
    package var awaitsReplacement: Bool { published.contains { $0.replacedAt == nil && $0.supersededAt != nil } }

    /// The id that every server must show before an earlier one counts as replaced; `nil`: none at all.
    package var announcedID: PolicyID? { PolicyIdentity.announcedID(in: applied.mtaSTS.flatMap(\.texts)) }

    /// What is still waited for, told with the servers.
    var replacementFindings: [Finding] {
        guard awaitsReplacement, let look = replacementLook else { return [] }
        let since = published.filter { $0.replacedAt == nil }.compactMap(\.supersededAt).max()
        if !look.lagging.isEmpty {
            return [
                Finding(
                    .warning, .replacementUnseen,
                    "earlier policies do not count as replaced: \(look.lagging.joined(separator: ", ")) answered an earlier _mta-sts record when last asked",
                    action: "see why the zone is not transferred there, then apply again", actor: .operator)
            ]
        }
        guard !look.silent.isEmpty, let since else { return [] }
        return [
            Finding(
                .warning, .replacementUnseen,
                "earlier policies count as replaced at \(since + look.expire) at the earliest: \(look.silent.joined(separator: ", ")) may answer an earlier _mta-sts record until the zone expires there",
                action:
                    "mend the server, or take it out of the zone's NS records; where it is gone for good, waive this",
                actor: .operator)
        ]
    }

    /// Where nobody but the provider of the zone is asked, that an id is gone is a belief: told where a date rests on it.
    func assumedReplacement(_ stage: Stage, _ steps: [Step]) -> [Finding] {
        let isWithdrawn = stage.withdrawal != nil || stage.beginsWithdrawal
        let isReplaced = steps.contains { $0.resource == .mtaSTSRecord && $0.verb != .create }
        guard isWithdrawn || isReplaced || awaitsReplacement else { return [] }
        return [
            Finding(
                isWithdrawn ? .warning : .note, .replacementAssumed,
                "no name server is asked whether it shows the new _mta-sts record: an earlier policy counts as replaced once the zone's file is written",
                action: "list the zone's name servers under 'observe: name_servers'", actor: .operator)
        ]
    }

    /// Takes note of a look at every server.
    mutating func take(_ look: ReplacementLook, at now: Instant) {
        for index in published.indices where published[index].replacedAt == nil {
            guard let since = published[index].supersededAt, look.isReplaced(since: since, at: now) else { continue }
            published[index].replacedAt = now
        }
        replacementLook = awaitsReplacement ? look : nil
    }
}
