private import CLibYAML

/// One step of libyaml's parser, in Swift's types.
struct ParseEvent {
    enum Kind {
        case streamStart
        case streamEnd
        /// `version` where the document says `%YAML`.
        case documentStart(version: (Int, Int)?)
        case documentEnd
        case alias(String)
        case scalar(YAMLScalar)
        case sequenceStart
        case mappingStart
        case collectionEnd
    }

    var kind: Kind
    var range: SourceRange
    var anchor: String?
    var tag: String?
}

/// libyaml's report of text that is not YAML.
struct SyntaxFault: Error {
    var problem: String
    var position: SourcePosition
    /// What libyaml was reading and where that began.
    var context: (text: String, position: SourcePosition)?
}

/// libyaml's event parser over bytes that are known to be UTF-8. It sets no limit on nesting; whoever takes the events
/// must.
@safe final class EventStream {
    // Allocated, because libyaml keeps pointers into both.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) {
        unsafe input = .allocate(capacity: max(1, bytes.count))
        _ = unsafe input.initialize(from: bytes)
        unsafe parser = .allocate(capacity: 1)
        let initialised = unsafe yaml_parser_initialize(parser)
        precondition(initialised == 1, "no memory for a YAML parser")
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    /// The next event. Not to be called again after `streamEnd` or a fault.
    func next() throws(SyntaxFault) -> ParseEvent {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw fault() }
        defer { unsafe yaml_event_delete(&event) }
        let (anchor, tag) = unsafe properties(of: event)
        return ParseEvent(
            kind: unsafe kind(of: event),
            range: unsafe SourceRange(start: position(event.start_mark), end: position(event.end_mark)),
            anchor: anchor, tag: tag)
    }

    private func kind(of event: yaml_event_t) -> ParseEvent.Kind {
        switch unsafe event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT:
            guard let version = unsafe event.data.document_start.version_directive else {
                return .documentStart(version: nil)
            }
            return unsafe .documentStart(version: (Int(version.pointee.major), Int(version.pointee.minor)))
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(unsafe string(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(YAMLScalar(unsafe String(decoding: bytes, as: UTF8.self), style: unsafe style(scalar.style)))
        case YAML_SEQUENCE_START_EVENT: return .sequenceStart
        case YAML_MAPPING_START_EVENT: return .mappingStart
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .collectionEnd
        default: return .streamEnd
        }
    }

    private func properties(of event: yaml_event_t) -> (anchor: String?, tag: String?) {
        switch unsafe event.type {
        case YAML_SCALAR_EVENT:
            unsafe (string(event.data.scalar.anchor), string(event.data.scalar.tag))
        case YAML_SEQUENCE_START_EVENT:
            unsafe (string(event.data.sequence_start.anchor), string(event.data.sequence_start.tag))
        case YAML_MAPPING_START_EVENT:
            unsafe (string(event.data.mapping_start.anchor), string(event.data.mapping_start.tag))
        default: (nil, nil)
        }
    }

    private func fault() -> SyntaxFault {
        let state = unsafe parser.pointee
        guard let problem = unsafe state.problem else {
            return SyntaxFault(problem: "libyaml ran out of memory", position: unsafe position(state.mark))
        }
        // Only the scanner and the parser set the mark.
        let isMarked = unsafe state.error == YAML_SCANNER_ERROR || state.error == YAML_PARSER_ERROR
        var fault = SyntaxFault(
            problem: unsafe String(cString: problem),
            position: unsafe position(isMarked ? state.problem_mark : state.mark))
        if let context = unsafe state.context {
            fault.context = unsafe (String(cString: context), position(state.context_mark))
        }
        return fault
    }

    private func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        guard let text = unsafe text else { return nil }
        return unsafe String(cString: text)
    }

    private func position(_ mark: yaml_mark_t) -> SourcePosition {
        SourcePosition(line: mark.line + 1, column: mark.column + 1)
    }

    private func style(_ style: yaml_scalar_style_t) -> YAMLScalar.Style {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: .literal
        case YAML_FOLDED_SCALAR_STYLE: .folded
        default: .plain
        }
    }
}
