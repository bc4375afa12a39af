extension Simulator {
    /// What a server holds, written down so that another one can take it over.
    public struct Export: Sendable {
        /// Lines of JSON that `load` takes: the workflows, then the executions by id.
        public var lines: [UInt8]
        /// When the newest run ended, or began where it did not end, in milliseconds since 1970; nil without runs.
        public var end: Int64?
    }

    /// The workflows and executions as they stand now. Runs under way are told as they stand, and go on as far as `load`
    /// lets them.
    public var export: Export {
        var lines: [UInt8] = []
        for id in database.workflows.keys.sorted() {
            guard let workflow = database.workflows[id] else { continue }
            lines += item(workflow).bytes + [0x0A]
        }
        var end: Int64?
        for id in database.ids {
            guard let row = database[id] else { continue }
            lines += recorded(row).bytes + [0x0A]
            if let time = row.stoppedAt ?? row.startedAt { end = max(end ?? time, time) }
        }
        return Export(lines: lines, end: end)
    }

    /// A row as its server answers it, with its data where there is any, and its tags as the answer to a retry has them.
    private func recorded(_ row: Execution) -> JSON {
        var json = row.fields(configuration.release)
        if let data = row.data {
            json["data"] = data
            json["workflowData"] = row.snapshot
            json["customData"] = row.customData
        } else if row.status == .success {
            json["jsonSizeBytes"] = row.recordedSize.map { .int(Int64($0)) }
        }
        if row.isAnnotated { json["annotation"] = ["id": .int(Int64(row.id)), "vote": nil, "tags": tags(of: row)] }
        return json
    }
}
