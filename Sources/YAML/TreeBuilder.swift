import Findings

/// Builds the tree from events, under limits. Goes on after an error whose extent is known, such as a key's second
/// value; stops at any other, since what follows it would be guesswork.
struct TreeBuilder {
    private(set) var root: YAMLNode?
    /// Errors after which the rest could still be read.
    private var passed: [Finding] = []
    private var shown: (line: Int, text: String?) = (-1, nil)
    private let lines: SourceLines
    private let limits: YAMLLimits
    private var stack: [Open] = []
    private var anchors: [String: (node: YAMLNode, size: Int)] = [:]
    private var nodes = 0
    private var aliases = 0
    private var documents = 0

    /// A collection that is not closed yet.
    private struct Open {
        var place: Place
        var anchor: String?
        var isMapping: Bool
        var items: [YAMLNode] = []
        var entries: [YAMLNode.Entry] = []
        /// The key whose value comes next; `text` is `nil` where that value is left out.
        var key: (text: String?, place: Place)?
        /// The line of each key, so that a repetition is found without a search.
        var keyLines: [String: Int] = [:]
        var size = 1
    }

    private struct Stop: Error { let finding: Finding }

    init(lines: SourceLines, limits: YAMLLimits) {
        self.lines = lines
        self.limits = limits
    }

    /// What is wrong; ``root`` is whole only when the last finding did not stop the reading.
    mutating func build(_ octets: [UInt8]) -> (findings: [Finding], isWhole: Bool) {
        guard var reader = EventReader(octets) else {
            let finding = Finding(
                .error, .yamlSyntax, "the YAML parser could not be started", action: "free memory", actor: .operator)
            return ([finding], false)
        }
        do {
            while true {
                let located: EventReader.Located
                do throws(EventReader.SyntaxError) { located = try reader.next() } catch {
                    throw Stop(
                        finding: Finding(
                            .error, .yamlSyntax, "this is no valid YAML: \(error.words)",
                            action: "mend the syntax here",
                            at: lines.place(line: error.line, column: error.column)))
                }
                if try take(located) { return (passed, true) }
            }
        } catch let stop as Stop {
            return (passed + [stop.finding], false)
        } catch {
            return (passed + [Finding(.error, .yamlSyntax, "\(error)", action: "mend the file")], false)
        }
    }

    /// Takes one event; `true` at the end of the stream.
    private mutating func take(_ located: EventReader.Located) throws -> Bool {
        let length = located.line == located.endLine ? located.endColumn - located.column : 1
        // Many nodes may stand in one long line, and all share its text.
        if shown.line != located.line { shown = (located.line, lines.source(located.line)) }
        let place = Place(
            file: lines.file, line: located.line + 1, column: located.column + 1, length: length, source: shown.text)
        switch located.event {
        case .streamEnd: return true
        case .documentStart:
            documents += 1
            if documents > 1 {
                throw stop(.yamlDocuments, "a second document begins here", "keep one document in a file", place)
            }
        case .scalar(let text, let isPlain, let anchor, let tag):
            refuse(tag, place)
            try count(1, place)
            try add(YAMLNode(.scalar(text, isPlain: isPlain), at: place), size: 1, anchor: anchor)
        case .alias(let name):
            aliases += 1
            guard aliases <= limits.aliases else {
                throw stop(
                    .yamlLimit, "more than \(limits.aliases) aliases stand in this file", "write the values out", place)
            }
            guard let known = anchors[name] else { throw dangling(name, place) }
            try count(known.size, place)
            try add(known.node, size: known.size, anchor: nil)
        case .sequenceStart(let anchor, let tag), .mappingStart(let anchor, let tag):
            refuse(tag, place)
            try count(1, place)
            guard stack.count < limits.depth else {
                throw stop(
                    .yamlLimit, "values are nested deeper than \(limits.depth) levels", "flatten the file", place)
            }
            if case .mappingStart = located.event {
                stack.append(Open(place: place, anchor: anchor, isMapping: true))
            } else {
                stack.append(Open(place: place, anchor: anchor, isMapping: false))
            }
        case .sequenceEnd, .mappingEnd:
            guard let open = stack.popLast() else { return false }
            let node = YAMLNode(open.isMapping ? .mapping(open.entries) : .sequence(open.items), at: open.place)
            try add(node, size: open.size, anchor: open.anchor)
        case .documentEnd, .other: break
        }
        return false
    }

    private mutating func add(_ node: YAMLNode, size: Int, anchor: String?) throws {
        if let anchor { anchors[anchor] = (node, size) }
        guard var open = stack.popLast() else {
            root = node
            return
        }
        open.size += size
        if !open.isMapping {
            open.items.append(node)
        } else if let key = open.key {
            if let text = key.text { open.entries.append(YAMLNode.Entry(key: text, place: key.place, value: node)) }
            open.key = nil
        } else {
            open.key = (try self.key(node, in: &open), node.place)
        }
        stack.append(open)
    }

    /// A key's text; `nil` where its value is to be left out.
    private mutating func key(_ node: YAMLNode, in open: inout Open) throws -> String? {
        guard case .scalar(let text, _) = node.content else {
            return pass(.wrongType, "a key is \(node.kindWords)", "use a word as key", node.place)
        }
        if text == "<<" {
            return pass(
                .yamlSyntax, "merge keys ('<<') are not supported", "write the keys out, or use 'defaults'", node.place)
        }
        if let line = open.keyLines[text] {
            return pass(
                .yamlDuplicateKey, "the key\(quoted(text, node.place)) stands here again; it was given in line \(line)",
                "remove one of the two", node.place)
        }
        guard open.keyLines.count < limits.keys else {
            throw stop(
                .yamlLimit, "more than \(limits.keys) keys stand in one map", "write fewer into one map", node.place)
        }
        open.keyLines[text] = node.place.line
        return text
    }

    private mutating func count(_ more: Int, _ place: Place) throws {
        nodes += more
        guard nodes <= limits.nodes else {
            throw stop(
                .yamlLimit, "the file holds more than \(limits.nodes) values, aliases included",
                "write less into one file", place)
        }
    }

    private mutating func refuse(_ tag: String?, _ place: Place) {
        guard let tag else { return }
        let shown = place.source == nil ? "" : " '\(tag)'"
        _ = pass(.yamlSyntax, "the tag\(shown) is not supported", "remove it", place)
    }

    /// An alias to nothing. On a line that may hold a secret it is perhaps a piece of one that begins with `*`.
    private func dangling(_ name: String, _ place: Place) -> Stop {
        place.source == nil
            ? stop(
                .yamlSyntax, "an alias here has no anchor before it",
                "write an anchor at the value it means, or quotes",
                place)
            : stop(
                .yamlSyntax, "the alias '*\(name)' has no anchor before it", "write '&\(name)' at the value it means",
                place)
    }

    /// A key in quotes, but not what may be a piece of a secret.
    private func quoted(_ key: String, _ place: Place) -> String {
        place.source == nil && !key.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == 0x5f } ? "" : " '\(key)'"
    }

    /// Notes an error and goes on.
    private mutating func pass(_ code: FindingCode, _ message: String, _ action: String, _ place: Place) -> String? {
        passed.append(Finding(.error, code, message, action: action, at: place))
        return nil
    }

    private func stop(_ code: FindingCode, _ message: String, _ action: String, _ place: Place) -> Stop {
        Stop(finding: Finding(.error, code, message, action: action, at: place))
    }
}
