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

    /// Prunes as n8n does: rows that ended before `time` by the server's clock go, except those that were ever
    /// annotated; and if a count is given, only so many of the newest stay. Live rows always stay.
    public mutating func prune(endedBefore time: Int64, keeping count: Int? = nil) {
        var old: [Int] = []
        var kept = 0
        for id in database.ids(with: [.success, .error, .canceled, .crashed]).reversed() {
            guard let row = database[id], !row.isAnnotated, let end = row.stoppedAt else { continue }
            if end < time || kept >= count ?? .max { old.append(id) } else { kept += 1 }
        }
        guard !old.isEmpty else { return }
        database.removeAll(Set(old))
        note(.pruned(old.reversed()), by: .server)
    }

    /// Schedules the first pruning, once there is a rule for it.
    mutating func beginPruning() {
        guard let rule = configuration.pruning, !isPruning else { return }
        isPruning = true
        schedule(.prunes, at: now + rule.every)
    }

    mutating func pruneAsConfigured() {
        guard let rule = configuration.pruning else {
            isPruning = false
            return
        }
        if power == .up { prune(endedBefore: clock - rule.maxAge, keeping: rule.maxCount) }
        schedule(.prunes, at: now + rule.every)
    }

    /// The main process dies at `now`: held calls are cut off and nobody listens. In regular mode running rows stay
    /// `running` till it comes up again; in queue mode the workers go on.
    public mutating func kill(now: Int64) {
        proceed(to: now)
        guard power != .down else { return }
        note(.died, by: .server)
        power = .down
        memory = []
        stuck = []
        // What was not sent yet is nowhere else.
        untold = []
        if !configuration.mode.isQueue {
            killed.merge(runs) { old, _ in old }
            runs = [:]
            queue = []
            roomTaken = 0
        }
        callers = [:]
        loseKeys()
        webhookStarts = []
        for call in calls.keys.sorted() { deliver(call, .drop(.cutOff)) }
    }

    /// The main process comes up again at `now`, answers for `duration` milliseconds that it is starting, and then in
    /// regular mode marks as crashed what ran when it died.
    public mutating func start(now: Int64, taking duration: Int64 = 0, answering kind: StartUp = .databaseNotReady) {
        proceed(to: now)
        guard power == .down else { return }
        power = .starting(kind)
        boots += 1
        schedule(.isUp(boot: boots), at: now + duration)
        proceed(to: now)
    }

    /// The server is stopped and comes up as another release; what ran in the main process crashes.
    public mutating func upgrade(to release: Release, now: Int64, taking duration: Int64 = 0) {
        kill(now: now)
        note(.upgraded(configuration.release, to: release), by: .person("administrator"))
        configuration.release = release
        start(now: now, taking: duration, answering: .text)
    }

    /// The database is replaced while the process is down: by an earlier copy, or by another server's.
    public mutating func restore(_ backup: Database) {
        precondition(power == .down, "a database is restored while nothing runs")
        database = backup
        keys = [:]
        // Workers and Redis are started anew as well: the jobs that they had name ids of the old database.
        runs = [:]
        jobs = []
        killed = [:]
        sleepers = sleepers.filter { database[$0.key]?.status == .waiting }
        note(.restored, by: .person("administrator"))
    }

    mutating func comeUp() {
        guard case .starting = power else { return }
        power = .up
        note(.cameUp, by: .server)
        for id in database.ids(with: [.running, .unknown, .waiting, .new]) {
            guard let row = database[id] else { continue }
            switch row.status {
            case .waiting: if let till = row.waitTill { scheduleWake(id, till: till) }
            case _ where configuration.mode.isQueue: break
            case .running, .unknown: recover(row)
            case .new: throttle(id, mode: row.mode)
            default: break
            }
        }
        if configuration.mode.isQueue {
            schedule(.recovers, at: now + configuration.queueRecoveryInterval)
            startJobs()
        } else {
            killed = [:]
        }
    }

    /// A crashed row's end is its last logged node event, before the crash was even found.
    mutating func recover(_ row: Execution) {
        var data = RunData(row.data ?? [:], snapshot: row.snapshot)
        if row.data != nil {
            let place = killed[row.id]?.place ?? data.path.last ?? [:]
            data.crash(at: place, now: clock, release: configuration.release)
        }
        killed[row.id] = nil
        memory.remove(row.id)
        let end = row.startedAt.map { $0 + 45 } ?? clock
        database.change(row.id) {
            if row.data != nil { $0.data = data.json }
            $0.status = .crashed
            $0.stoppedAt = end
            $0.waitTill = nil
        }
        note(.ended(row.id, .crashed), by: .server)
        tellCrash(of: row)
    }
}
