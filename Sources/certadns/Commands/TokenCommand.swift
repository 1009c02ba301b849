import ArgumentParser
import Findings
import Foundation
import Planning
import Ports
import Rendering
import StateAPI
import Storage

/// `certadns token`.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make, list and revoke the tokens by which runs elsewhere reach the ledger beside serve.",
        subcommands: [Create.self, List.self, Revoke.self])

    /// `certadns token create`.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token and print it, once: only its digest is kept.")

        @OptionGroup var project: ProjectOptions
        @Argument(help: "What the token is called.") var name: String
        @Option(help: "plan (reads what a plan needs) or apply (reads and writes).") var scope: String

        func validate() throws {
            guard TokenScope(rawValue: scope) != nil else {
                throw ValidationError("'\(scope)' is no scope; use plan or apply")
            }
            guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                throw ValidationError("a token's name has 1 to 64 printable ASCII characters and no space")
            }
        }

        func run() async throws {
            try await Reporting.errors {
                let store = try await Wiring(project).store()
                defer { try? store.close() }
                let token = BearerToken.make { UInt64.random(in: 0 ... .max) }
                try await store.add(
                    AccessToken(
                        id: token.id, name: name, scope: TokenScope(rawValue: scope) ?? .plan, digest: token.digest,
                        madeAt: Wiring.now(), madeBy: LeaseOwner.thisProcess().who))
                Terminal.print(token.text.reveal() + "\n")
                Terminal.tell(
                    "Keep it now: it is not shown again. Name it under 'state: token' of the runs that use it.")
            }
        }
    }

    /// `certadns token list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the tokens, never their secrets, or the newest uses.")

        @OptionGroup var project: ProjectOptions
        @Flag(help: "Show the trail of their uses.") var uses = false
        @Option(help: "At most so many uses.") var limit = 50

        func run() async throws {
            try await Reporting.errors {
                let store = try await Wiring(project).store()
                defer { try? store.close() }
                let tokens = try await store.tokens()
                var lines: [String] = []
                if uses {
                    let names = Dictionary(tokens.map { ($0.id, $0.name) }) { first, _ in first }
                    lines = try await store.uses(of: nil, limit: limit).map { use in
                        let by = use.by.map { " for \($0.who) on \($0.runner) ('\($0.command)')" } ?? ""
                        let end = use.refusal.map { ": refused: \($0)" } ?? ""
                        return "\(use.at) \(names[use.token] ?? "") (\(use.token)) \(use.what)\(by)\(end)"
                    }
                } else {
                    lines = tokens.map { token in
                        let end = token.revokedAt.map { ", revoked \($0)" } ?? ""
                        return
                            "\(token.name) (\(token.id)): \(token.scope.rawValue), made \(token.madeAt) by \(token.madeBy)\(end)"
                    }
                }
                if lines.isEmpty { lines = [uses ? "No token was used yet." : "There are no tokens."] }
                Terminal.print(lines.map { Escaping.terminal($0) + "\n" }.joined())
            }
        }
    }

    /// `certadns token revoke`.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a token, at once.")

        @OptionGroup var project: ProjectOptions
        @Argument(help: "Its name or id.") var name: String

        func run() async throws {
            try await Reporting.errors {
                let store = try await Wiring(project).store()
                defer { try? store.close() }
                let ended = try await store.revoke(name, at: Wiring.now())
                guard !ended.isEmpty else {
                    throw Refusal(
                        message: "no token that counts is called '\(name)'", action: "see 'certadns token list'")
                }
                for token in ended { Terminal.print(Escaping.terminal("revoked: \(token.name) (\(token.id))") + "\n") }
            }
        }
    }
}
