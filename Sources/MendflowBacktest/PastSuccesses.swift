import MendflowCore
import MendflowHistory

/// What the successful runs of a history tell: of which workflows they are seen, and how long they take.
struct PastSuccesses {
    /// How long each workflow's successful runs took; empty where no policy asks.
    private(set) var runTimes: [WorkflowID: RunTimes] = [:]
    /// Workflows of which a success that is no retry is seen.
    let seen: Set<WorkflowID>
    private let workflows: [WorkflowID: WorkflowInfo]
    /// Whether successes are seen of a workflow that leaves it to the instance's default whether they are kept.
    private let seesDefault: Bool

    init(_ history: History, _ policies: PolicySet) {
        seen = Set(history.columns.table.lazy.filter { $0.status == .success && $0.mode != .retry }.map(\.workflow))
        workflows = history.workflows
        seesDefault = seen.contains { history.workflows[$0].map { $0.savesSuccesses == nil } ?? false }
        if policies.conditions.contains(where: { $0.fields.contains(.ranForOfP95) }) {
            runTimes = Self.runTimes(history.columns)
        }
    }

    /// Whether a success of a workflow would be seen.
    func areSeen(of workflow: WorkflowID) -> Bool {
        guard let info = workflows[workflow] else { return false }
        return info.savesSuccesses ?? (seen.contains(workflow) || seesDefault)
    }

    /// As everything tells that was ever seen, not only what was seen up to a moment.
    private static func runTimes(_ columns: HistoryColumns) -> [WorkflowID: RunTimes] {
        var lengths: [WorkflowID: [Period]] = [:]
        var ofKind: [[Period]] = Array(repeating: [], count: columns.table.count)
        for place in 0..<columns.count {
            let kind = columns.kind(place)
            guard columns.table[kind].status == .success, columns.lengths[place] < HistoryColumns.otherEnd,
                columns.rest(place)?.retryOf == nil
            else { continue }
            ofKind[kind].append(Period(milliseconds: Int64(columns.lengths[place])))
        }
        for (kind, periods) in zip(columns.table, ofKind) where !periods.isEmpty {
            lengths[kind.workflow, default: []] += periods
        }
        return lengths.compactMapValues { RunTimes($0) }
    }
}
