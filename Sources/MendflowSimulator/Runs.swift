import MendflowHTTP

extension Simulator {
    /// A run that a process is working on.
    struct Run: Sendable {
        var id: Int
        var token: Int
        var endsAt: Int64?
        var outcome: Outcome
        /// What it has done so far. The stored row may lack this, as n8n stores progress only if told to.
        var data: RunData
        /// The node at which the outcome happens.
        var place: JSON
        /// Whether its parent's `retrySuccessId` will be set if it succeeds. In regular mode a retry that went to sleep
        /// loses that link.
        var tellsParent: Bool
        /// Whether the time-out comes before the outcome.
        var timesOut = false
        var isLost = false
        /// In queue mode the worker that runs it.
        var worker: Int?
        /// Whether it takes one of the worker's slots. A sub-workflow does not: it runs inside its parent's.
        var takesSlot = false
        /// Whether it takes room under the concurrency limit.
        var takesRoom = false
    }

    /// How a run is begun.
    struct Beginning: Sendable {
        var outcome: Outcome
        var tellsParent = false
        var isLost = false
        var worker: Int?
        var takesSlot = false
        var takesRoom = false
    }

    /// Starts the run of a row that exists, from the data given.
    mutating func begin(_ id: Int, _ data: JSON, _ beginning: Beginning) {
        guard let row = database[id] else { return }
        var data = RunData(data, snapshot: row.snapshot)
        let outcome = delegating(beginning.outcome, of: row, &data, worker: beginning.worker)
        let place = data.place(of: outcome) ?? [:]
        let start = data.json
        if case .error(let shape, _) = outcome {
            data.goOn(to: place, feeding: shape.items, now: clock)
        } else {
            data.goOn(to: place, feeding: 0, now: clock)
        }
        let startedAt = row.startedAt ?? clock
        if row.startedAt == nil { note(.began(id), by: .server) }
        let stored = savesProgress(row) ? data.json : start
        database.change(id) {
            $0.status = .running
            $0.startedAt = startedAt
            $0.waitTill = nil
            $0.data = stored
        }
        if !configuration.mode.isQueue { memory.insert(id) }
        counter += 1
        var run = Run(
            id: id, token: counter, endsAt: outcome.duration.map { now + $0 }, outcome: outcome, data: data,
            place: place, tellsParent: beginning.tellsParent, isLost: beginning.isLost, worker: beginning.worker,
            takesSlot: beginning.takesSlot, takesRoom: beginning.takesRoom)
        if let timeout = row.timeout {
            let left = max(0, startedAt + timeout - clock)
            if run.endsAt ?? .max > now + left {
                run.endsAt = now + left
                run.timesOut = true
            }
        }
        runs[id] = run
        if let end = run.endsAt { schedule(.runEnds(id, token: run.token), at: end) }
        tellStarted(id)
    }

    /// A workflow that calls another one fails if that one fails and succeeds if it succeeds.
    private mutating func delegating(
        _ outcome: Outcome, of row: Execution, _ data: inout RunData, worker: Int?
    ) -> Outcome {
        let node = data.path.first { $0["type"]?.text == "n8n-nodes-base.executeWorkflow" }
        guard let node, let childID = node["parameters"]?["workflowId"]?["value"]?.text,
            database.workflows[childID] != nil, let name = node["name"]?.text
        else { return outcome }
        let child = makeRow(workflow: childID, mode: "integrated", parent: row)
        guard let child else { return outcome }
        let end = nextOutcome(ofRun: child)
        let fresh = database[child]?.data ?? [:]
        begin(child, fresh, Beginning(outcome: end, worker: worker))
        let mark: [(String, JSON)] = [("executionId", .string(String(child))), ("workflowId", .string(childID))]
        data.child = .object(.init(mark))
        guard case .error(let shape, let after) = end else { return outcome }
        var response = shape.json(node: runs[child]?.place ?? [:], now: clock + after, release: configuration.release)
        for (key, value) in mark { response[key] = value }
        var failed = ErrorShape(
            name: "NodeOperationError", message: response["message"]?.text ?? "",
            description: response["description"]?.text, messages: [], node: name,
            extra: .object(
                .init(mark + [("errorResponse", response), ("context", [:]), ("node", response["node"] ?? [:])])))
        failed.isUnrecorded = shape.isUnrecorded
        return .error(failed, after: after)
    }

