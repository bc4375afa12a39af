import MendflowHTTP

extension Simulator {
    /// Somebody retries an execution in the editor. Returns the child's id; nil where n8n refuses.
    @discardableResult
    public mutating func personRetries(
        _ execution: Int, loadWorkflow: Bool = true, by name: String = "person", now: Int64
    ) -> Int? {
        proceed(to: now)
        guard power == .up,
            let child = try? startRetry(execution, loadWorkflow: loadWorkflow, by: .person(name))
        else { return nil }
        proceed(to: now)
        return child
    }

    /// Somebody stops an execution in the editor; false where n8n refuses.
    @discardableResult
    public mutating func personStops(_ execution: Int, by name: String = "person", now: Int64) -> Bool {
        proceed(to: now)
        return power == .up && stop(execution, by: .person(name)).status == 200
    }

    /// Somebody sets the annotation tags of an execution in the editor.
    public mutating func personTags(_ execution: Int, _ tags: [String], by name: String = "person") {
        database.change(execution) {
            $0.tags = tags
            $0.isAnnotated = true
        }
        note(.tagged(execution, tags), by: .person(name))
    }

    /// Somebody deletes an execution in the editor.
    public mutating func personDeletes(_ execution: Int, by name: String = "person", now: Int64) {
        proceed(to: now)
        _ = delete(execution, by: .person(name))
    }

    /// n8n prunes what ended before `time`; what was ever annotated or is live stays.
    public mutating func prune(endedBefore time: Int64) {
        for id in database.ids {
            guard let row = database[id], !row.status.isStoppable, !row.isAnnotated, let end = row.stoppedAt, end < time
            else { continue }
            database.remove(id)
        }
    }

    /// The process dies at `now`: held calls are cut off, nobody listens, and running rows stay `running` till it
    /// comes up again.
    public mutating func kill(now: Int64) {
        proceed(to: now)
        guard power != .down else { return }
        note(.died, by: .server)
        power = .down
        killed.merge(runs) { old, _ in old }
        runs = [:]
        for call in calls.keys.sorted() { deliver(call, .drop(.cutOff)) }
    }

    /// The process comes up again at `now`, answers for `duration` milliseconds that it is starting, and then marks
    /// as crashed what ran when it died.
    public mutating func start(now: Int64, taking duration: Int64 = 0, answering kind: StartUp = .databaseNotReady) {
        proceed(to: now)
        guard power == .down else { return }
        power = .starting(kind)
        schedule(.isUp, at: now + duration)
        proceed(to: now)
    }

    /// The database is put back to an earlier copy while the process is down.
    public mutating func restore(_ backup: Database) {
        precondition(power == .down, "a database is restored while nothing runs")
        database = backup
        killed = [:]
    }

    mutating func comeUp() {
        guard power != .down else { return }
        power = .up
        note(.cameUp, by: .server)
        for id in database.ids {
            guard let row = database[id] else { continue }
            switch row.status {
            case .running, .unknown: recover(row)
            case .waiting:
                if let till = row.waitTill, till != untilEvent { schedule(.wakes(id), at: max(now, till)) }
            case .new where !queue.contains(id): queue.append(id)
            default: break
            }
        }
        killed = [:]
        startQueued()
    }

    /// A crashed row's end is its last logged node event, before the crash was even found.
    private mutating func recover(_ row: Execution) {
        var data = RunData(row.data ?? [:], snapshot: row.snapshot)
        if row.data != nil {
            let place = killed[row.id]?.place ?? data.path.last ?? [:]
            data.crash(at: place, now: now)
        }
        database.change(row.id) {
            if row.data != nil { $0.data = data.json }
            $0.status = .crashed
            $0.stoppedAt = row.startedAt.map { $0 + 45 } ?? now
            $0.waitTill = nil
        }
        note(.ended(row.id, .crashed), by: .server)
    }
}
