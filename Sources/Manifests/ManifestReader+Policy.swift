import Findings
import MTASTS
import Planning
import YAML

extension ManifestReader {
    /// `mta_sts:`.
    mutating func mtaSTS(_ node: YAMLNode) -> MTASTSDesire? {
        guard reading.check(node, .mtaSTS) else { return nil }
        let mode = mode(node["mode"])
        let mx = mx(node["mx"])
        let maxAge = maxAge(node["max_age"], mode: mode)
        let generation = reading.number(node["generation"], "generation", in: 1...1_000_000) ?? 1
        guard let mx, let maxAge else { return nil }
        return MTASTSDesire(
            mode: mode, mx: mx, maxAge: maxAge, generation: generation, following: following(node["mx"]))
    }

    /// `history:`.
    mutating func history(_ node: YAMLNode?) -> MaxAge? {
        guard let node, !node.isNull, reading.check(node, table(.history)) else { return nil }
        return reading.seconds(node["max_age"], "max_age", in: MaxAge.allowed).flatMap { MaxAge(seconds: $0) }
    }

    private mutating func mode(_ node: YAMLNode?) -> Mode {
        guard let text = reading.text(node, "mode"), let node else { return .testing }
        guard let mode = Mode(rawValue: text) else {
            let near = Spelling.nearest(to: text, among: Mode.allCases.map(\.rawValue))
            reading.error(
                .badValue, "'\(printable(text))' is no mode",
                action: near.map { "did you mean '\($0)'?" } ?? "use enforce, testing or none", at: node.place)
            return .testing
        }
        return mode
    }

    private mutating func mx(_ node: YAMLNode?) -> MXDesire? {
        guard let node, !node.isNull else { return .derived(also: []) }
        switch node.content {
        case .scalar("derived", _): return .derived(also: [])
        case .scalar(let text, _):
            reading.error(
                .wrongType, "'mx' is '\(printable(text))', and 'derived', a list or a map is wanted",
                action: "write 'mx: derived' or 'mx: [mx1.example.com]'",
                at: node.place)
            return nil
        case .sequence(let items):
            if items.isEmpty {
                reading.error(
                    .badValue, "'mx' is an empty list", action: "name the mail hosts, or write 'mx: derived'",
                    at: node.place)
            }
            return .patterns(items.compactMap { reading.pattern($0, "mx") })
        case .mapping:
            guard reading.check(node, table(.mxMap)) else { return nil }
            if reading.flag(node["derived"], "derived") == false {
                reading.error(
                    .badValue, "'derived: false' leaves no pattern", action: "write a list of patterns as 'mx'",
                    at: node["derived"]?.place)
            }
            return .derived(also: (reading.list(node["also"], "also") ?? []).compactMap { reading.pattern($0, "also") })
        }
    }

    /// How the policy follows MX records that move; nothing where the map says nothing of it.
    private mutating func following(_ node: YAMLNode?) -> MXFollowing? {
        guard let node, case .mapping = node.content else { return nil }
        let usual = MXFollowing.usual
        var following = usual
        if let text = reading.text(node["follow"], "follow"), let value = node["follow"] {
            if let way = MXFollowing.Way(rawValue: text) {
                following.way = way
            } else {
                reading.error(
                    .badValue, "'\(printable(text))' is no way to follow the MX records",
                    action: "use auto or ask", at: value.place)
            }
        }
        let day = 86_400
        following.after = reading.seconds(node["follow_after"], "follow_after", in: 0...30 * day) ?? usual.after
        following.stableFor = reading.seconds(node["stable_for"], "stable_for", in: 0...365 * day) ?? usual.stableFor
        return following == usual ? nil : following
    }

    /// Beyond RFC 8461's range is an error; inside it, what some senders replace needs a waiver (SND-3): an
    /// error that leaves the desire standing, since only a plan has the time by which a waiver counts.
    private mutating func maxAge(_ node: YAMLNode?, mode: Mode) -> MaxAge? {
        let place = node?.place
        let seconds = reading.seconds(node, "max_age") ?? 604_800
        guard let age = MaxAge(seconds: seconds) else {
            reading.error(
                .badValue, "'max_age' is \(seconds) seconds, and RFC 8461 allows 0 to 31557600",
                action: "write at most 31557599, such as 52w", at: place)
            return nil
        }
        if isDefault { return age }
        if !MaxAge.safe.contains(seconds) {
            reading.error(
                .maxAgeRange,
                "'max_age' is \(seconds) seconds, and some senders replace what is outside 3600 to 31557599 by a day",
                action: "choose a value inside, or add a waiver of 'max-age-range'", at: place)
        } else if mode == .enforce, seconds < 86_400 {
            reading.add(
                Finding(
                    .warning, .maxAgeShort,
                    "'max_age' is under a day, so 'enforce' protects little: senders forget the policy soon",
                    action: "use a week or more", at: place))
        }
        return age
    }
}
