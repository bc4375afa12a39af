package import MendflowCore

/// Two rows of one execution that cannot both be so.
package struct RowConflict: Sendable, Hashable {
    /// What they tell differently.
    package var words: String
    /// Whether the one that was read later counts.
    package var laterCounts: Bool

    /// What two rows contradict each other in; nil where both can be so. A live row may be older than one that has ended,
    /// and n8n gives crashed runs another end.
    package init?(_ earlier: Execution, _ later: Execution) {
        var differences: [String] = []
        func compare<Value: Equatable>(_ name: String, _ one: Value?, _ other: Value?, _ text: (Value) -> String) {
            guard let one, let other, one != other else { return }
            differences.append("\(name) \(text(other)), an earlier row says \(text(one))")
        }
        compare("workflowId", earlier.workflow, later.workflow) { $0.text }
        compare("retryOf", earlier.retryOf, later.retryOf) { $0.text }
        compare("startedAt", earlier.startedAt, later.startedAt) { $0.rfc3339 }
        if [earlier, later].allSatisfy({ !$0.status.isLive && $0.status != .crashed }) {
            compare("status", earlier.status, later.status) { $0.apiWord }
            compare("stoppedAt", earlier.stoppedAt, later.stoppedAt) { $0.rfc3339 }
        }
        guard !differences.isEmpty else { return nil }
        words = differences.joined(separator: "; ")
        laterCounts = earlier.gives(wayTo: later)
    }
}
