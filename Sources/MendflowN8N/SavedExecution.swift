public import MendflowCore

/// The saved answer of `GET /executions/{id}?includeData=true`.
public enum SavedExecution {
    /// The row with its data; nil where the bytes are no such answer.
    public static func read(_ body: [UInt8]) -> DetailedExecution? {
        var scanner = JSONScanner(DetailPlan.program)
        scanner.feed(body)
        guard let tree = scanner.finish(), let row = RowAnswer.execution(tree) else { return nil }
        return DetailedExecution(
            execution: row, detail: DetailAnswer(tree: tree, execution: row, scrub: EvidenceScrub()).detail())
    }
}
