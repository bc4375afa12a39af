public import MendflowCore

/// The saved answer of `GET /executions/{id}?includeData=true`.
public enum SavedExecution {
    /// The row with its data; nil where the bytes are no such answer. `scrub` takes secrets out of a text.
    public static func read(_ body: [UInt8], scrub: @escaping @Sendable (String) -> String) -> DetailedExecution? {
        var scanner = JSONScanner(DetailPlan.program)
        scanner.feed(body)
        guard let tree = scanner.finish(), let row = RowAnswer.execution(tree) else { return nil }
        return DetailedExecution(
            execution: row, detail: DetailAnswer(tree: tree, execution: row, scrub: scrub).detail())
    }
}
