/// Something a person should know about a manifest, a zone or the live world, with its next action.
///
/// The one diagnostic type of the house: parsers, differ, probes and renderers all speak it.
package struct Finding: Hashable, Sendable, Codable {
    /// How bad it is.
    package let severity: Severity
    /// The stable code: waivers, `explain` and SARIF hang on it.
    package let code: FindingCode
    /// The mail domain that it is about, as written; `nil` when it is about the configuration as a whole.
    package let zone: String?
    /// What happened, in one sentence without a final dot.
    package let message: String
    /// What to do next, as an instruction in one sentence.
    package let action: String
    /// Who acts next.
    package let actor: Actor
    /// Where it was found.
    package let place: Place?

    /// Makes a finding; `actor` defaults to the manifest's author, who can mend most of them.
    package init(
        _ severity: Severity, _ code: FindingCode, zone: String? = nil, _ message: String, action: String,
        actor: Actor = .author, at place: Place? = nil
    ) {
        self.severity = severity
        self.code = code
        self.zone = zone
        self.message = message
        self.action = action
        self.actor = actor
        self.place = place
    }

    /// The same finding, told of `zone`.
    package func about(zone: String) -> Finding {
        Finding(severity, code, zone: zone, message, action: action, actor: actor, at: place)
    }
}

extension Finding {
    /// Errors stop something; warnings need a look; notes are for completeness.
    package enum Severity: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
        case error, warning, note

        /// Errors come first.
        package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }

        private var rank: Int {
            switch self {
            case .error: 0
            case .warning: 1
            case .note: 2
            }
        }
    }

    /// Who has to act before the finding goes away.
    package enum Actor: String, Hashable, Sendable, Codable, CaseIterable {
        /// Whoever commits the manifest.
        case author
        /// Whoever runs CertaDNS: configuration, credentials, servers.
        case `operator`
        /// Whoever runs the domain's mail hosts.
        case mailAdmin = "mail-admin"
        /// Nobody: time alone releases it.
        case time
    }
}
