import ArgumentParser
import DNS
import Foundation
import Manifests
import Planning

/// Where the project lies; the same for all commands.
struct ProjectOptions: ParsableArguments {
    @Option(help: "The configuration file.")
    var config = "certadns.yaml"

    @Option(help: "The folder of manifests (default: zones beside the configuration).")
    var zones: String?

    /// The folder of manifests.
    var zonesFolder: String { zones ?? (folder == "." ? "zones" : folder + "/zones") }

    /// The configuration's folder: relative paths in it count from here.
    var folder: String {
        let folder = (config as NSString).deletingLastPathComponent
        return folder.isEmpty ? "." : folder
    }
}

/// Which zones a command is about.
struct ZoneArguments: ParsableArguments {
    @Argument(help: ArgumentHelp("Zones to look at (default: all).", valueName: "zone"))
    var names: [String] = []

    /// The named zones; `nil` for all.
    func selection() throws -> Set<DomainName>? {
        guard !names.isEmpty else { return nil }
        return Set(
            try names.flatMap { name in
                guard let zone = ZoneName.parse(key: name) else { throw ValidationError("'\(name)' is no domain name") }
                return CertificateOwner.keys(meant: zone)
            })
    }
}

/// A duration of the command line, such as `30s` or `5m`.
struct DurationOption: ExpressibleByArgument {
    let seconds: Int

    init?(argument: String) {
        guard let seconds = DurationText.seconds(argument) else { return nil }
        self.seconds = seconds
    }
}

/// How plans are printed. Each kind of result has formats of its own: one that it lacks is wrong use, never another one's text.
enum PlanFormat: String, ExpressibleByArgument, CaseIterable { case text, json, markdown, github }

/// How findings alone are printed.
enum FindingFormat: String, ExpressibleByArgument, CaseIterable { case text, json, github }

/// How everything else is printed.
enum DataFormat: String, ExpressibleByArgument, CaseIterable { case text, json }