    mutating func endRun(_ id: Int, token: Int) {
        guard var run = runs[id], run.token == token else { return }
        runs[id] = nil
        if run.timesOut {
            if configuration.release.isSecond, run.place["type"]?.text == "n8n-nodes-base.code" {
                run.data.fail(cancelledTask(configuration.release), now: clock)
            } else {
                run.data.cutOff()
            }
            return finish(run, .canceled, answer: .message(500, "Internal server error"))
        }
        switch run.outcome {
        case .success:
            let ranToItsEnd = run.data.hasError
            run.data.succeed(now: clock)
            database.change(id) { $0.ranToItsEnd = ranToItsEnd }
            finish(run, ranToItsEnd ? .error : .success)
        case .error(let shape, _):
            run.data.fail(shape.json(node: run.place, now: clock, release: configuration.release), now: clock)
            finish(run, .error, isDataUnknown: shape.isUnrecorded)
        case .refused(let shape):
            run.data.fail(shape.json(node: run.place, now: clock, release: configuration.release), now: clock)
            finish(run, .error, answer: .message(500, "Internal server error"))
        case .wait(let time, _, let then): sleep(run, till: clock + time, then: then)
        case .waitForEvent(_, let then): sleep(run, till: untilEvent, then: then)
        case .crash:
            let end = clock
            let version = configuration.release
            database.change(id) { row in
                var data = RunData(row.data ?? [:], snapshot: row.snapshot)
                data.crash(at: run.place, now: end, release: version)
                row.data = data.json
            }
            settle(run, .crashed)
            for call in callers.removeValue(forKey: id) ?? [] { deliver(call, .drop(.cutOff)) }
            release(run)
        case .hang: break
        }
    }

    /// Writes a run's end, answers who waits for it, and keeps the row or not.
    private mutating func finish(
        _ run: Run, _ status: Status, answer failure: HTTPResponse? = nil, isDataUnknown: Bool = false
    ) {
        database.change(run.id) {
            $0.isDataUnknown = isDataUnknown
            if isDataUnknown { $0.data = nil } else { $0.data = run.data.json }
        }
        let isKept = settle(run, status)
        tellCallers(of: run.id, failure)
        if !isKept { database.remove(run.id) }
        release(run)
    }

    /// Answers the calls that wait for an execution: with `failure` if one is given, otherwise with what became of the
    /// run.
    mutating func tellCallers(of id: Int, _ failure: HTTPResponse?) {
        guard !stuck.contains(id) else { return }
        let waiting = callers.removeValue(forKey: id) ?? []
        guard !waiting.isEmpty || keysAtWork[id] != nil else { return }
        let response = failure ?? retryAnswer(id) ?? webhookAnswer(id) ?? .message(500, "Internal server error")
        completeKey(of: id, response)
        for call in waiting { answer(call, response) }
    }

    /// Notes the end of a run. False if its row is not to be kept; the caller removes it then.
    @discardableResult
    private mutating func settle(_ run: Run, _ status: Status) -> Bool {
        let end = clock
        database.change(run.id) {
            $0.status = status
            $0.stoppedAt = end
            $0.waitTill = nil
        }
        memory.remove(run.id)
        note(.ended(run.id, status), by: .server)
        guard let row = database[run.id] else { return true }
        let isKept = self.isKept(row) && !run.isLost
        if !isKept { note(.notKept(run.id), by: .server) }
        // A worker links the parent before the main process deletes the row, so in queue mode the link may dangle.
        if isKept || configuration.mode.isQueue, row.finished, run.tellsParent, let parent = row.retryOf {
            database.change(parent) { $0.retrySuccessID = run.id }
        }
        if status == .error || status == .crashed { tellErrorWorkflow(of: row) }
        if status == .crashed { tellCrash(of: row) } else { tell(row, status) }
        return isKept
    }

