import MendflowCore

/// Reads what n8n's tracing sends: an OTLP export request, as protobuf (n8n facts 11.1).
///
/// Of each run's span a dozen words are taken. Events, which hold error messages and stacks, are passed over unread, and so are
/// spans of nodes, which name no execution.
public enum TraceExport {
    /// More spans than n8n's own queue holds; attributes of one span or resource.
    private static let mostSpans = 4_096, mostAttributes = 256
    /// Bytes of a word that is worth anything.
    private static let longestWord = 128

    /// The hints of an export request.
    public static func read(_ bytes: [UInt8]) throws(ProtobufFault) -> HintBatch {
        var batch = HintBatch()
        var request = ProtobufMessage(bytes)
        while let field = try request.next() {
            if field.number == 1 { try readResource(try request.message(field), into: &batch) }
        }
        return batch
    }

    private static func readResource(
        _ message: ProtobufMessage, into batch: inout HintBatch
    ) throws(ProtobufFault) {
        var message = message
        while let field = try message.next() {
            switch field.number {
            case 1:
                let words = try attributes(of: 1, in: try message.message(field), wanted: ["service.version"])
                batch.release = ToldWord.release(words["service.version"]?.text) ?? batch.release
            case 2:
                var scope = try message.message(field)
                while let span = try scope.next() {
                    if span.number == 2 { try readSpan(try scope.message(span), into: &batch) }
                }
            default: break
            }
        }
    }

    private static func readSpan(_ message: ProtobufMessage, into batch: inout HintBatch) throws(ProtobufFault) {
        batch.spans += 1
        guard batch.spans <= mostSpans else { throw .tooMany("spans") }
        var (fields, name, end): (ProtobufMessage, String?, UInt64?) = (message, nil, nil)
        while let field = try fields.next() {
            switch (field.number, field.value) {
            case (5, _): name = try fields.text(field, atMost: longestWord)
            case (8, .fixed64(let nanoseconds)): end = nanoseconds
            case (8, _): throw .badForm(field: 8, at: field.place)
            default: break
            }
        }
        let words = try attributes(of: 9, in: message, wanted: wanted)
        guard name == "workflow.execute", let execution = ToldWord.execution(words[.id]?.text) else { return }
        let status = words[.status]?.text.map { ExecutionStatus(api: $0) } ?? .unrecognised
        batch.hints.append(
            Hint(
                .span, execution, status, workflow: ToldWord.workflow(words[.workflow]?.text),
                at: ToldWord.time(end.map { Int64($0 / 1_000_000) }), mode: ToldWord.mode(words[.mode]?.text),
                retryOf: ToldWord.execution(words[.retryOf]?.text)))
    }

    private static let wanted: Set<String> = [.id, .status, .workflow, .mode, .retryOf]

    /// The value of an attribute, as far as anything that is wanted has one.
    private struct Word {
        var text: String?
    }

    /// Attributes of some names, which stand in the fields of one number; of two with one name the later counts.
    private static func attributes(
        of number: UInt64, in message: ProtobufMessage, wanted: Set<String>
    ) throws(ProtobufFault) -> [String: Word] {
        var (message, found, count): (ProtobufMessage, [String: Word], Int) = (message, [:], 0)
        while let field = try message.next() {
            guard field.number == number else { continue }
            count += 1
            guard count <= mostAttributes else { throw .tooMany("attributes") }
            var (pair, key, value): (ProtobufMessage, String?, Word?) = (try message.message(field), nil, nil)
            while let part = try pair.next() {
                switch part.number {
                case 1: key = try pair.text(part, atMost: longestWord)
                case 2: value = try word(try pair.message(part))
                default: break
                }
            }
            if let key, wanted.contains(key) { found[key] = value ?? Word() }
        }
        return found
    }

    private static func word(_ message: ProtobufMessage) throws(ProtobufFault) -> Word {
        var (message, word) = (message, Word())
        while let field = try message.next() {
            switch (field.number, field.value) {
            case (1, _): word.text = try message.text(field, atMost: longestWord)
            // What an execution's id would be as a number.
            case (3, .varint(let number)): word.text = Int64(bitPattern: number) > 0 ? "\(number)" : nil
            default: word.text = nil
            }
        }
        return word
    }
}

extension String {
    fileprivate static let id = "n8n.execution.id", status = "n8n.execution.status", mode = "n8n.execution.mode"
    fileprivate static let retryOf = "n8n.execution.retry_of", workflow = "n8n.workflow.id"
}
