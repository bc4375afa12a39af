extension Simulator {
    /// Loads what a server exported: workflows, list rows and details (with data), all times moved by `shift`.
    ///
    /// Rows keep their ids. What was live when it was recorded goes on here: a waiting run wakes at its time, a queued
    /// one is taken in its turn, a running one runs until somebody stops it. Failures whose data was not exported stay
    /// without data; successes get plausible data. Values that `recorded` refuses are left out. Returns how many
    /// executions were loaded.
    @discardableResult
    public mutating func load(workflows: [JSON], rows: [JSON], details: [JSON], shift: Int64) -> Int {
        for json in workflows {
            guard let workflow = Workflow(json: json) else { continue }
            database.workflows[workflow.id] = workflow
        }
        let loaded = executions(rows + details, shift)
        let fresh = loaded.filter { database[$0.id] == nil }
        for row in loaded { database.put(row) }
        addMissingWorkflows(of: loaded)
        for json in rows + details { learnTags(of: json) }
        learn(of: Set(loaded.map(\.workflowID)))
        addRows(fresh)
        return fresh.count
    }

    /// Tags that executions bear are tags that the server knows.
    private mutating func learnTags(of json: JSON) {
        for tag in json["annotation"]?["tags"]?.elements ?? [] {
            guard let id = tag["id"]?.text, let name = tag["name"]?.text, database.annotationTags[id] == nil else {
                continue
            }
            add(tag: id, name: name)
        }
    }

    /// The executions among the values, by id; if an id occurs twice the last one counts.
    private func executions(_ values: [JSON], _ shift: Int64) -> [Execution] {
        var found: [(row: RecordedRow, json: JSON, place: Int)] = []
        found.reserveCapacity(values.count)
        for (place, json) in values.enumerated() {
            if let row = try? RecordedRow(json) { found.append((row, json, place)) }
        }
        found.sort { $0.row.id == $1.row.id ? $0.place < $1.place : $0.row.id < $1.row.id }
        // Made once per workflow and shared by all its rows.
        let snapshots = database.workflows.mapValues { $0.snapshot(configuration.release) }
        return found.indices.compactMap { place in
            let isLast = place + 1 == found.count || found[place + 1].row.id != found[place].row.id
            return isLast ? execution(found[place].row, found[place].json, snapshots, shift) : nil
        }
    }

    private func execution(
        _ recorded: RecordedRow, _ json: JSON, _ snapshots: [String: JSON], _ shift: Int64
    ) -> Execution {
        func moved(_ time: Int64?) -> Int64? { time.map { $0 >= untilEvent ? $0 : $0 + shift } }
        let start = moved(recorded.startedAt)
        let definition = database.workflows[recorded.workflow]
        var row = Execution(
            id: recorded.id, workflowID: recorded.workflow, mode: recorded.mode, status: recorded.status,
            createdAt: moved(recorded.createdAt) ?? start ?? now, startedAt: start,
            stoppedAt: moved(recorded.stoppedAt), waitTill: moved(recorded.waitTill), retryOf: recorded.retryOf,
            retrySuccessID: recorded.retrySuccessID,
            workflowVersionID: json["workflowVersionId"] == nil
                ? definition?.versionID : json["workflowVersionId"]?.text,
            snapshot: json["workflowData"] ?? snapshots[recorded.workflow] ?? [
                "id": .string(recorded.workflow), "nodes": [],
            ])
        row.data = recorded.data.map { self.moved($0, by: shift) }
        row.isDataUnknown = row.data == nil && row.status != .success
        row.recordedSize = recorded.size ?? (row.isDataUnknown ? 0 : nil)
        row.customData = json["customData"] ?? [:]
        row.tags = (json["annotation"]?["tags"]?.elements ?? []).compactMap { $0["id"]?.text }
        row.isAnnotated = json["annotation"]?.object != nil
        row.parent = row.data?["parentExecution"]?["executionId"]?.text.flatMap { Int($0) }
        return row
    }

    /// Rows whose workflow was not exported get one as the newest of them shows it.
    private mutating func addMissingWorkflows(of rows: [Execution]) {
        for row in rows.reversed() where database.workflows[row.workflowID] == nil {
            var snapshot = row.snapshot
            snapshot["id"] = .string(row.workflowID)
            if snapshot["name"] == nil { snapshot["name"] = .string(row.workflowID) }
            guard var workflow = Workflow(json: snapshot) else { continue }
            workflow.versionID = row.workflowVersionID ?? workflow.versionID
            workflow.activeVersionID = workflow.versionID
            add(workflow)
        }
    }

    /// Makes live again what was live when it was recorded. Running ones take their room first, so that queued ones
    /// wait as they did.
    private mutating func addRows(_ rows: [Execution]) {
        for row in rows where row.status == .waiting { fallAsleep(row, then: .success(after: 50)) }
        for row in rows where row.status == .running { runOn(row) }
        for row in rows where row.status == .new {
            if configuration.mode.isQueue {
                enqueue(Job(id: row.id, data: data(of: row)))
            } else {
                throttle(row.id, mode: row.mode)
            }
        }
    }

    /// A run that was recorded in its middle never ends by itself, because nobody knows when it would. In queue mode it
    /// takes no worker's slot: otherwise as many of them as there are slots would block everything else for ever.
    private mutating func runOn(_ row: Execution) {
        counter += 1
        let data = RunData(data(of: row), snapshot: row.snapshot)
        let isQueue = configuration.mode.isQueue
        runs[row.id] = Run(
            id: row.id, token: counter, outcome: .hang, data: data, place: data.path.last ?? [:],
            tellsParent: row.retryOf != nil, worker: isQueue ? 0 : nil, takesRoom: !isQueue && claimRoom(for: row.mode))
        memory.insert(row.id)
    }

    private func moved(_ json: JSON, by shift: Int64) -> JSON {
        guard shift != 0 else { return json }
        switch json {
        case .array(let elements): return .array(elements.map { moved($0, by: shift) })
        case .object(let object):
            return .object(
                .init(
                    object.fields.map { key, value in
                        if let time = value.integer, ["timestamp", "startTime", "establishedAt"].contains(key) {
                            return (key, .int(time.addingReportingOverflow(shift).partialValue))
                        }
                        return (key, moved(value, by: shift))
                    }))
        default: return json
        }
    }
}