    /// The error workflow runs for every failure but those of manual runs and its own.
    private mutating func tellErrorWorkflow(of row: Execution) {
        guard let name = row.snapshot["settings"]?["errorWorkflow"]?.text, row.mode != "manual",
            !(row.mode == "error" && name == row.workflowID)
        else { return }
        spawn(name, mode: "error", by: .server)
    }

    private mutating func sleep(_ run: Run, till: Int64, then: Outcome) {
        var data = run.data
        let start = clock
        data.sleep(till: till, id: run.id, now: start)
        database.change(run.id) {
            $0.data = data.json
            $0.isDataUnknown = false
            $0.status = .waiting
            $0.stoppedAt = start
            $0.waitTill = till
        }
        if let row = database[run.id] { tell(row, .waiting) }
        sleepers[run.id] = then
        scheduleWake(run.id, till: till)
        tellCallers(of: run.id, nil)
        release(run)
    }

    mutating func scheduleWake(_ id: Int, till: Int64) {
        guard till != untilEvent else { return }
        schedule(.wakes(id, till: till), at: max(now, till - configuration.clockAhead))
    }

    /// Lets a waiting execution go on: its time has come, or its event.
    public mutating func wake(_ id: Int) {
        guard let till = database[id]?.waitTill, till == untilEvent || till <= clock else { return }
        wake(id, till: till)
    }

    /// Wakes a run that sleeps until this time. If it was woken before and sleeps again, this event is out of date and
    /// does nothing.
    mutating func wake(_ id: Int, till: Int64) {
        guard power == .up, let row = database[id], row.status == .waiting, row.waitTill == till else { return }
        var data = RunData(self.data(of: row), snapshot: row.snapshot)
        data.wake(now: clock)
        let outcome = sleepers.removeValue(forKey: id) ?? .success(after: 50)
        guard configuration.mode.isQueue else {
            return begin(id, data.json, Beginning(outcome: outcome, takesRoom: claimRoom(for: row.mode)))
        }
        // The row is running from now on, though the job may wait for a worker.
        database.change(id) {
            $0.status = .running
            $0.waitTill = nil
        }
        enqueue(Job(id: id, data: data.json, outcome: outcome, tellsParent: row.retryOf != nil))
    }

    /// Makes a row for a run that is about to begin: of the published version, or of the draft where it is started by
    /// hand.
    mutating func makeRow(workflow id: String, mode: String, parent: Execution? = nil) -> Int? {
        guard let workflow = database.workflows[id] else { return nil }
        let number = database.nextID
        let version = mode == "manual" ? workflow.versionID : workflow.activeVersionID ?? workflow.versionID
        let snapshot = database.versions[version]?.snapshot ?? workflow.snapshot(configuration.release)
        var data = RunData.fresh(
            snapshot: snapshot, mode: mode, body: ["n": 1], now: clock, release: configuration.release)
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
                id: number, workflowID: id, mode: mode, status: .new, createdAt: clock,
                workflowVersionID: version, snapshot: snapshot, data: data, parent: parent?.id))
        return number
    }

    /// What the run of a row comes to, by the script of the version that it runs.
    mutating func nextOutcome(ofRun id: Int) -> Outcome {
        guard let row = database[id] else { return .success(after: 50) }
        if let down = outages[row.workflowID] { return down }
        if let version = row.workflowVersionID, version != database.workflows[row.workflowID]?.versionID,
            database.versions[version] != nil
        {
            return database.versions[version]?.script.nextOutcome(retry: false) ?? .success(after: 50)
        }
        return database.workflows[row.workflowID]?.script.nextOutcome(retry: false) ?? .success(after: 50)
    }
}
