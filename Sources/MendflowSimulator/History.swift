extension Simulator {
    /// Loads what a server exported: workflows, list rows and details (with data), all times moved by `shift`.
    ///
    /// Rows keep their ids; a waiting row wakes as usual; running ones stay without a process. What cannot be read is
    /// left out. Returns how many rows were loaded.
    @discardableResult
    public mutating func load(workflows: [JSON], rows: [JSON], details: [JSON], shift: Int64) -> Int {
        for json in workflows {
            guard let workflow = Workflow(json: json) else { continue }
            database.workflows[workflow.id] = workflow
        }
        var loaded = 0
        for json in rows { loaded += load(row: json, shift: shift) ? 1 : 0 }
        for json in details { loaded += load(row: json, shift: shift) ? 1 : 0 }
        addMissingWorkflows()
        return loaded
    }

    /// Rows whose workflow was not exported get one as the newest of them shows it.
    private mutating func addMissingWorkflows() {
        for id in database.ids.reversed() {
            guard let row = database[id], database.workflows[row.workflowID] == nil else { continue }
            var snapshot = row.snapshot
            snapshot["id"] = .string(row.workflowID)
            if snapshot["name"] == nil { snapshot["name"] = .string(row.workflowID) }
            guard var workflow = Workflow(json: snapshot) else { continue }
            workflow.versionID = row.workflowVersionID ?? workflow.versionID
            workflow.activeVersionID = workflow.versionID
            add(workflow)
        }
    }

    private mutating func load(row json: JSON, shift: Int64) -> Bool {
        guard let id = json["id"]?.text.flatMap({ Int($0) }), let workflow = json["workflowId"]?.text,
            let status = json["status"]?.text.flatMap(Status.init), let mode = json["mode"]?.text
        else { return false }
        func time(_ key: String) -> Int64? {
            json[key]?.text.flatMap(milliseconds).map { $0 == untilEvent ? $0 : $0 + shift }
        }
        func number(_ key: String) -> Int? { json[key]?.text.flatMap { Int($0) } }
        let isNew = database[id] == nil
        let start = time("startedAt")
        let definition = database.workflows[workflow]
        var row = Execution(
            id: id, workflowID: workflow, mode: mode, status: status, createdAt: time("createdAt") ?? start ?? now,
            startedAt: start, stoppedAt: time("stoppedAt"), waitTill: time("waitTill"), retryOf: number("retryOf"),
            retrySuccessID: number("retrySuccessId"),
            workflowVersionID: json["workflowVersionId"] == nil
                ? definition?.versionID : json["workflowVersionId"]?.text,
            snapshot: json["workflowData"] ?? definition?.snapshot(configuration.release) ?? [
                "id": .string(workflow), "nodes": [],
            ])
        row.data = json["data"].map { moved($0, by: shift) }
        row.customData = json["customData"] ?? [:]
        row.parent = row.data?["parentExecution"]?["executionId"]?.text.flatMap { Int($0) }
        database.put(row)
        if status == .waiting, isNew, let till = row.waitTill { scheduleWake(id, till: till) }
        return isNew
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
                            return (key, .int(time + shift))
                        }
                        return (key, moved(value, by: shift))
                    }))
        default: return json
        }
    }
}
