import Findings
import Planning
import Ports

extension ZoneRun {
    /// Asks every name server whether the ids that were replaced at the primary are gone there, too. One that lags is asked again by the next
    /// run; nobody waits for it.
    func lookForReplacement() async throws(Failure) {
        let ledger = try await store.ledger(of: wish.zone)
        guard ledger.awaitsReplacement,
            let owner = Owned.owner(
                of: .mtaSTSRecord, zone: wish.zone, delegation: wish.desired(or: ledger)?.delegation)
        else { return }
        var look = await executor.readers.replacement?.look(at: owner, for: ledger.announcedID) ?? ReplacementLook()
        if wish.waivers.contains(where: { $0.code == .replacementUnseen && $0.counts(at: executor.now) }) {
            look.silent = []
        }
        try await lease.record(.replacementSeen(look), note("asked every name server for the earlier ids"))
        for server in look.lagging {
            run.tell(
                .noted(wish.zone, "\(server) does not show the new _mta-sts record yet; the next apply asks again"))
        }
    }
}
