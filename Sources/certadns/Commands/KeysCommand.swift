import ArgumentParser
import Foundation
import Manifests
import Planning
import Rendering
import Sealing

/// `certadns keys`.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Show how the private keys that are kept are sealed, or seal them anew.",
        subcommands: [List.self, Rotate.self], defaultSubcommand: List.self)

    /// `certadns keys list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Count the private keys, by the key that they are sealed under. Touches nothing.")

        @OptionGroup var project: ProjectOptions
        @Option(help: "text or json.") var format = DataFormat.text

        func run() async throws {
            try await Reporting.errors {
                let wiring = try Wiring(project)
                let report = KeyReport(try await wiring.keyInventory(), try wiring.seal())
                Terminal.print(format == .json ? try PrettyJSON.text(report) : report.text)
                try (report.unreadable.isEmpty ? ExitStatus.fine : .error).end()
            }
        }
    }

    /// `certadns keys rotate`.
    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seal every private key as the configuration says: under its secret, or no longer.",
            discussion: """
                Before a new secret takes effect, give it to every certadns that runs: 'secret' names the new one, \
                'previous_secrets' the old one. Then rotate. A rotation that was stopped is run again.
                """)

        @OptionGroup var project: ProjectOptions

        func run() async throws {
            try await Reporting.errors {
                let wiring = try Wiring(project)
                let seal = try wiring.seal()
                guard
                    wiring.configuration.postgreSQL != nil || FileManager.default.fileExists(atPath: wiring.stateFolder)
                else {
                    throw Refusal(
                        message: "there is no state folder '\(wiring.stateFolder)', so there are no keys",
                        action: "check 'state' in the configuration")
                }
                let result = try await wiring.sealedKeys().rotate()
                Terminal.print(KeyReport.text(result, seal))
                for words in result.failed { Terminal.tell("error: \(Escaping.terminal(words))") }
                let isAllLost = !result.failed.isEmpty && result.changed + result.same == 0
                try (result.failed.isEmpty ? ExitStatus.fine : isAllLost ? .error : .partial).end()
            }
        }
    }
}

/// What is known of the private keys, for people and machines.
struct KeyReport: Encodable {
    private struct Group: Encodable {
        let key: String
        let cipher: String
        let files: Int
        let use: String
    }
    private let plain: Int
    private let sealed: [Group]
    let unreadable: [String]
    /// The key that new ones are sealed under.
    private let current: String?

    init(_ inventory: KeyInventory, _ seal: Seal) {
        plain = inventory.plain
        unreadable = inventory.unreadable
        current = seal.current?.id
        sealed = inventory.sealed.map { under, count in
            Group(
                key: under.keyID, cipher: under.cipher.rawValue, files: count,
                use: under.keyID == seal.current?.id ? "current" : "previous")
        }.sorted { ($0.use, $0.key, $0.cipher) < ($1.use, $1.key, $1.cipher) }
    }

    var text: String {
        var lines = sealed.map { "\(Self.files($0.files)) sealed with \($0.cipher) under key \($0.key) (\($0.use))" }
        if plain > 0 { lines.append("\(Self.files(plain)) not sealed") }
        lines += unreadable.map { "can't be opened: \($0)" }
        if lines.isEmpty { lines.append("No keys yet.") }
        if current != nil, plain > 0 || sealed.contains(where: { $0.use == "previous" }) {
            lines.append("They are sealed anew as they are written; 'certadns keys rotate' does all at once.")
        }
        if current == nil, !sealed.isEmpty { lines.append("'certadns keys rotate' takes the seals off.") }
        return lines.map { Escaping.terminal($0) + "\n" }.joined()
    }

    static func text(_ result: RotationResult, _ seal: Seal) -> String {
        var lines: [String]
        if let current = seal.current {
            lines = [
                "\(files(result.changed)) sealed with \(seal.cipher.rawValue) under key \(current.id), \(result.same) were so already."
            ]
        } else {
            lines = [
                "\(files(result.changed)) unsealed, \(result.same) were so already: the keys lie in the open, readable by their owner alone."
            ]
        }
        if result.leftovers > 0 {
            lines.append("\(files(result.leftovers)) left behind by a write that was killed: removed.")
        }
        if !result.failed.isEmpty {
            lines.append(
                "\(files(result.failed.count)) could not be changed; keep 'previous_secrets' and run it again.")
        } else if !seal.previous.isEmpty {
            lines.append(
                "'previous_secrets' (\(seal.previous.map(\.id).joined(separator: ", "))) can be dropped, once every certadns that runs has this configuration."
            )
        }
        return lines.map { Escaping.terminal($0) + "\n" }.joined()
    }

    private static func files(_ count: Int) -> String { "\(count) key\(count == 1 ? "" : "s")" }
}
