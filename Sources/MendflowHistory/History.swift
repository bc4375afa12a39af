package import MendflowCore

/// What an n8n did in the past: its executions, the data of those that failed, its workflows.
package struct History: Sendable {
    /// The rows, by ascending id.
    package private(set) var rows: [Execution] = []
    /// Data of executions, as evidence.
    package private(set) var details: [ExecutionID: ExecutionDetail] = [:]
    /// The workflows as they were when the history was read.
    package private(set) var workflows: [WorkflowID: WorkflowInfo] = [:]
    /// What could not be taken as it is written, where the history was read from files.
    package internal(set) var findings = HistoryFindings()
    /// Where in `rows` each execution is.
    private var places: [ExecutionID: Int] = [:]

    /// Makes a history of nothing.
    package init() {}

    /// Makes a history.
    package init(
        _ rows: [Execution], details: [ExecutionID: ExecutionDetail] = [:], workflows: [WorkflowInfo] = []
    ) {
        for row in rows { add(row) }
        for (id, detail) in details { self.details[id] = detail }
        for workflow in workflows { add(workflow) }
        sort()
    }

    /// One execution's row.
    package subscript(id id: ExecutionID) -> Execution? { places[id].map { rows[$0] } }

    /// Where in `rows` an execution is.
    package func place(of id: ExecutionID) -> Int? { places[id] }

    /// Takes a row in; of two of one execution the one that has ended stays, and of two that have the later one. Answers how
    /// it contradicts the one that was there, where it does.
    @discardableResult
    package mutating func add(_ row: Execution) -> RowConflict? {
        guard let place = places[row.id] else {
            places[row.id] = rows.count
            rows.append(row)
            return nil
        }
        let conflict = RowConflict(rows[place], row)
        rows[place] = rows[place].merged(with: row)
        return conflict
    }

    /// Takes an execution's data in; as above.
    @discardableResult
    package mutating func add(_ detailed: DetailedExecution) -> RowConflict? {
        details[detailed.execution.id] = detailed.detail
        return add(detailed.execution)
    }

    /// Takes the data of an execution in, whose row comes elsewhere.
    package mutating func add(_ detail: ExecutionDetail, of id: ExecutionID) { details[id] = detail }

    /// Takes a workflow in; the one that is read last counts.
    package mutating func add(_ workflow: WorkflowInfo) { workflows[workflow.id] = workflow }

    /// The same of one workflow alone.
    package func only(_ workflow: WorkflowID) -> History {
        let chosen = rows.filter { $0.workflow == workflow }
        let ids = Set(chosen.map(\.id))
        return History(
            chosen, details: details.filter { ids.contains($0.key) },
            workflows: workflows.values.filter { $0.id == workflow })
    }

    /// Puts the rows in order, once all are in.
    package mutating func sort() {
        rows.sort { $0.id < $1.id }
        for (place, row) in rows.enumerated() { places[row.id] = place }
    }

    /// The time from the first start to the last sign of life; nil where no row has a time.
    package var span: Range<ServerTime>? {
        let starts = rows.lazy.compactMap { $0.startedAt ?? $0.createdAt ?? $0.stoppedAt }
        guard let first = starts.min(), let last = rows.lazy.compactMap(\.newestTime).max() else { return nil }
        return first..<max(last, first) + .milliseconds(1)
    }
}

extension Execution {
    /// Whether of two rows of one execution, this one and one that was read later, the later one counts.
    func gives(wayTo other: Execution) -> Bool { status.isLive || !other.status.isLive }

    /// The same execution as two answers told it: the later one of its life, and what only one of them tells.
    fileprivate func merged(with other: Execution) -> Execution {
        var merged = gives(wayTo: other) ? other : self
        let rest = gives(wayTo: other) ? self : other
        merged.createdAt = merged.createdAt ?? rest.createdAt
        merged.startedAt = merged.startedAt ?? rest.startedAt
        merged.stoppedAt = merged.stoppedAt ?? rest.stoppedAt
        merged.retryOf = merged.retryOf ?? rest.retryOf
        merged.retrySuccess = merged.retrySuccess ?? rest.retrySuccess
        merged.hidesRetryOf = merged.hidesRetryOf && rest.hidesRetryOf
        return merged
    }
}
