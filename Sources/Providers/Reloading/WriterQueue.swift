import Ports
import Synchronization

/// Lets the writers of one file in one after the other, in the order in which they came, and many of them share one reload.
///
/// Many mail domains may lie in one zone file. The lock file keeps other processes away and makes nobody wait, so within a process
/// writers stand in line here: all of a process share one queue, or they take each other for another process. A reload may take a
/// minute, so nobody holds the file while it runs.
package final class WriterQueue: Sendable {
    private let gates = Mutex<[String: Gate]>([:])
    private struct Reloads {
        var running: Task<Result<Void, Reload.Defect>, Never>?
        /// Not begun, so it will see what is in the files now.
        var next: Task<Result<Void, Reload.Defect>, Never>?
    }
    /// By the command's words.
    private let reloads = Mutex<[[String]: Reloads]>([:])

    /// Nobody waits yet.
    package init() {}

    /// Runs `body` while no other writer of `path`, here or in another process, does.
    func alone<Value>(at path: String, _ body: () throws(Failure) -> Value) async throws(Failure) -> Value {
        let gate = gates.withLock { gates in
            let gate = gates[path] ?? Gate(limit: 1)
            gates[path] = gate
            return gate
        }
        await gate.enter()
        defer { gate.leave() }
        let lock = try FileLock(path: path + ".lock")
        defer { lock.release() }
        return try body()
    }

    /// Runs this reload command, after the run that is under way and together with all who ask meanwhile.
    func reload(_ words: [String]) async throws(Reload.Defect) {
        let task = reloads.withLock { reloads in
            if let next = reloads[words]?.next { return next }
            let before = reloads[words]?.running
            let task = Task {
                _ = await before?.value
                return await self.begin(words)
            }
            reloads[words, default: Reloads()].next = task
            return task
        }
        try await task.value.get()
    }

    private func begin(_ words: [String]) async -> Result<Void, Reload.Defect> {
        reloads.withLock { reloads in
            let next = reloads[words]?.next
            reloads[words] = Reloads(running: next)
        }
        do throws(Reload.Defect) { return .success(try await Reload.run(words)) } catch { return .failure(error) }
    }
}
