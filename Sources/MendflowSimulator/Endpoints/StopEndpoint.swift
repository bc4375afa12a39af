import MendflowHTTP

extension Simulator {
    /// `POST /executions/{id}/stop`
    mutating func stop(_ id: Int, by actor: Actor) -> HTTPResponse {
        guard let row = database[id] else { return .message(404, "Failed to find execution to stop") }
        guard row.status.isStoppable else {
            let words = "Only running or waiting executions can be stopped and \(id) is currently"
            return .message(409, "\(words) \(row.status.rawValue)")
        }
        note(.stopped(id), by: actor)
        if case .stopIgnored = faultInHand {
            return stopAnswer(row, stoppedAt: now)
        }
        sleepers[id] = nil
        queue.removeAll { $0 == id }
        var waiting: [CallID] = []
        if case .stopUndone = faultInHand {
            // The run goes on and writes its own end later.
        } else if let run = runs.removeValue(forKey: id) {
            waiting = run.calls
        }
        cancel(row)
        for call in waiting { answer(call, .message(500, "Internal server error")) }
        startQueued()
        return stopAnswer(row, stoppedAt: now)
    }

    private mutating func cancel(_ row: Execution) {
        database.change(row.id) {
            $0.status = .canceled
            $0.stoppedAt = now
            $0.waitTill = nil
            // A queued one is taken out of the queue without an error.
            if row.status != .new { $0.data?["resultData"]?["error"] = cancellation(of: row.id, now: now) }
        }
        note(.ended(row.id, .canceled), by: .server)
        if database[row.id]?.isKept == false {
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
        let statuses: Set<Status>
        let after: Int64?
        let before: Int64?
        do {
            statuses = try Self.statuses(in: body)
            after = try Self.date("startedAfter", in: body)
            before = try Self.date("startedBefore", in: body)
        } catch {
            return .message(400, error.message)
        }
        let workflow = body?["workflowId"]?.text.flatMap { $0 == "all" ? nil : $0 }
        if let workflow, database.workflows[workflow] == nil {
            return .message(404, "Workflow not found or not accessible")
        }
        var stopped: Int64 = 0
        for id in database.ids {
            guard let row = database[id], statuses.contains(row.status) else { continue }
            if let workflow, row.workflowID != workflow { continue }
            // A queued one has no start and never matches a bound.
            if let after { guard let start = row.startedAt, start >= after else { continue } }
            if let before { guard let start = row.startedAt, start <= before else { continue } }
            if stop(id, by: actor).status == 200 { stopped += 1 }
        }
        note(.stoppedMany(Int(stopped)), by: actor)
        return .json(["stopped": .int(stopped)])
    }

    private static func statuses(in body: JSON?) throws(Refusal) -> Set<Status> {
        guard let field = body?["status"] else { throw Refusal("request/body must have required property 'status'") }
        guard let values = field.elements else {
            throw Refusal("request/body/status Expected array, received \(field.typeName)")
        }
        guard !values.isEmpty else { throw Refusal("request/body/status must include at least one status") }
        let known: [String: Status] = ["queued": .new, "running": .running, "waiting": .waiting]
        var statuses: Set<Status> = []
        for (place, value) in values.enumerated() {
            guard let status = value.text.flatMap({ known[$0] }) else {
                let words = "Invalid enum value. Expected 'queued' | 'running' | 'waiting', received"
                throw Refusal("request/body/status/\(place) \(words) '\(value.text ?? value.description)'")
            }
            statuses.insert(status)
        }
        return statuses
    }

    private static func date(_ key: String, in body: JSON?) throws(Refusal) -> Int64? {
        guard let field = body?[key] else { return nil }
        guard let time = field.text.flatMap(milliseconds) else { throw Refusal("request/body/\(key) Invalid datetime") }
        return time
    }
}
