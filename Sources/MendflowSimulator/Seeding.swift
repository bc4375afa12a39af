extension Simulator {
    /// Workflows that are started again and again at a fixed interval.
    struct Schedule: Sendable {
        var workflow: String
        var every: Int64
        var mode: String
    }

    /// Adds a workflow, or replaces it without making a new version.
    public mutating func add(_ workflow: Workflow) {
        var workflow = workflow
        if workflow.createdAt == 0 { workflow.createdAt = clock }
        if workflow.updatedAt == 0 { workflow.updatedAt = workflow.createdAt }
        database.workflows[workflow.id] = workflow
    }

    /// Adds an annotation tag.
    public mutating func add(tag id: String, name: String) {
        database.annotationTags[id] = AnnotationTag(id: id, name: name, createdAt: clock)
    }

    /// Saves a workflow anew. Retries of older runs without `loadWorkflow` go on with the old version and its script.
    ///
    /// `publishing: false` leaves the published version as it was, so that draft and published version differ: runs
    /// from outside go on with the published one, retries with `loadWorkflow` take the draft.
    public mutating func edit(workflow id: String, publishing: Bool = true, _ change: (inout Workflow) -> Void) {
        guard var workflow = database.workflows[id] else { return }
        database.versions[workflow.versionID] = Version(
            snapshot: workflow.snapshot(configuration.release), script: workflow.script)
        change(&workflow)
        counter += 1
        workflow.versionID = "\(id)-v\(counter)"
        if publishing {
            workflow.activeVersionID = workflow.versionID
            workflow.publishHistory = nil
        }
        workflow.updatedAt = clock
        database.workflows[id] = workflow
        note(.edited(id, version: workflow.versionID, isPublished: publishing), by: .person("person"))
    }

    /// Starts a run from outside at `now`. Returns the execution's id; nil where the server is not up.
    @discardableResult
    public mutating func trigger(_ workflow: String, mode: String = "webhook", now: Int64) -> Int? {
        proceed(to: now)
        let id = trigger(workflow, mode: mode, by: .server)
        proceed(to: now)
        return id
    }

    /// Starts a run every so many milliseconds, first at `start`.
    public mutating func trigger(
        _ workflow: String, every period: Int64, from start: Int64, mode: String = "trigger"
    ) {
        precondition(period > 0, "a period is longer than nothing")
        schedules.append(Schedule(workflow: workflow, every: period, mode: mode))
        schedule(.triggers(schedule: schedules.count - 1), at: start)
    }

    mutating func fire(schedule place: Int) {
        let next = schedules[place]
        trigger(next.workflow, mode: next.mode, by: .server)
        schedule(.triggers(schedule: place), at: now + next.every)
    }

    /// Sets what the retries of an execution's chain will come to. It goes before the script of its workflow.
    public mutating func script(retriesOf execution: Int, _ outcomes: [Outcome]) {
        chainScripts[database[execution].map(root(of:)) ?? execution] = outcomes
    }

    /// Adds a row as it would stand after a run that came to `status`, and returns its id.
    ///
    /// A failed one has the error's data; a running one runs until it is stopped; times are in milliseconds.
    @discardableResult
    public mutating func addExecution(
        of workflow: String, status: Status, mode: String = "webhook", startedAt: Int64?, stoppedAt: Int64? = nil,
        waitTill: Int64? = nil, error: ErrorShape = .http(503), id: Int? = nil, retryOf: Int? = nil,
        parent: Int? = nil, then: Outcome = .success(after: 50)
    ) -> Int {
        guard let definition = database.workflows[workflow] else { preconditionFailure("no workflow \(workflow)") }
        let number = id ?? database.nextID
        let start = startedAt ?? clock
        var row = Execution(
            id: number, workflowID: workflow, mode: mode, status: status, createdAt: start, startedAt: startedAt,
            stoppedAt: stoppedAt, waitTill: waitTill, retryOf: retryOf, workflowVersionID: definition.versionID,
            snapshot: definition.snapshot(configuration.release), parent: parent)
        let end = stoppedAt ?? start
        row.data = data(of: row, error: error, start: start, end: end)
        if status == .success || status == .error || status == .canceled || status == .crashed || status == .waiting {
            row.stoppedAt = end
        }
        if status == .waiting { row.waitTill = waitTill ?? untilEvent }
        database.put(row)
        switch status {
        case .running:
            let worker = configuration.mode.isQueue ? 0 : nil
            begin(number, row.data ?? [:], Beginning(outcome: .hang, tellsParent: retryOf != nil, worker: worker))
            if configuration.mode.isQueue { memory.insert(number) }
        case .new: queueUp(row)
        case .waiting: fallAsleep(row, then: then)
        default: break
        }
        return number
    }

    /// Adds so many ended rows, one every `period` milliseconds up to `end`, of the workflows in turn; one in so many
    /// failed. Their data is made when it is read, so a million of them are a few hundred megabytes.
    public mutating func addHistory(
        _ count: Int, of workflows: [String], every period: Int64, until end: Int64, failing oneIn: Int = 50
    ) {
        precondition(!workflows.isEmpty && oneIn > 0, "rows are of a workflow")
        let known = workflows.map { id -> (String, String?, JSON) in
            guard let workflow = database.workflows[id] else { preconditionFailure("no workflow \(id)") }
            return (id, workflow.activeVersionID, workflow.snapshot(configuration.release))
        }
        for number in 0..<count {
            let (workflow, version, snapshot) = known[number % known.count]
            let start = end - Int64(count - number) * period
            database.put(
                Execution(
                    id: database.nextID, workflowID: workflow, mode: "webhook",
                    status: number % oneIn == oneIn - 1 ? .error : .success, createdAt: start, startedAt: start,
                    stoppedAt: start + 50, workflowVersionID: version, snapshot: snapshot))
        }
    }

    mutating func fallAsleep(_ row: Execution, then: Outcome) {
        sleepers[row.id] = then
        memory.insert(row.id)
        if let till = row.waitTill { scheduleWake(row.id, till: till) }
    }

    /// A queued row that is seeded waits for its turn like any other.
    private mutating func queueUp(_ row: Execution) {
        if configuration.mode.isQueue {
            enqueue(Job(id: row.id, data: row.data ?? [:]))
        } else {
            _ = claimRoom(for: row.mode)
            queue.append(row.id)
        }
    }

    func data(of row: Execution, error shape: ErrorShape, start: Int64, end: Int64) -> JSON {
        var fresh = RunData.fresh(
            snapshot: row.snapshot, mode: row.mode, body: ["n": 1], now: start, release: configuration.release)
        if let parent = row.parent {
            fresh["parentExecution"] = [
                "executionId": .string(String(parent)),
                "workflowId": .string(database[parent]?.workflowID ?? ""), "shouldResume": true,
            ]
        }
        var data = RunData(fresh, snapshot: row.snapshot)
        let outcome: Outcome = row.status == .waiting ? .waitForEvent(after: 0, then: .hang) : .error(shape, after: 0)
        let place = data.place(of: outcome) ?? [:]
        switch row.status {
        case .success: data.succeed(now: start)
        case .error:
            data.goOn(to: place, feeding: shape.items, now: start)
            data.fail(shape.json(node: place, now: end, release: configuration.release), now: start)
        case .waiting:
            data.goOn(to: place, feeding: 0, now: start)
            data.sleep(till: row.waitTill ?? untilEvent, id: row.id, now: end)
        case .canceled:
            data.goOn(to: place, feeding: shape.items, now: start)
            data.json["resultData"]?["error"] = cancellation(of: row.id, now: end, release: configuration.release)
        case .crashed:
            if savesProgress(row) { data.goOn(to: place, feeding: shape.items, now: start) }
            data.crash(at: place, now: end, release: configuration.release)
        case .new, .running, .unknown: break
        }
        return data.json
    }
}
