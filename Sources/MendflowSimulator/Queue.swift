import MendflowHTTP

/// Who runs what, and when there is room: the concurrency limit of regular mode, Redis and the workers of queue mode.
extension Simulator {
    /// A job in Redis.
    struct Job: Sendable {
        var id: Int
        var data: JSON
        /// What the run will come to; nil leaves that to the workflow's script when the run begins.
        var outcome: Outcome?
        var tellsParent = false
        var isLost = false
    }

    /// Starts a run from outside; queued where there is no room. Returns its id, nil for an unknown workflow.
    @discardableResult
    mutating func trigger(_ workflow: String, mode: String, by actor: Actor) -> Int? {
        power == .up ? spawn(workflow, mode: mode, by: actor) : nil
    }

    @discardableResult
    mutating func spawn(_ workflow: String, mode: String, by actor: Actor) -> Int? {
        guard let id = makeRow(workflow: workflow, mode: mode) else { return nil }
        note(.triggered(id), by: actor)
        if configuration.mode.isQueue, mode != "manual" {
            enqueue(Job(id: id, data: database[id]?.data ?? [:]))
        } else {
            throttle(id, mode: mode)
        }
        return id
    }

    // MARK: Regular mode

    private static let production: Set = ["webhook", "trigger", "chat"]

    /// Whether a run of that mode takes room under the concurrency limit, which is then taken.
    mutating func claimRoom(for mode: String) -> Bool {
        guard Self.production.contains(mode) else { return false }
        roomTaken += 1
        return true
    }

    /// Begins a run, or queues it where the limit is reached.
    mutating func throttle(_ id: Int, mode: String) {
        let takesRoom = claimRoom(for: mode)
        if takesRoom, let limit = configuration.concurrencyLimit, roomTaken > limit {
            queue.append(id)
        } else {
            beginNew(id, takesRoom: takesRoom)
        }
    }

    private mutating func beginNew(_ id: Int, takesRoom: Bool) {
        guard let row = database[id], row.status == .new else { return }
        begin(id, row.data ?? [:], Beginning(outcome: nextOutcome(ofRun: id), takesRoom: takesRoom))
    }

    /// Gives room back and starts whoever waits longest, whether there is room or not. That is how n8n counts: stopping
    /// a *queued* run, which held no room, lets the next one start above the limit.
    mutating func giveRoom() {
        roomTaken -= 1
        if !queue.isEmpty, power == .up { beginNew(queue.removeFirst(), takesRoom: true) }
    }

    /// A run is not worked on any more: it ended, went to sleep, or was stopped.
    mutating func release(_ run: Run) {
        if run.takesRoom { giveRoom() }
        startJobs()
    }

    // MARK: Queue mode

    mutating func enqueue(_ job: Job) {
        if power == .up { memory.insert(job.id) }
        jobs.append(job)
        startJobs()
    }

    /// Workers with room take the oldest jobs.
    mutating func startJobs() {
        while let worker = freeWorker, !jobs.isEmpty {
            let job = jobs.removeFirst()
            guard let row = database[job.id], row.status == .new || row.status == .running else { continue }
            let outcome = job.outcome ?? nextOutcome(ofRun: job.id)
            begin(
                job.id, job.data,
                Beginning(
                    outcome: outcome, tellsParent: job.tellsParent, isLost: job.isLost, worker: worker,
                    takesSlot: true))
        }
    }

    private var freeWorker: Int? {
        (0..<configuration.mode.workers).first { worker in
            !downWorkers.contains(worker)
                && runs.values.count { $0.worker == worker && $0.takesSlot } < configuration.mode.slots
        }
    }

    /// A worker dies at `now`: what it ran stays `running` and nobody works on it, calls that wait for it wait on.
    public mutating func killWorker(_ worker: Int = 0, now: Int64) {
        proceed(to: now)
        guard configuration.mode.isQueue, downWorkers.insert(worker).inserted else { return }
        note(.workerDied(worker), by: .server)
        let gone = runs.filter { $0.value.worker == worker }
        for (id, run) in gone {
            killed[id] = run
            runs[id] = nil
        }
        if !gone.isEmpty { schedule(.recovers, at: now + configuration.queueRecoveryInterval) }
    }

    /// A worker comes up again at `now` and takes jobs; what it ran before it died it does not take up.
    public mutating func startWorker(_ worker: Int = 0, now: Int64) {
        proceed(to: now)
        guard downWorkers.remove(worker) != nil else { return }
        note(.workerCameUp(worker), by: .server)
        startJobs()
        proceed(to: now)
    }

    /// Redis forgets its jobs: queued rows stay `new` and nobody ever takes them.
    public mutating func loseJobs(now: Int64) {
        proceed(to: now)
        note(.jobsLost(jobs.count), by: .server)
        jobs = []
        schedule(.recovers, at: now + configuration.queueRecoveryInterval)
    }

    /// The server looks for rows that are queued or running with no job of theirs in Redis, and marks them as crashed;
    /// it does so by itself once `queueRecoveryInterval` has passed since a worker died.
    public mutating func recoverDangling(now: Int64) {
        proceed(to: now)
        guard configuration.mode.isQueue, power == .up else { return }
        let known = Set(jobs.map(\.id)).union(runs.keys)
        for id in database.ids(with: [.new, .running]) where !known.contains(id) {
            if let row = database[id] { recover(row) }
        }
    }

    /// Redis gives up the job of a run that the server had marked as crashed: the row gets another end.
    public mutating func giveUpStalled(_ id: Int, now: Int64) {
        proceed(to: now)
        guard let row = database[id], row.status == .crashed else { return }
        var data = RunData(row.data ?? [:], snapshot: row.snapshot)
        data.json["resultData"]?["error"] = [
            "level": "warning", "shouldReport": false, "tags": [:],
            "message":
                "This execution failed to be processed too many times and will no longer retry. To allow this execution to complete, please break down your workflow or scale up your workers or adjust your worker settings.",
        ]
        let end = clock
        database.change(id) {
            $0.data = data.json
            $0.status = .error
            $0.stoppedAt = end
        }
        note(.ended(id, .error), by: .server)
    }

    /// Redis hands the jobs of dead workers to living ones, which run them from the start under the same id.
    public mutating func rerunStalled(now: Int64) {
        proceed(to: now)
        let stalled = killed.values.sorted { $0.id < $1.id }
        for run in stalled where database[run.id]?.status == .running {
            killed[run.id] = nil
            note(.stalledRunAgain(run.id), by: .server)
            enqueue(
                Job(
                    id: run.id, data: database[run.id]?.data ?? [:], outcome: run.outcome,
                    tellsParent: run.tellsParent, isLost: run.isLost))
        }
        proceed(to: now)
    }

    /// The process at work on an execution dies now: its worker, or the main process in regular mode; it is back after
    /// so long.
    mutating func killProcess(of execution: Int, back: Int64) {
        if configuration.mode.isQueue {
            let worker = runs[execution]?.worker ?? 0
            killWorker(worker, now: now)
            schedule(.workerIsUp(worker), at: now + back)
        } else {
            kill(now: now)
            start(now: now, taking: back)
        }
    }
}
