import MendflowCore
import MendflowHints

extension FuzzTarget {
    /// What n8n's tracing sends.
    static let traces = FuzzTarget(
        "traces", seeds: ["Tests/Fixtures/hints/otlp"]
    ) { bytes throws(BrokenPromise) in
        let read = traces(bytes)
        guard case .success(let batch) = read else { return }
        try promise(batch.hints.count <= batch.spans && batch.spans <= 4_096, "so many spans are read at most")
        try promise(batch.spans <= bytes.count, "a span has bytes of its own")
        for hint in batch.hints { try check(hint) }
        // By protobuf's own rules two messages in a row are one with the fields of both, and who does not know a field passes
        // over it.
        if batch.spans <= 2_048, case .success(let twice) = traces(bytes + bytes) {
            try promise(twice.hints == batch.hints + batch.hints, "two requests in a row tell what both tell")
        }
        let unknown: [UInt8] = [0xC2, 0x3E, 0x02, 0x08, 0x01]
        try promise(traces(bytes + unknown) == read, "a field that nobody knows changes nothing")
        try promise(traces(bytes + [0x0A]) != read, "a field without a length is no field")
    }

    /// What an error workflow posts.
    static let failures = FuzzTarget(
        "failures", seeds: ["Tests/Fixtures/hints"], splitsSeeds: true
    ) { bytes throws(BrokenPromise) in
        guard let hint = ErrorTriggerPost.read(bytes) else { return }
        try check(hint)
        try promise(ErrorTriggerPost.read([0x20] + bytes + [0x0A]) == hint, "white space around it changes nothing")
        try promise(hint.claim == .error || hint.claim == .crashed, "it tells of failures alone")
    }

    private static func traces(_ bytes: [UInt8]) -> Result<HintBatch, ProtobufFault> {
        do throws(ProtobufFault) { return .success(try TraceExport.read(bytes)) } catch { return .failure(error) }
    }

    /// What holds of every hint, whoever sent it: nothing of it is longer or stranger than what n8n gives.
    private static func check(_ hint: Hint) throws(BrokenPromise) {
        for id in [hint.execution, hint.retryOf].compactMap(\.self) {
            try promise(id.number.map { "\($0)" == id.text } ?? false, "an execution's id is a plain number: \(id)")
        }
        for text in [hint.workflow?.text, hint.mode.word].compactMap(\.self) {
            try promise(
                text.utf8.count <= 64 && text.utf8.allSatisfy { $0 > 32 && $0 < 127 }, "a word is plain: \(text)")
        }
        if let at = hint.at { try promise(ServerTime(rfc3339: at.rfc3339) == at, "a time reads back the same: \(at)") }
    }
}
