extension Simulator {
    /// A span of n8n's tracing (n8n facts 11.1).
    public struct TraceSpan: Sendable {
        /// What it belongs to, what it is, and what it belongs to in turn.
        public var trace: [UInt8], id: [UInt8], parent: [UInt8]?
        /// `workflow.execute`, `node.execute` or `n8n.test_trace`.
        public var name: String
        /// In nanoseconds since 1970.
        public var start: Int64, end: Int64
        /// Its attributes, in order.
        public var attributes: JSON
        /// 1 where it went well, 2 where it did not.
        public var code: Int64
        /// The message of what was thrown in it.
        public var exception: String?

        /// Makes a span.
        public init(
            trace: [UInt8], id: [UInt8], parent: [UInt8]? = nil, name: String, start: Int64, end: Int64,
            attributes: JSON, code: Int64, exception: String? = nil
        ) {
            self.trace = trace
            self.id = id
            self.parent = parent
            self.name = name
            self.start = start
            self.end = end
            self.attributes = attributes
            self.code = code
            self.exception = exception
        }
    }

    /// Spans of one process as n8n's exporter sends them: an OTLP export request in protobuf.
    public static func traceExport(_ spans: [TraceSpan], resource: JSON) -> [UInt8] {
        var scope = ProtobufWriter()
        scope.message(1) { $0.text(1, "n8n-workflow") }
        for span in spans { scope.message(2) { $0.write(span) } }
        var request = ProtobufWriter()
        request.message(1) { whole in
            whole.message(1) { $0.attributes(1, resource) }
            whole.bytes(2, scope.written)
        }
        return request.written
    }
}

/// Writes protobuf.
private struct ProtobufWriter {
    private(set) var written: [UInt8] = []

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            written.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        written.append(UInt8(rest))
    }

    private mutating func key(_ field: UInt64, _ form: UInt64) { varint(field << 3 | form) }

    mutating func number(_ field: UInt64, _ value: Int64) {
        key(field, 0)
        varint(UInt64(bitPattern: value))
    }

    mutating func time(_ field: UInt64, _ value: Int64) {
        key(field, 1)
        for shift in stride(from: 0, to: 64, by: 8) { written.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func bytes(_ field: UInt64, _ value: [UInt8]) {
        key(field, 2)
        varint(UInt64(value.count))
        written += value
    }

    mutating func text(_ field: UInt64, _ value: String) { bytes(field, Array(value.utf8)) }

    mutating func message(_ field: UInt64, _ body: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        body(&inner)
        bytes(field, inner.written)
    }

    mutating func attributes(_ field: UInt64, _ attributes: JSON) {
        for (name, value) in attributes.object?.fields ?? [] {
            message(field) { pair in
                pair.text(1, name)
                pair.message(2) { $0.anyValue(value) }
            }
        }
    }

    private mutating func anyValue(_ value: JSON) {
        switch value {
        case .string(let words): text(1, words)
        case .bool(let flag): number(2, flag ? 1 : 0)
        case .int(let whole): number(3, whole)
        case .array(let items): message(5) { list in for item in items { list.message(1) { $0.anyValue(item) } } }
        case .double, .null, .object: break
        }
    }

    mutating func write(_ span: Simulator.TraceSpan) {
        bytes(1, span.trace)
        bytes(2, span.id)
        if let parent = span.parent { bytes(4, parent) }
        text(5, span.name)
        number(6, 1)
        time(7, span.start)
        time(8, span.end)
        attributes(9, span.attributes)
        if let exception = span.exception {
            message(11) { event in
                event.time(1, span.end)
                event.text(2, "exception")
                event.attributes(3, ["exception.message": .string(exception)])
            }
        }
        message(15) { $0.number(3, span.code) }
    }
}
