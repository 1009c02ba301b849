import DNS

extension ZoneLedger {
    /// What the ledger has to learn of a look before anything is decided by it.
    package func surprises(in live: LiveZone, delegation: Delegation?) -> [LedgerEvent] {
        var events = doneUnheard(in: live, delegation: delegation)
        for look in [ZoneLedger.unwatched, ZoneLedger.announcements] {
            let ledger = events.reduce(self) { $0.recording($1, at: Instant(seconds: 0)) }
            events += look(ledger)(live, delegation)
        }
        return events
    }

    /// Steps that were begun, never heard of again, and found done: what they left is ours. A zone that is blocked would else be led back to
    /// what stood before them, under an id that was used up (design, rule 5).
    private func doneUnheard(in live: LiveZone, delegation: Delegation?) -> [LedgerEvent] {
        intents.compactMap { intent in
            var left = Publication()
            switch intent.resource {
            case .mtaSTSRecord, .tlsRPTRecord, .policyHost:
                let keys = Owned.keys(of: zone, resource: intent.resource, delegation: delegation)
                let found = keys.compactMap { live[$0].value }
                guard !intent.writing.isEmpty, Set(found) == Set(intent.writing),
                    !keys.contains(where: { live[$0].unknown != nil })
                else { return nil }
                switch intent.resource {
                case .mtaSTSRecord: left.mtaSTS = intent.writing
                case .tlsRPTRecord: left.tlsRPT = intent.writing
                default: left.host = intent.writing
                }
            case .policy:
                guard let body = live.hosted.value, body != applied.policy?.body,
                    let row = published.last(where: { $0.bodyDigest == Digest.hex(body) })
                else { return nil }
                left.policy = PublishedBody(id: row.id, body: body)
            case .certificate, .challenge, .delivery: return nil
            }
            return .outcome(step: intent.step, resource: intent.resource, left: left)
        }
    }

    /// Somebody may have put an earlier id back, or one of their own under a long TTL, and may have taken it away again.
    private func announcements(in live: LiveZone, delegation: Delegation?) -> [LedgerEvent] {
        guard !published.isEmpty, let owner = Owned.owner(of: .mtaSTSRecord, zone: zone, delegation: delegation)
        else { return [] }
        let seen = live[RecordKey(name: owner, type: .txt)]
        if case .absent(.plain) = seen, applied.mtaSTS.isEmpty,
            !intents.contains(where: { $0.resource == .mtaSTSRecord }),
            published.contains(where: { $0.supersededAt == nil })
        {
            return [.outcome(step: "", resource: .mtaSTSRecord, left: Publication())]
        }
        guard let set = seen.value, let id = PolicyIdentity.announcedID(in: set.texts) else { return [] }
        let event = LedgerEvent.seenAnnounced(id, ttl: set.ttl)
        return recording(event, at: Instant(seconds: 0)) == self ? [] : [event]
    }
}
