import ArgumentParser
import Foundation
import Manifests
import Planning
import Ports
import Rendering
import Sealing
import Storage
import Synchronization

extension StateCommand {
    /// `certadns state migrate`.
    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move all that is kept to where another configuration's 'state' says, which must be empty.",
            discussion: """
                Private keys are opened under this configuration's 'keys: seal' and lie in the new place under the other one's. The old place \
                stays as it was. Stop every 'certadns serve' before, and let everything that runs after have the new configuration.
                """)

        @OptionGroup var project: ProjectOptions
        @Option(help: "The configuration file whose 'state' is the new place.") var to: String

        func run() async throws {
            try await Reporting.errors {
                var other = project
                other.config = to
                try await StateMove(old: try Wiring(project), new: try Wiring(other)).run()
            }
        }
    }
}

/// Moves a state from one configuration's place to another's.
private struct StateMove {
    let old: Wiring
    let new: Wiring

    func run() async throws {
        let from = try await old.existingStore()
        defer { try? from.close() }
        try await refuseHeld(from)
        let to = try await new.store()
        defer { try? to.close() }
        guard try await to.isEmpty() else {
            throw Refusal(
                message: "the state in \(new.stateWords) is not empty, and nothing was changed",
                action: "name an empty place under 'state'")
        }
        // What one database hands out another one can't take at the same time: it waits in a file, and no key does.
        let path = FileManager.default.temporaryDirectory.path + "/certadns-move-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        let moved = ArchiveCount()
        let keys = try await write(from, to: path, moved)
        let waiting = Mutex(keys[...])
        let reader = try ArchiveReader(path)
        defer { reader.close() }
        try await to.restore(
            {
                if let key = waiting.withLock({ $0.popFirst() }) { return .key(file: key) }
                return try reader.next()
            }, isMoved: true)
        try await check(from, to, moved)
        Terminal.print("moved: \(moved.words) and \(keys.count) key\(keys.count == 1 ? "" : "s")")
        Terminal.print(Escaping.terminal(", from \(old.stateWords) to \(new.stateWords); all of it was read back\n"))
        Terminal.tell("The old place is as it was, and out of date from now on: nothing may run by it any more.")
    }

    /// Whoever holds a zone would go on writing to the old place.
    private func refuseHeld(_ store: any StateStore) async throws {
        for ledger in try await store.ledgers() {
            guard let held = try await store.holder(of: ledger.zone) else { continue }
            throw Refusal(
                message:
                    "\(ledger.zone) is held by \(held.owner.who) on \(held.owner.runner), and nothing was changed",
                action: "wait until that run has ended, stop every 'certadns serve', and run again")
        }
    }

    /// All records into the file, counted; the keys as they will lie.
    private func write(
        _ store: any StateStore, to path: String, _ count: ArchiveCount
    ) async throws -> [StateRecord.KeyFile] {
        let files = try await store.keyFiles()
        let writer = try ArchiveWriter(path, head: ArchiveHead(madeAt: try await store.now(), keys: "none"))
        defer { writer.close() }
        try await store.records { record in
            try writer.add(record)
            count.add(record)
        }
        _ = try writer.finish()
        let keys = try files.compactMap(sealedAnew)
        for key in keys { count.add(.key(file: key)) }
        return keys
    }

    /// The same key under the new place's seal; `nil` for one that has no place there.
    private func sealedAnew(_ file: StateRecord.KeyFile) throws -> StateRecord.KeyFile? {
        let name = (file.name as NSString).lastPathComponent
        let role = file.name == "ca.key" ? KeyRole.authority : KeyFiles.role(of: name)
        guard let role else { throw Failure(.storage, "'\(file.name)' is named as no key of ours is; move it away") }
        if role == .authority, new.configuration.postgreSQL != nil {
            Terminal.tell("The local CA's key stays in \(Escaping.terminal(old.stateWords)): PostgreSQL keeps none.")
            return nil
        }
        let (former, future) = (try old.seal(), try new.seal())
        do throws(SealError) {
            let plain = try former.open(file.octets, as: role, at: file.name).plain
            let octets = try future.close(plain, as: role, at: file.name)
            return StateRecord.KeyFile(name: file.name, octets: octets, isSealed: Seal.isSealed(octets))
        } catch { throw error.failure }
    }

    /// Throws unless all that was moved can be read in the new place, and nothing came to the old one meanwhile.
    private func check(_ from: any StateStore, _ to: any StateStore, _ moved: ArchiveCount) async throws {
        let there = ArchiveCount()
        try await to.records { there.add($0) }
        for key in try await to.keyFiles() { there.add(.key(file: key)) }
        var defects = try await to.defects() + to.inventory().unreadable
        if there.kinds != moved.kinds { defects.append("\(moved.kinds) were moved, and \(there.kinds) are there") }
        if try await from.history(of: nil, limit: 1) != to.history(of: nil, limit: 1) {
            defects.append("the old place was written to meanwhile: stop every 'certadns serve'")
        }
        guard defects.isEmpty else {
            throw Failure(
                .storage,
                "\(defects.joined(separator: "; ")); go on with the old place, empty \(new.stateWords), and run again")
        }
    }
}
