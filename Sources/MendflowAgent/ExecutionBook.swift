import MendflowCore

/// What the agent remembers of an instance between two ticks: the source of every snapshot.
struct ExecutionBook: Sendable {
    /// Rows within the look-back window, live ones of any age, and the ancestors of both.
    private(set) var executions: [ExecutionID: Execution] = [:]
    private(set) var firstSeen: [ExecutionID: Timestamp] = [:]
    private(set) var lastSeenWaiting: [ExecutionID: Timestamp] = [:]
    private(set) var seenLive: Set<ExecutionID> = []
    private(set) var newestSuccess: [WorkflowID: ExecutionID] = [:]
    private(set) var highest: ExecutionID?
    var details: [ExecutionID: ExecutionDetail] = [:]
    var workflows: [WorkflowID: WorkflowInfo]?
    /// One text per workflow id: sixteen characters do not fit into a small string, fifty thousand copies would count.
    private var workflowTexts: [WorkflowID: WorkflowID] = [:]

    /// What a row contradicted: the same id with another workflow or another start (semantics 26).
    struct Contradiction: Error {
        var id: ExecutionID
    }

    /// Takes a row in, as seen at a time.
    mutating func note(_ row: Execution, at now: Timestamp) throws(Contradiction) {
        var row = row
        if let known = workflowTexts[row.workflow] {
            row.workflow = known
        } else {
            workflowTexts[row.workflow] = row.workflow
        }
        if let old = executions[row.id] {
            if old.workflow != row.workflow { throw Contradiction(id: row.id) }
            if let a = old.startedAt, let b = row.startedAt, a != b { throw Contradiction(id: row.id) }
            row.createdAt = row.createdAt ?? old.createdAt
        }
        if highest.map({ $0 < row.id }) ?? true { highest = row.id }
        if row.status.isLive {
            if firstSeen[row.id] == nil { firstSeen[row.id] = now }
            seenLive.insert(row.id)
            if row.status == .waiting { lastSeenWaiting[row.id] = now }
        }
        if row.status == .success, row.retryOf == nil, newestSuccess[row.workflow].map({ $0 < row.id }) ?? true {
            newestSuccess[row.workflow] = row.id
        }
        executions[row.id] = row
    }

    /// Takes back what the last process knew of live rows.
    mutating func restore(_ live: [TickState.Live]) {
        for item in live {
            executions[item.execution.id] = item.execution
            firstSeen[item.execution.id] = item.firstSeen
            lastSeenWaiting[item.execution.id] = item.lastSeenWaiting
            seenLive.insert(item.execution.id)
            if highest.map({ $0 < item.execution.id }) ?? true { highest = item.execution.id }
        }
    }

    /// Forgets a row that n8n says is not there.
    mutating func remove(_ id: ExecutionID) {
        executions[id] = nil
        details[id] = nil
        firstSeen[id] = nil
        lastSeenWaiting[id] = nil
    }

    /// Drops what ended before a time and is nobody's ancestor.
    mutating func prune(endedBefore limit: Timestamp) {
        var kept: Set<ExecutionID> = []
        for row in executions.values {
            let ended = row.status.isLive ? nil : row.stoppedAt ?? row.startedAt
            guard ended.map({ $0 >= limit }) ?? true else { continue }
            var next: ExecutionID? = row.id
            while let id = next, kept.insert(id).inserted { next = executions[id]?.retryOf }
        }
        guard kept.count < executions.count else { return }
        executions = executions.filter { kept.contains($0.key) }
        details = details.filter { executions[$0.key] != nil }
        firstSeen = firstSeen.filter { executions[$0.key] != nil }
        lastSeenWaiting = lastSeenWaiting.filter { executions[$0.key] != nil }
        seenLive = seenLive.filter { executions[$0] != nil }
    }

    /// Rows that may still go on, oldest first.
    var live: [Execution] { executions.values.filter(\.status.isLive).sorted { $0.id < $1.id } }

    /// The live rows as the ledger keeps them.
    var liveStates: [TickState.Live] {
        live.map {
            TickState.Live(
                execution: $0, firstSeen: firstSeen[$0.id] ?? Timestamp(milliseconds: 0),
                lastSeenWaiting: lastSeenWaiting[$0.id])
        }
    }
}
