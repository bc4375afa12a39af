import MendflowCore
import MendflowHTTP
import MendflowLedger
import MendflowN8N
import MendflowPolicy
import MendflowSimulator
import MendflowText

extension FuzzTarget {
    /// Pages of the list of executions.
    static let page = FuzzTarget(
        "page", seeds: ["Tests/Fixtures/fuzz/page"]
    ) { bytes throws(BrokenPromise) in
        let page = try alike(bytes) { reader throws(ReadFailure) in try await reader.list(ListQuery()) }
        guard let page else { return }
        if let json = try? Simulator.JSON(parsing: bytes) {
            let rows = json["data"]?.elements ?? []
            let ids = rows.map { $0["id"]?.text ?? $0["id"]?.description ?? "" }
            try promise(
                ids == page.executions.map(\.id.text), "a page has the rows that another parser finds: \(ids)")
        }
        try promise(page.executions.count * 20 <= bytes.count, "no page has more rows than bytes for them")
        try recorded(page.executions)
    }

    /// Executions with their data.
    static let detail = FuzzTarget(
        "detail", seeds: ["Tests/Fixtures/fuzz/detail"]
    ) { bytes throws(BrokenPromise) in
        let id = (try? Simulator.JSON(parsing: bytes))?["id"]?.text ?? "12"
        let found = try alike(bytes) { reader throws(ReadFailure) in try await reader.detail(ExecutionID(id)) }
        guard let found = found.flatMap({ $0 }) else { return }
        try promise(found.execution.id.text == id, "the execution is the one that was asked for")
        try recorded([found.execution])
        let stored = found.detail.stored
        try promise((try? ExecutionDetail(stored)) == found.detail, "evidence reads back from the record the same")
        let size = CanonicalJSON.encode(stored).count
        try promise(size <= 512 << 10, "evidence is bounded: \(size) bytes")
        let told = "\(found.detail)"
        try promise(!told.contains(Answers.key), "our own key is in no evidence")
        _ = classifier?.classify(status: found.execution.status, detail: found.detail)
    }

    /// Pages of the list of workflows.
    static let workflow = FuzzTarget(
        "workflow", seeds: ["Tests/Fixtures/fuzz/workflow"]
    ) { bytes throws(BrokenPromise) in
        let found = try alike(bytes) { reader throws(ReadFailure) in try await reader.workflows() }
        for workflow in found ?? [] {
            try promise(
                (try? WorkflowInfo(workflow.stored)) == workflow, "a workflow reads back from the record the same")
        }
        let ids = (found ?? []).map(\.id)
        try promise(Set(ids).count == ids.count, "a workflow comes once")
    }

    private static let classifier = try? BuiltInRules.classifier()

    /// What a reader makes of an answer, by whatever pieces it comes; nil where it refuses it.
    private static func alike<Value: Sendable & Equatable>(
        _ bytes: [UInt8], _ read: @escaping @Sendable (N8NReader) async throws(ReadFailure) -> Value
    ) throws(BrokenPromise) -> Value? {
        // The size of the pieces follows from the input, so that an input is all that a finding takes.
        let sizes = [16_384, 1, 2 + bytes.count % 23]
        let results = try sizes.map { size throws(BrokenPromise) in try Answers.read(bytes, pieces: size, read) }
        for result in results.dropFirst() {
            switch (results[0], result) {
            case (.success(let one), .success(let other)):
                try promise(one == other, "an answer reads the same in whatever pieces it comes: \(one) \(other)")
            case (.failure(let one), .failure(let other)):
                try promise(one.kind == other.kind, "an answer is refused alike in whatever pieces it comes")
            default: try promise(false, "an answer is accepted in whatever pieces it comes")
            }
        }
        return try? results[0].get()
    }

    /// Rows are kept by the ledger as they are.
    private static func recorded(_ rows: [Execution]) throws(BrokenPromise) {
        let live = rows.map { TickState.Live(execution: $0, firstSeen: ServerTime(milliseconds: 1)) }
        let state = TickState(
            tick: 1, at: AgentTime(milliseconds: 1), accounted: nil, sweptAt: nil, rows: rows.count, live: live,
            clockOffset: .zero)
        let entry = LedgerEntry(
            .tick(InstanceKey(name: "production", epoch: 1), TickPatch(from: nil, to: state)), at: state.at)
        let bytes = CanonicalRecord(sequence: 1, record: entry.record(after: state.at)).bytes
        let back = try? LedgerEntry(CanonicalRecord(bytes: bytes).record)
        try promise(back == entry, "rows read back from the record the same")
    }
}
