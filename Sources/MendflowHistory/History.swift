package import MendflowCore

/// What an n8n did in the past: its executions, the data of those that failed, its workflows.
package struct History: Sendable {
    /// The rows, in columns.
    package private(set) var columns = HistoryColumns()
    /// Data of executions, as evidence.
    package private(set) var details = HistoryDetails()
    /// The workflows as they were when the history was read.
    package private(set) var workflows: [WorkflowID: WorkflowInfo] = [:]
    /// Which runs an agent's retries started; nil where nobody noted that.
    package var agent: AgentRuns?
    /// What could not be taken as it is written, where the history was read from files.
    package internal(set) var findings = HistoryFindings()
    /// How the columns stood that are kept beside the files; nil where there are to be none.
    package internal(set) var kept: KeptColumns?
    /// Where the rows stood, and data apart from rows; forgotten once they are in order.
    private var sources = LineSources(), dataSources = LineSources()

    /// Makes a history of nothing.
    package init() {}

    /// Makes a history.
    package init(
        _ rows: [Execution], details: [ExecutionID: ExecutionDetail] = [:], workflows: [WorkflowInfo] = []
    ) {
        for row in rows { add(row) }
        for (id, detail) in details.sorted(by: { $0.key < $1.key }) { add(detail, of: id) }
        for workflow in workflows { add(workflow) }
        sort()
    }

    /// Makes a history of its parts, which are in order.
    init(
        columns: HistoryColumns, details: HistoryDetails, workflows: [WorkflowID: WorkflowInfo], agent: AgentRuns?,
        findings: HistoryFindings
    ) {
        self.columns = columns
        self.details = details
        self.workflows = workflows
        self.agent = agent
        self.findings = findings
    }

    /// The rows, by ascending id once they are sorted.
    package var rows: HistoryRows { HistoryRows(columns: columns) }

    /// One execution's row, once they are sorted.
    package subscript(id id: ExecutionID) -> Execution? { columns.place(of: id).map(columns.row) }

    /// The row with the lowest id above another one, once they are sorted.
    package func firstRow(above id: ExecutionID) -> Execution? { columns.place(above: id).map(columns.row) }

    /// Where in `rows` an execution is, once they are sorted.
    package func place(of id: ExecutionID) -> Int? { columns.place(of: id) }

    /// Takes a row in; of two of one execution the one that has ended stays, and of two that have the later one.
    package mutating func add(_ row: Execution) { columns.append(row) }

    /// Says where the rows stand that are taken in from here on, one a line or one an element.
    mutating func goOn(at place: HistoryFinding.Place) { sources.goOn(columns.count, at: place) }

    /// Takes in a row that was read off a text.
    mutating func add(_ row: RowLine, of text: [UInt8]) { columns.append(row, of: text) }

    /// Takes an execution's data in.
    package mutating func add(_ detailed: DetailedExecution) {
        add(detailed.execution)
        add(detailed.detail, of: detailed.execution.id)
    }

    /// Takes the data of an execution in, whose row comes elsewhere.
    package mutating func add(_ detail: ExecutionDetail, of id: ExecutionID) { details.set(detail, of: id) }

    /// Takes in data that stands apart from its row.
    mutating func add(_ detail: ExecutionDetail, of id: ExecutionID, at place: HistoryFinding.Place) {
        dataSources.goOn(details.numbers.count, at: place)
        add(detail, of: id)
    }

    /// Takes a workflow in; the one that is read last counts.
    package mutating func add(_ workflow: WorkflowInfo) { workflows[workflow.id] = workflow }

    /// Takes in the rows of another history.
    mutating func add(rowsOf other: History) {
        for row in other.rows { add(row) }
    }

    /// The same of one workflow alone.
    package func only(_ workflow: WorkflowID) -> History {
        var chosen = self
        chosen.columns = columns.filtered { $0.workflow == workflow }
        chosen.details = details.filtered { [columns = chosen.columns] in columns.place(of: $0) != nil }
        chosen.workflows = workflows.filter { $0.key == workflow }
        return chosen
    }

    /// Puts everything in order, once all is in.
    package mutating func sort() {
        let conflicts = columns.sort()
        for (place, conflict) in conflicts.first {
            guard let source = sources.place(of: place) else { continue }
            let done = conflict.conflict.laterCounts ? "this row counts" : "the earlier row counts, which has ended"
            findings.add(
                HistoryFinding(
                    kind: .conflict, execution: conflict.execution, place: source, words: conflict.conflict.words,
                    done: done))
        }
        if !sources.isEmpty { findings.add(conflicts.count - conflicts.first.count, moreOf: .conflict) }
        findDataWithoutRows()
        (sources, dataSources) = (LineSources(), LineSources())
        details.sort()
    }

    /// Tells of data that stands apart from its row, where there is no such row.
    private mutating func findDataWithoutRows() {
        guard !dataSources.isEmpty else { return }
        for (place, number) in details.numbers.enumerated() {
            let id = ExecutionID(number)
            guard columns.place(of: id) == nil, let source = dataSources.place(of: place) else { continue }
            findings.add(
                HistoryFinding(
                    kind: .dataWithoutRow, execution: id, place: source,
                    words: "data without a row", done: "not looked at"))
        }
    }

    /// The time from the first start to the last sign of life; nil where no row has a time.
    package var span: Range<ServerTime>? {
        var (first, last) = (Int64.max, Int64.min)
        for place in 0..<columns.count {
            let (start, length) = (columns.starts[place], columns.lengths[place])
            if length < HistoryColumns.otherEnd {
                // Its end is no earlier than its start; whether it was made still later is seen below.
                first = min(first, start)
                last = max(last, start + Int64(length))
                if let made = columns.created(place) { last = max(last, made) }
            } else {
                let row = columns.row(place)
                let start = row.startedAt ?? row.createdAt ?? row.stoppedAt
                if let start { first = min(first, start.milliseconds) }
                if let end = row.newestTime { last = max(last, end.milliseconds) }
            }
        }
        guard first != .max, last != .min else { return nil }
        return ServerTime(milliseconds: first)..<(ServerTime(milliseconds: max(last, first)) + .milliseconds(1))
    }
}

extension Execution {
    /// The first time that the row tells.
    package var beginning: ServerTime? { startedAt ?? createdAt ?? stoppedAt }

    /// Whether of two rows of one execution, this one and one that was read later, the later one counts.
    func gives(wayTo other: Execution) -> Bool { status.isLive || !other.status.isLive }
}

/// Where the rows of a history stand in its files, or data.
private struct LineSources: Sendable {
    /// Rows that follow each other line by line, or element by element: the first of them, and where it stands.
    private var runs: [(row: Int, place: HistoryFinding.Place)] = []

    var isEmpty: Bool { runs.isEmpty }

    mutating func goOn(_ row: Int, at place: HistoryFinding.Place) {
        if let last = runs.last {
            guard expected(row, last) != place else { return }
            if last.row == row { runs.removeLast() }
        }
        runs.append((row, place))
    }

    func place(of row: Int) -> HistoryFinding.Place? {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].row <= row { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? expected(row, runs[low - 1]) : nil
    }

    private func expected(_ row: Int, _ run: (row: Int, place: HistoryFinding.Place)) -> HistoryFinding.Place {
        var place = run.place
        if let element = place.element {
            place.element = element + row - run.row
        } else {
            place.line += row - run.row
        }
        return place
    }
}
