import CLibYAML

/// Pulls libyaml's events one by one, so that limits apply before the next one is made.
struct EventReader: ~Copyable {
    /// An event without its C memory.
    enum Event {
        case streamEnd
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(String, isPlain: Bool, anchor: String?, tag: String?)
        case sequenceStart(anchor: String?, tag: String?)
        case sequenceEnd
        case mappingStart(anchor: String?, tag: String?)
        case mappingEnd
        case other
    }

    struct Located {
        let event: Event
        let line: Int
        let column: Int
        let endLine: Int
        let endColumn: Int
    }

    /// libyaml's own words for a syntax error, with its place.
    struct SyntaxError: Error {
        let words: String
        let line: Int
        let column: Int
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    init?(_ octets: [UInt8]) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            return nil
        }
        self.parser = parser
        // libyaml keeps the pointer, so the octets must stay where they are as long as the parser lives.
        input = UnsafeMutableBufferPointer.allocate(capacity: max(1, octets.count))
        _ = input.initialize(from: octets)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, octets.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    mutating func next() throws(SyntaxError) -> Located {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
        defer { yaml_event_delete(&event) }
        return Located(
            event: Self.value(of: event), line: Int(event.start_mark.line), column: Int(event.start_mark.column),
            endLine: Int(event.end_mark.line), endColumn: Int(event.end_mark.column))
    }

    private func syntaxError() -> SyntaxError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "the text can't be read"
        let context = parser.pointee.context.map { String(cString: $0) + ": " } ?? ""
        return SyntaxError(
            words: context + problem, line: Int(parser.pointee.problem_mark.line),
            column: Int(parser.pointee.problem_mark.column))
    }

    private static func value(of event: yaml_event_t) -> Event {
        switch event.type {
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let octets = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(
                String(decoding: octets, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE,
                anchor: text(scalar.anchor), tag: text(scalar.tag))
        case YAML_SEQUENCE_START_EVENT:
            return .sequenceStart(
                anchor: text(event.data.sequence_start.anchor), tag: text(event.data.sequence_start.tag))
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            return .mappingStart(anchor: text(event.data.mapping_start.anchor), tag: text(event.data.mapping_start.tag))
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default: return .other
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }
}
