extension Simulator {
    /// Starts the loaded workflows again and again, at the mean distance at which their rows say that they were
    /// started.
    ///
    /// Left out are inactive workflows, those that were started less than twice, and runs that a parent, an error or a
    /// person started. Returns how many workflows are started.
    @discardableResult
    public mutating func goOn(from start: Int64) -> Int {
        var runs: [String: [Execution]] = [:]
        for row in database.ids.compactMap({ database[$0] }) where row.isFirstRun {
            if !["integrated", "error", "manual"].contains(row.mode) { runs[row.workflowID, default: []].append(row) }
        }
        var count = 0
        for (id, rows) in runs.sorted(by: { $0.key < $1.key }) {
            guard let workflow = database.workflows[id], workflow.active, !workflow.isArchived else { continue }
            let rows = rows.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
            guard let first = rows.first, let last = rows.last, first.createdAt < last.createdAt else { continue }
            let period = max(1, (last.createdAt - first.createdAt) / Int64(rows.count - 1))
            let next = last.createdAt - configuration.clockAhead + period
            trigger(id, every: period, from: max(start, next), mode: last.mode)
            count += 1
        }
        return count
    }

    /// Learns from the loaded rows what later runs and retries of each workflow come to.
    mutating func learn(of workflows: Set<String>) {
        var runs: [String: [Outcome]] = [:]
        var retries: [String: [Outcome]] = [:]
        for row in database.ids.compactMap({ database[$0] }) where workflows.contains(row.workflowID) {
            guard let outcome = outcome(of: row) else { continue }
            if let original = row.retryOf {
                retries[row.workflowID, default: []].append(outcome)
                recordedRetries[original, default: []].append(outcome)
            } else if row.isFirstRun {
                runs[row.workflowID, default: []].append(outcome)
            }
        }
        for id in workflows {
            database.workflows[id]?.script = Script(
                thenAlways: runs[id] ?? [], retriesThenAlways: retries[id] ?? [.success(after: 50)])
        }
        recordedWorkflows.formUnion(workflows)
    }

    /// What a retry comes to, as far as the loaded past knows: what this execution's own retries came to, in order, the
    /// last one over and over; or the same error if the failed node fails on purpose. Nil if neither is known.
    mutating func recordedOutcome(ofRetrying original: Execution, running snapshot: JSON) -> Outcome? {
        if let known = recordedRetries[original.id], let next = known.first {
            if known.count > 1 { recordedRetries[original.id]?.removeFirst() }
            return next
        }
        guard recordedWorkflows.contains(original.workflowID), original.status == .error,
            let result = original.data?["resultData"],
            let name = result["error"]?["node"]?["name"]?.text ?? result["lastNodeExecuted"]?.text,
            let node = snapshot["nodes"]?.elements?.first(where: { $0["name"]?.text == name }),
            node["type"]?.text == "n8n-nodes-base.stopAndError"
        else { return nil }
        return outcome(of: original)
    }

    /// What a row came to, as an outcome that can happen again; nil if somebody stopped it.
    private func outcome(of row: Execution) -> Outcome? {
        let start = row.startedAt ?? row.createdAt
        let after = max(0, (row.stoppedAt ?? start) - start)
        switch row.status {
        case .success: return .success(after: after)
        case .error:
            guard let error = row.data?["resultData"]?["error"] else { return .error(.unrecorded, after: after) }
            let items = row.data?["executionData"]?["nodeExecutionStack"]?[0]?["data"]?["main"]?[0]?.elements?.count
            var shape = ErrorShape(
                name: nil, message: "", node: row.data?["resultData"]?["lastNodeExecuted"]?.text, items: items ?? 1)
            shape.recorded = error
            return .error(shape, after: after)
        case .crashed: return .crash(after: after)
        case .waiting:
            guard let till = row.waitTill, till < untilEvent, let end = row.stoppedAt else {
                return .waitForEvent(after: after, then: .success(after: 50))
            }
            return .wait(for: max(0, till - end), after: after, then: .success(after: 50))
        case .canceled, .new, .running, .unknown: return nil
        }
    }
}

extension Simulator.Execution {
    /// Whether it is no retry.
    fileprivate var isFirstRun: Bool { retryOf == nil && mode != "retry" }
}
