import ArgumentParser
import DNS
import Files
import Findings
import Foundation
import Manifests
import Planning
import Ports
import Reconciler
import Rendering

/// `certadns import`.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Write manifests from what is live, so that adopting zones begins with an empty plan.",
        discussion: """
            Reads MX, _mta-sts, the policy over HTTPS and _smtp._tls, and writes zones/ZONE.yaml. An existing manifest stays as it is. \
            Ends with 4 where some zones could not be imported, with 1 where none could.
            """)

    @OptionGroup var project: ProjectOptions
    @Argument(help: ArgumentHelp("Zones.", valueName: "zone")) var zones: [String]
    @Option(help: "The provider of these zones (default: the only one).") var dns: String?

    func run() async throws {
        try await Reporting.errors {
            let names = try zones.map(ZoneArguments.name)
            let read = await Project.read(project)
            let configuration = try read.setup.required()
            let provider = try provider(configuration)
            let wiring = try Wiring(configuration, folder: read.setup.folder)
            let reader = try await wiring.stateReader()
            do throws(FileError) { try DurableFile.makeFolder(project.zonesFolder, mode: 0o755) } catch {
                throw Refusal(message: "'\(error.path)': \(error)", action: "name another folder with --zones")
            }
            let stated = Set(read.wishes.map(\.zone))
            let importer = Importer(
                wiring: wiring, reader: reader, provider: provider, folder: project.zonesFolder, stated: stated)
            var written = 0
            for zone in Array(Set(names)).sorted() {
                do throws(ImportRefusal) {
                    Terminal.print(Escaping.terminal(lines: try await importer.run(zone)))
                    written += 1
                } catch {
                    Terminal.print(
                        Escaping.terminal(lines: ["\(zone): not imported: \(error.message)", "  next: \(error.action)"])
                    )
                }
            }
            try (written == Set(names).count ? ExitStatus.fine : written == 0 ? .error : .partial).end()
        }
    }

    private func provider(_ configuration: Configuration) throws -> String {
        let known = configuration.providers.keys.sorted()
        guard let name = dns ?? configuration.usualProvider else {
            throw Refusal(
                message: "there are several providers",
                action: "name the zones' one with --dns: \(known.joined(separator: ", "))")
        }
        guard known.contains(name) else {
            throw Refusal(
                message: "'\(name)' is no provider of the configuration",
                action: "use one of \(known.joined(separator: ", "))")
        }
        return name
    }
}

extension Escaping {
    /// Lines in which live values stand.
    fileprivate static func terminal(lines: [String]) -> String { lines.map { terminal($0) + "\n" }.joined() }
}

/// Looks at one zone by readers only, and writes its manifest.
private struct Importer {
    let wiring: Wiring
    let reader: (any StateReading)?
    let provider: String
    let folder: String
    /// Zones that a manifest names already.
    let stated: Set<DomainName>

    func run(_ zone: DomainName) async throws(ImportRefusal) -> [String] {
        let path = "\(folder)/\(zone).yaml"
        guard !stated.contains(zone) else {
            throw ImportRefusal("there is a manifest of it already", action: "edit that one, or remove it first")
        }
        try await checkUnmanaged(zone)
        let configuration = wiring.configuration
        let found = try Import.read(await look(at: zone), delegation: configuration.delegation?.delegation)
        let text = ManifestText.render(found, provider: provider, configuration: configuration)
        let wish = ManifestText.wish(text, of: found, file: path, configuration: configuration)
        guard case .desired = wish.wish else {
            throw ImportRefusal(
                "what is live makes no manifest: \(wish.findings.first?.message ?? "it can't be read")",
                action: wish.findings.first?.action ?? "write it yourself")
        }
        let isNew: Bool
        do throws(FileError) { isNew = try DurableFile.create(Array(text.utf8), at: path, mode: 0o644) } catch {
            throw ImportRefusal("'\(path)' can't be written: \(error)", action: "look at the folder")
        }
        guard isNew else {
            throw ImportRefusal("'\(path)' is there already", action: "edit that one, or remove it first")
        }
        return ["\(zone): written to \(path)"] + found.notes.map { "  note: \($0)" }
    }

    private func checkUnmanaged(_ zone: DomainName) async throws(ImportRefusal) {
        guard let reader else { return }
        let isManaged: Bool
        do throws(Failure) { isManaged = try await reader.ledger(of: zone).isManaged } catch {
            throw ImportRefusal(
                "whether it is managed here already can't be read: \(error.detail)",
                action: "look at the state that certadns.yaml names, and run it again")
        }
        guard !isManaged else {
            throw ImportRefusal(
                "it is managed here already, and its manifest is missing",
                action: "bring its manifest back, or 'certadns release' it first")
        }
    }

    private func look(at zone: DomainName) async -> LiveZone {
        let desired = DesiredZone(
            zone: zone, providers: [provider], mtaSTS: nil, tlsRPT: nil, host: wiring.configuration.hostTarget)
        let wish = ZoneWish(zone: zone, wish: .desired(desired), digest: "")
        var needs = LookNeeds.none
        needs.mail = true
        needs.reports = true
        needs.policy = true
        needs.sendersView = true
        needs.aliases = [Resource.mtaSTSRecord, .tlsRPTRecord].compactMap { Owned.owner(of: $0, zone: zone) }
        let dns = wiring.dnsReader(wish, nil)
        return await Observer(wiring.readers(reader, dns: dns, of: desired)).look(at: zone, needs: needs)
    }
}
