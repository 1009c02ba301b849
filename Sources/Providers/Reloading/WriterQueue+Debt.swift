import DNS
import Planning
import Ports

extension WriterQueue {
    /// Brings the server to read what lies at `path`, which people know by `name`, and strikes out what it then has read.
    func settle(_ path: String, named name: String? = nil, by reload: [String]) async throws(Failure) {
        guard !reload.isEmpty else { return }
        // Taken before the reload begins: what is written later is owed on.
        let owed = try OwedReload(file: path).changes()
        if owed.isEmpty { return }
        do throws(Reload.Defect) { try await self.reload(reload) } catch { throw error.failure(of: name ?? path) }
        try await alone(at: path) { () throws(Failure) in try OwedReload(file: path).remove(owed) }
    }

    /// Why nothing is known of `owner`, if its last change may not have been read by the server.
    ///
    /// Unknown, neither the written value nor the one before: with the written one a plan would say that nothing is due, and the
    /// server would never read the change; with the one before, a manifest that goes back to it would find nothing to do, and the
    /// server would read the change at its next start. To be called after the files were read: the note is written first. One who
    /// `settles` makes up for it instead.
    func debt(
        at path: String, named name: String? = nil, of owner: DomainName, reload: [String], settles: Bool
    ) async throws(Failure) -> Unknown? {
        guard !reload.isEmpty, try OwedReload(file: path).holds(owner) else { return nil }
        guard settles else {
            return Unknown(
                "a change of '\(name ?? path)' was begun, but '\(reload.joined(separator: " "))' has not succeeded since, so the server may not have read it; 'certadns apply' runs it again",
                passing: false)
        }
        try await settle(path, named: name, by: reload)
        return nil
    }
}
