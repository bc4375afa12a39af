import MendflowHTTP

extension Simulator {
    /// `POST /executions/{id}/stop`
    mutating func stop(_ id: Int, by actor: Actor) -> HTTPResponse {
        guard let row = database[id] else { return .message(404, "Failed to find execution to stop") }
        guard row.status.isStoppable else {
            guard configuration.release.isLenient else { return .message(500, "Internal server error") }
            let words = "Only running or waiting executions can be stopped and \(id) is currently"
            return .message(409, "\(words) \(row.status.rawValue)")
        }
        note(.stopped(id), by: actor)
        if case .stopIgnored = faultInHand {
            return stopAnswer(row, stoppedAt: clock)
        }
        sleepers[id] = nil
        killed[id] = nil
        jobs.removeAll { $0.id == id }
        let wasQueued = queue.contains(id)
        queue.removeAll { $0 == id }
        var run: Run?
        if case .stopUndone = faultInHand {
            // The run goes on and writes its own end later.
        } else {
            run = runs.removeValue(forKey: id)
        }
        cancel(row, wasRunning: run != nil)
        if run != nil || row.status == .new { tellCallers(of: id, .message(500, "Internal server error")) }
        if wasQueued { giveRoom() }
        if let run { release(run) }
        return stopAnswer(row, stoppedAt: clock)
    }

    private mutating func cancel(_ row: Execution, wasRunning: Bool) {
        memory.remove(row.id)
        let end = clock
        let error = cancellation(of: row.id, now: end, release: configuration.release)
        // In regular mode a queued run is taken out of the queue, and no error is written into its data.
        let leavesError = row.status != .new || configuration.mode.isQueue
        database.change(row.id) {
            $0.status = .canceled
            $0.stoppedAt = end
            $0.waitTill = nil
            if leavesError { $0.data?["resultData"]?["error"] = error }
        }
        note(.ended(row.id, .canceled), by: .server)
        // Of what only waits, or waits for its turn, nothing is told any more.
        if wasRunning { tell(row, .canceled, byWorkerAlone: true) }
        if let ended = database[row.id], !isKept(ended) {
            database.remove(row.id)
            note(.notKept(row.id), by: .server)
        }
    }

    private func stopAnswer(_ row: Execution, stoppedAt: Int64) -> HTTPResponse {
        .json([
            "mode": .string(row.mode), "startedAt": .init(time: row.startedAt ?? 0),
            "stoppedAt": .init(time: stoppedAt), "finished": false, "status": "canceled",
        ])
    }

    /// `POST /executions/stop`: stops what matches, one after the other, and counts.
    mutating func stopMany(_ body: JSON?, by actor: Actor) -> HTTPResponse {
        let words = Wording(configuration.release)
        let statuses: Set<Status>
        let after: Int64?
        let before: Int64?
        do {
            statuses = try Self.statuses(in: body, words)
            after = try Self.date("startedAfter", in: body, words)
            before = try Self.date("startedBefore", in: body, words)
        } catch {
            return .json(400, error.body)
        }
        let workflow = body?["workflowId"]?.text.flatMap { $0 == "all" ? nil : $0 }
        if let workflow, database.workflows[workflow] == nil {
            return .message(404, "Workflow not found or not accessible")
        }
        var stopped: Int64 = 0
        for id in database.ids(with: statuses) {
            guard let row = database[id], statuses.contains(row.status) else { continue }
            if let workflow, row.workflowID != workflow { continue }
            // A queued one has no start and never matches a bound.
            if let after { guard let start = row.startedAt, start >= after else { continue } }
            if let before { guard let start = row.startedAt, start <= before else { continue } }
            if stop(id, by: actor).status == 200 { stopped += 1 }
        }
        if stopped > 0 { note(.stoppedMany(Int(stopped)), by: actor) }
        return .json(["stopped": .int(stopped)])
    }

    private static func statuses(in body: JSON?, _ words: Wording) throws(Refusal) -> Set<Status> {
        guard let field = body?["status"] else { throw Refusal("request/body must have required property 'status'") }
        guard let values = field.elements else {
            throw Refusal("request/body/status \(words.expected("array", field))")
        }
        guard !values.isEmpty else { throw words.noStatus }
        let known: [String: Status] = ["queued": .new, "running": .running, "waiting": .waiting]
        var statuses: Set<Status> = []
        for (place, value) in values.enumerated() {
            guard let status = value.text.flatMap({ known[$0] }) else {
                let text = value.text ?? value.description
                throw Refusal("request/body/status/\(place) \(words.choice(known.keys.sorted(), text))")
            }
            statuses.insert(status)
        }
        return statuses
    }

    private static func date(_ key: String, in body: JSON?, _ words: Wording) throws(Refusal) -> Int64? {
        guard let field = body?[key] else { return nil }
        guard let time = field.text.flatMap(milliseconds) else { throw Refusal("request/body/\(key) \(words.date)") }
        return time
    }
}
