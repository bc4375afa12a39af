extension Simulator {
    /// Lets the workflows go on as their rows say they went: as often, and with what came of their runs and retries,
    /// over and over in that order.
    ///
    /// What ran in a parent, for an error or by hand gets its outcomes too, but is not started from outside. Returns
    /// how many workflows are started again and again.
    @discardableResult
    public mutating func goOn(from start: Int64) -> Int {
        var runs: [String: [Execution]] = [:]
        var retries: [String: [Outcome]] = [:]
        for id in database.ids {
            guard let row = database[id] else { continue }
            if row.retryOf == nil {
                runs[row.workflowID, default: []].append(row)
            } else if let outcome = outcome(of: row) {
                retries[row.workflowID, default: []].append(outcome)
            }
        }
        var count = 0
        for (workflow, rows) in runs.sorted(by: { $0.key < $1.key }) {
            let script = Script(
                thenAlways: rows.compactMap { outcome(of: $0) }, retriesThenAlways: retries[workflow] ?? [])
            database.workflows[workflow]?.script = script
            let started = rows.filter { !["integrated", "error", "manual"].contains($0.mode) }
            guard let first = started.first, let last = started.last else { continue }
            let period = max(1_000, (last.createdAt - first.createdAt) / Int64(started.count))
            trigger(workflow, every: period, from: max(start, start + last.createdAt + period - clock), mode: last.mode)
            count += 1
        }
        return count
    }

    /// What a row came to, as something that may happen again; nil where somebody stopped it.
    private func outcome(of row: Execution) -> Outcome? {
        let start = row.startedAt ?? row.createdAt
        let after = max(0, (row.stoppedAt ?? start) - start)
        switch row.status {
        case .success: return .success(after: after)
        case .error:
            guard let error = row.data?["resultData"]?["error"] else {
                return .error(.http(503, method: "POST"), after: after)
            }
            let items = row.data?["executionData"]?["nodeExecutionStack"]?[0]?["data"]?["main"]?[0]?.elements?.count
            var shape = ErrorShape(
                name: nil, message: "", node: row.data?["resultData"]?["lastNodeExecuted"]?.text, items: items ?? 1)
            shape.recorded = error
            return .error(shape, after: after)
        case .crashed: return .crash(after: after)
        case .waiting:
            guard let till = row.waitTill, till != untilEvent, let end = row.stoppedAt else {
                return .waitForEvent(after: after, then: .success(after: 50))
            }
            return .wait(for: max(0, till - end), after: after, then: .success(after: 50))
        case .canceled, .new, .running, .unknown: return nil
        }
    }
}
