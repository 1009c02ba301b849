package import DNS

/// The names that RFC 8461 gives a policy domain.
package enum WellKnown {
    /// The path of the policy (§3.2).
    package static let path = "/.well-known/mta-sts.txt"

    /// `_mta-sts.<zone>` (§3.1).
    package static func recordName(_ zone: DomainName) -> DomainName { below(zone, "_mta-sts") }

    /// `mta-sts.<zone>` (§3.2).
    package static func hostName(_ zone: DomainName) -> DomainName { below(zone, "mta-sts") }

    /// The policy domain of a policy host's name; `nil` when its first label is another.
    package static func zone(ofHost host: DomainName) -> DomainName? {
        guard let first = host.labels.first, String(decoding: first, as: UTF8.self).lowercased() == "mta-sts" else {
            return nil
        }
        return host.parent
    }

    /// Where senders fetch the policy (§3.2, STS-11).
    package static func url(_ zone: DomainName) -> String { "https://\(hostName(zone))\(path)" }

    /// A zone too long to have such a name has none; manifests refuse it before (see ``fits(_:)``).
    private static func below(_ zone: DomainName, _ label: String) -> DomainName {
        (try? zone.prepending(label: Array(label.utf8))) ?? zone
    }

    /// Whether the names of MTA-STS, TLS-RPT and ACME fit below `zone` (255 octets).
    package static func fits(_ zone: DomainName) -> Bool {
        (try? zone.prepending("_acme-challenge.mta-sts")) != nil
    }
}
