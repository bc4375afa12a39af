import MendflowHTTP

extension Simulator {
    /// A run in the server's memory.
    struct Run: Sendable {
        var id: Int
        var token: Int
        var endsAt: Int64?
        var outcome: Outcome
        /// What it did so far, which the row may lack.
        var data: RunData
        /// Where the outcome happens.
        var place: JSON
        /// Calls that wait for its end.
        var calls: [CallID] = []
        /// A retry that slept forgets whom to tell of its success.
        var tellsParent: Bool
        /// Whether the time-out comes before the outcome.
        var timesOut = false
        var isLost = false
    }

    /// Starts the run of a row that exists, from the data given.
    mutating func begin(_ id: Int, _ data: JSON, outcome: Outcome, tellsParent: Bool) {
        guard let row = database[id] else { return }
        var data = RunData(data, snapshot: row.snapshot)
        let outcome = delegating(outcome, of: row, &data)
        let place = data.place(of: outcome) ?? [:]
        let start = data.json
        if case .error(let shape, _) = outcome {
            data.goOn(to: place, feeding: shape.items, now: now)
        } else {
            data.goOn(to: place, feeding: 0, now: now)
        }
        let startedAt = row.startedAt ?? now
        database.change(id) {
            $0.status = .running
            $0.startedAt = startedAt
            $0.waitTill = nil
            $0.data = row.savesProgress ? data.json : start
        }
        counter += 1
        var run = Run(
            id: id, token: counter, endsAt: outcome.duration.map { now + $0 }, outcome: outcome, data: data,
            place: place, tellsParent: tellsParent)
        if let timeout = row.timeout, run.endsAt ?? .max > startedAt + timeout {
            run.endsAt = max(now, startedAt + timeout)
            run.timesOut = true
        }
        runs[id] = run
        if let end = run.endsAt { schedule(.runEnds(id, token: run.token), at: end) }
    }

    /// A workflow that runs another one comes to what that one comes to.
    private mutating func delegating(_ outcome: Outcome, of row: Execution, _ data: inout RunData) -> Outcome {
        let node = data.path.first { $0["type"]?.text == "n8n-nodes-base.executeWorkflow" }
        guard let node, let childID = node["parameters"]?["workflowId"]?["value"]?.text,
            database.workflows[childID] != nil, let name = node["name"]?.text
        else { return outcome }
        let child = makeRow(workflow: childID, mode: "integrated", parent: row)
        guard let child else { return outcome }
        let end = database.workflows[childID]?.script.take(retry: false) ?? .success(after: 0)
        let fresh = database[child]?.data ?? [:]
        begin(child, fresh, outcome: end, tellsParent: false)
        let mark: [(String, JSON)] = [("executionId", .string(String(child))), ("workflowId", .string(childID))]
        data.child = .object(.init(mark))
        guard case .error(let shape, let after) = end else { return outcome }
        var response = shape.json(node: runs[child]?.place ?? [:], now: now + after)
        for (key, value) in mark { response[key] = value }
        let failed = ErrorShape(
            name: "NodeOperationError", message: response["message"]?.text ?? "",
            description: response["description"]?.text, messages: [], node: name,
            extra: .object(
                .init(mark + [("errorResponse", response), ("context", [:]), ("node", response["node"] ?? [:])])))
        return .error(failed, after: after)
    }

    mutating func endRun(_ id: Int, token: Int) {
        guard var run = runs[id], run.token == token else { return }
        runs[id] = nil
        if run.timesOut {
            let error = timeoutError(at: run.place, id: id, now: now)
            run.data.fail(error, now: now)
            return finish(run, .canceled, answer: .message(500, "Internal server error"))
        }
        switch run.outcome {
        case .success:
            run.data.succeed(now: now)
            finish(run, .success)
        case .error(let shape, _):
            run.data.fail(shape.json(node: run.place, now: now), now: now)
            finish(run, .error)
        case .refused(let shape):
            run.data.fail(shape.json(node: run.place, now: now), now: now)
            finish(run, .error, answer: .message(500, "Internal server error"))
        case .wait(let time, _, let then): sleep(run, till: now + time, then: then)
        case .waitForEvent(_, let then): sleep(run, till: untilEvent, then: then)
        case .crash:
            database.change(id) { row in
                var data = RunData(row.data ?? [:], snapshot: row.snapshot)
                data.crash(at: run.place, now: self.now)
                row.data = data.json
            }
            settle(run, .crashed)
            for call in run.calls { deliver(call, .drop(.cutOff)) }
        case .hang: break
        }
    }

