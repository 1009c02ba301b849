import ArgumentParser
import DNS
import Foundation
import Planning
import Ports
import Rendering
import Storage

/// `certadns state`.
struct StateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "Check, back up, restore and move what CertaDNS keeps: ledger, policies, certificates and keys.",
        subcommands: [Check.self, Backup.self, Restore.self, Migrate.self, Export.self, Rebuild.self])

    /// `certadns state check`.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read all that is kept, and say what is wrong with it. Changes nothing of it.")

        @OptionGroup var project: ProjectOptions

        func run() async throws {
            try await Reporting.errors {
                let store = try await Wiring(project).existingStore()
                defer { try? store.close() }
                let count = ArchiveCount()
                try await store.records { count.add($0) }
                let keys = try await store.keyFiles()
                let defects = try await store.defects()
                for defect in defects { Terminal.print(Escaping.terminal("error: \(defect)") + "\n") }
                Terminal.print("\(count.words), \(keys.count) key\(keys.count == 1 ? "" : "s"): ")
                Terminal.print(defects.isEmpty ? "all of it can be read\n" : "\(defects.count) can't be used\n")
                try (defects.isEmpty ? ExitStatus.fine : .error).end()
            }
        }
    }

    /// `certadns state backup`.
    struct Backup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write all that is kept to a file, while others go on working.",
            discussion: """
                The file is JSON lines, readable by you alone. Private keys go into it as they lie: sealed. Where no seal is configured they \
                are in the open, which takes --open-keys; --no-keys leaves them out, and certificates are issued anew after a restore.
                """)

        @OptionGroup var project: ProjectOptions
        @Argument(help: "The file to make.") var file: String
        @Flag(help: "Put unsealed private keys into the file, in the open.") var openKeys = false
        @Flag(help: "Leave private keys out.") var noKeys = false

        func run() async throws {
            try await Reporting.errors {
                let store = try await Wiring(project).existingStore()
                defer { try? store.close() }
                let keys = noKeys ? [] : try await store.keyFiles()
                let isOpen = keys.contains { !$0.isSealed }
                guard !isOpen || openKeys else {
                    throw Refusal(
                        message: "the private keys are not sealed, and would lie in '\(file)' in the open",
                        action: "seal them ('keys: seal'), or say --open-keys or --no-keys")
                }
                let head = ArchiveHead(
                    madeAt: try await store.now(), keys: noKeys ? "none" : isOpen ? "open" : "sealed")
                let writer = try ArchiveWriter(file, head: head)
                defer { writer.close() }
                for key in keys { try writer.add(.key(file: key)) }
                let lacking = LackingKeys(having: keys.map(\.name))
                try await store.records { record in
                    try writer.add(record)
                    lacking.note(record)
                }
                // A certificate that came in between has its key by now.
                if !noKeys, !lacking.names.isEmpty {
                    for key in try await store.keyFiles() where lacking.names.contains(key.name) {
                        try writer.add(.key(file: key))
                    }
                }
                let count = try writer.finish()
                Terminal.print("\(count) records in '\(Escaping.terminal(file))'\n")
                if isOpen {
                    Terminal.tell(
                        "PRIVATE KEYS LIE IN THIS FILE IN THE OPEN: whoever reads it can be your policy host.")
                }
            }
        }
    }

    /// `certadns state restore`.
    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a backup in, into a state that is empty.",
            discussion: """
                What was published after the backup the ledger does not know: an id that is announced and unknown counts as the worst that \
                RFC 8461 allows, and is never put back as an edit. Stop 'certadns serve' before.
                """)

        @OptionGroup var project: ProjectOptions
        @Argument(help: "The backup.") var file: String
        @Flag(help: "In place of what is there.") var force = false

        func run() async throws {
            try await Reporting.errors {
                // All of it is read once before anything is made of it.
                let whole = try ArchiveReader(file)
                let count = ArchiveCount()
                defer { whole.close() }
                while let record = try Self.next(whole) { count.add(record) }
                let store = try await Wiring(project).store()
                defer { try? store.close() }
                guard try await store.isEmpty() || force else {
                    throw Refusal(
                        message: "the state is not empty, and nothing was changed",
                        action: "name another one under 'state', or add --force, which replaces all that is there")
                }
                let reader = try ArchiveReader(file)
                defer { reader.close() }
                try await store.restore({ try Self.next(reader) }, isMoved: false)
                Terminal.print("restored: \(count.words), as of \(reader.head.madeAt)\n")
            }
        }

        /// Without its key a certificate is of no use: another one is issued.
        private static func next(_ reader: ArchiveReader) throws -> StateRecord? {
            while let record = try reader.next() {
                if case .certificate = record, reader.head.keys == "none" { continue }
                return record
            }
            return nil
        }
    }
}
