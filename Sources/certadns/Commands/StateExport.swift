import ArgumentParser
import DNS
import Files
import Findings
import Foundation
import MTASTS
import Planning
import Ports
import Reconciler
import Rendering
import StateAPI
import Storage

extension StateCommand {
    /// `certadns state export`.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the part of the ledger that is no secret, for 'plan --read public'.")

        @OptionGroup var project: ProjectOptions
        @Option(name: .customLong("public"), help: "The file to write.") var file: String

        func run() async throws {
            try await Reporting.errors {
                guard let reader = try await Wiring(project).stateReader() else {
                    throw Refusal(message: "there is no ledger yet", action: "check 'state' in the configuration")
                }
                let ledger = PublicLedger(of: try await reader.ledgers(), at: try await reader.now())
                let octets = try ledger.encoded()
                do throws(FileError) { try DurableFile.write(octets, to: file, mode: 0o644) } catch {
                    throw Refusal(message: "'\(file)' can't be written: \(error)", action: "name another file")
                }
                Terminal.print("\(ledger.zones.count) zones in '\(Escaping.terminal(file))'\n")
            }
        }
    }

    /// `certadns state rebuild`.
    struct Rebuild: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the ledger of zones anew from what is live, where it was lost and no backup is left.",
            discussion: """
                What stands at the owned names of each zone that has a manifest counts as ours from then on, without 'adopt'. Of what was published \
                before nobody knows: the policy that is announced counts as enforced, and fetched for a year a moment before.
                """)

        @OptionGroup var project: ProjectOptions
        @OptionGroup var zones: ZoneArguments

        func run() async throws {
            try await Reporting.errors {
                let only = try zones.selection()
                let run = try await PlanRun(project, only: only)
                let store = try await run.wiring.store()
                defer { try? store.close() }
                var failed = 0
                var done = 0
                for wish in run.project.wishes where only?.contains(wish.zone) ?? true && !wish.owner.isOwnName {
                    let words: String
                    do throws(Failure) {
                        words = try await Rebuilding(wiring: run.wiring, store: store).run(wish)
                        done += 1
                    } catch {
                        words = "not rebuilt: \(error.detail)"
                        failed += 1
                    }
                    Terminal.print("\(wish.zone): \(Escaping.terminal(words))\n")
                }
                try (failed == 0 ? ExitStatus.fine : done == 0 ? .error : .partial).end()
            }
        }
    }
}

/// Makes one zone's ledger from one look.
private struct Rebuilding {
    let wiring: Wiring
    let store: any StateStore

    func run(_ wish: ZoneWish) async throws(Failure) -> String {
        guard case .desired(let desired) = wish.wish else {
            throw Failure(.configuration, "its manifest can't be read; see 'certadns validate'")
        }
        let lease = try await store.acquire(wish.zone, by: .thisProcess(), for: 120)
        let result: Result<String, Failure>
        do throws(Failure) { result = .success(try await rebuild(wish, desired, lease)) } catch {
            result = .failure(error)
        }
        try await store.release(lease)
        return try result.get()
    }

    private func rebuild(_ wish: ZoneWish, _ desired: DesiredZone, _ lease: Lease) async throws(Failure) -> String {
        guard try await !store.ledger(of: wish.zone).isManaged else {
            throw Failure(.conflict, "the ledger manages it already")
        }
        var needs = LookNeeds.all
        needs.delegation = desired.delegation
        let dns = wiring.dnsReader(wish, nil)
        let live = await Observer(wiring.readers(store, dns: dns, of: desired)).look(at: wish.zone, needs: needs)
        for key in Owned.keys(of: wish.zone, delegation: desired.delegation) {
            if let unknown = live[key].unknown {
                throw Failure(.unreachable, "what stands at \(key.name) \(key.type) can't be read: \(unknown.reason)")
            }
        }
        let found = live.publication(delegation: desired.delegation)
        guard !found.isEmpty else { return "nothing of it is live" }
        if let policy = found.policy { try await store.put(policy, for: wish.zone) }
        let note = AuditNote(commit: nil, digest: wish.digest, what: "rebuilt from what is live")
        for event in found.rebuilding(at: try await store.now()) {
            try await store.record(event, under: lease, audit: note)
        }
        let id = PolicyIdentity.announcedID(in: found.mtaSTS.flatMap(\.joinedTexts))
        return id.map { "rebuilt; policy \($0) counts as enforced for a year from now on" } ?? "rebuilt"
    }
}

extension LiveZone {
    /// What stands at the zone's names, as if it were ours. A policy that not every address serves is none.
    fileprivate func publication(delegation: Delegation?) -> Publication {
        func sets(_ resource: Resource) -> [RecordSet] {
            Owned.keys(of: zone, resource: resource, delegation: delegation).compactMap { self[$0].value }
        }
        var found = Publication(
            tlsRPT: sets(.tlsRPTRecord), host: sets(.policyHost), certificate: certificate.value,
            mtaSTS: sets(.mtaSTSRecord))
        let id = PolicyIdentity.announcedID(in: found.mtaSTS.flatMap(\.joinedTexts))
        if let id, let body = servedBody { found.policy = PublishedBody(id: id, body: body) }
        return found
    }
}

extension RecordSet {
    fileprivate var joinedTexts: [[UInt8]] {
        data.compactMap { if case .txt(let text) = $0 { text.joined } else { nil } }
    }
}

extension Publication {
    /// What a ledger has to learn that lost all it knew: the worst of what is announced first.
    fileprivate func rebuilding(at now: Instant) -> [LedgerEvent] {
        var events: [LedgerEvent] = []
        if let id = PolicyIdentity.announcedID(in: mtaSTS.flatMap(\.joinedTexts)) {
            events.append(.assumed(.assumed(id, ttl: mtaSTS.map(\.ttl).max() ?? 0, at: now)))
        }
        for resource in [Resource.tlsRPTRecord, .policyHost, .certificate, .policy, .mtaSTSRecord] {
            let isThere =
                switch resource {
                case .tlsRPTRecord: !tlsRPT.isEmpty
                case .policyHost: !host.isEmpty
                case .certificate: certificate != nil
                case .policy: policy != nil
                case .mtaSTSRecord: !mtaSTS.isEmpty
                case .challenge, .delivery: false
                }
            if isThere { events.append(.outcome(step: "", resource: resource, left: self)) }
        }
        return events
    }
}