    /// Writes a run's end, answers who waits for it, and keeps the row or not.
    private mutating func finish(_ run: Run, _ status: Status, answer failure: HTTPResponse? = nil) {
        database.change(run.id) { $0.data = run.data.json }
        let freesRoom = settle(run, status)
        let response = failure ?? retryAnswer(run.id) ?? .message(500, "Internal server error")
        for call in run.calls { answer(call, response) }
        if !freesRoom { database.remove(run.id) }
        startQueued()
    }

    /// Notes the end; false where the row is not to be kept, which the caller then removes.
    @discardableResult
    private mutating func settle(_ run: Run, _ status: Status) -> Bool {
        database.change(run.id) {
            $0.status = status
            $0.stoppedAt = now
            $0.waitTill = nil
        }
        note(.ended(run.id, status), by: .server)
        guard let row = database[run.id] else { return true }
        let isKept = row.isKept && !run.isLost
        if !isKept { note(.notKept(run.id), by: .server) }
        if isKept, status == .success, run.tellsParent, let parent = row.retryOf {
            database.change(parent) { $0.retrySuccessID = run.id }
        }
        if status == .error || status == .crashed { tellErrorWorkflow(of: row) }
        return isKept
    }

    private mutating func tellErrorWorkflow(of row: Execution) {
        guard let name = row.snapshot["settings"]?["errorWorkflow"]?.text, row.mode != "manual", row.mode != "error"
        else { return }
        trigger(name, mode: "error", by: .server)
    }

    private mutating func sleep(_ run: Run, till: Int64, then: Outcome) {
        var data = run.data
        data.sleep(till: till, id: run.id, now: now)
        database.change(run.id) {
            $0.data = data.json
            $0.status = .waiting
            $0.stoppedAt = now
            $0.waitTill = till
        }
        sleepers[run.id] = then
        if till != untilEvent { schedule(.wakes(run.id), at: till) }
        if let response = retryAnswer(run.id) {
            for call in run.calls { answer(call, response) }
        }
        startQueued()
    }

    /// Lets a waiting execution go on: its time has come, or its event.
    public mutating func wake(_ id: Int) {
        guard power == .up, let row = database[id], row.status == .waiting else { return }
        if let till = row.waitTill, till != untilEvent, till > now { return }
        var data = RunData(row.data ?? [:], snapshot: row.snapshot)
        data.wake(now: now)
        begin(id, data.json, outcome: sleepers.removeValue(forKey: id) ?? .success(after: 50), tellsParent: false)
    }

    /// Makes a row for a run that is about to begin.
    mutating func makeRow(workflow id: String, mode: String, parent: Execution? = nil) -> Int? {
        guard let workflow = database.workflows[id] else { return nil }
        let number = database.nextID
        let snapshot = workflow.snapshot
        var data = RunData.fresh(snapshot: snapshot, mode: mode, body: ["n": 1], now: now)
        if let parent {
            let context = parent.data?["executionData"]?["runtimeData"] ?? [:]
            data["executionData"]?["runtimeData"]?["triggerNode"] = context["triggerNode"]
            data["executionData"]?["runtimeData"]?["parentExecutionId"] = .string(String(parent.id))
            data["parentExecution"] = [
                "executionId": .string(String(parent.id)), "workflowId": .string(parent.workflowID),
                "shouldResume": true, "executionContext": context,
            ]
        }
        database.put(
            Execution(
                id: number, workflowID: id, mode: mode, status: .new, createdAt: now,
                workflowVersionID: workflow.activeVersionID ?? workflow.versionID, snapshot: snapshot, data: data,
                parent: parent?.id))
        return number
    }

    /// Starts a run from outside; queued where the limit is reached. Returns its id, nil for an unknown workflow.
    @discardableResult
    mutating func trigger(_ workflow: String, mode: String, by actor: Actor) -> Int? {
        guard power == .up, let id = makeRow(workflow: workflow, mode: mode) else { return nil }
        note(.triggered(id), by: actor)
        queue.append(id)
        startQueued()
        return id
    }

    mutating func startQueued() {
        while let id = queue.first, power == .up {
            let production = runs.values.count { ["webhook", "trigger", "chat"].contains(database[$0.id]?.mode) }
            if let limit = configuration.concurrencyLimit, production >= limit { return }
            queue.removeFirst()
            guard let row = database[id], row.status == .new else { continue }
            let outcome = database.workflows[row.workflowID]?.script.take(retry: false) ?? .success(after: 50)
            begin(id, row.data ?? [:], outcome: outcome, tellsParent: false)
        }
    }
}
