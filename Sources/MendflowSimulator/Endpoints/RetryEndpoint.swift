import MendflowHTTP

extension Simulator {
    /// `POST /executions/{id}/retry`: answered when the new run ends or falls asleep.
    mutating func retry(_ id: Int, body: JSON?, by actor: Actor) -> Answer {
        let words = Wording(configuration.release)
        if let body, body.object == nil {
            return .now(.message(400, "request/body \(words.expected("object", body))"))
        }
        let load = body?["loadWorkflow"]
        if let load, load.flag == nil {
            return .now(.message(400, "request/body/loadWorkflow \(words.expected("boolean", load))"))
        }
        do {
            return .whenEnded(try startRetry(id, loadWorkflow: load?.flag ?? false, by: actor))
        } catch {
            note(.retryRefused(id, status: error.response.status), by: actor)
            return .now(error.response)
        }
    }

    struct RetryRefusal: Error {
        var response: HTTPResponse
        init(_ status: Int, _ text: String) { response = .message(status, text) }
    }

    /// Makes the child and starts it, or refuses. Nothing but what is checked here prevents a retry (n8n facts 3.2):
    /// neither a run that still goes on nor a retry that succeeded before.
    mutating func startRetry(_ id: Int, loadWorkflow: Bool, by actor: Actor) throws(RetryRefusal) -> Int {
        guard let original = database[id] else {
            throw RetryRefusal(404, "The execution with the ID \"\(id)\" does not exist.")
        }
        guard original.status != .new else {
            throw RetryRefusal(409, "Execution is queued to run (not yet started) so it cannot be retried")
        }
        let stored = data(of: original)
        guard stored["executionData"]?.object != nil else {
            throw RetryRefusal(409, "The execution was aborted before starting, so it cannot be retried")
        }
        guard !original.finished else {
            let status = configuration.release.isSecond ? 409 : 400
            throw RetryRefusal(status, "The execution succeeded, so it cannot be retried.")
        }
        var data = RunData(stored, snapshot: original.snapshot)
        data.retry()
        var snapshot = original.snapshot
        var version: String?
        if loadWorkflow {
            let workflow = database.workflows[original.workflowID]
            let draft = workflow?.snapshot(configuration.release)
            guard let workflow, let draft, data.reload(from: draft) else {
                throw RetryRefusal(500, "Internal server error")
            }
            snapshot = draft
            version = workflow.versionID
        }
        let child = database.nextID
        database.put(
            Execution(
                id: child, workflowID: original.workflowID, mode: "retry", status: .new, createdAt: clock,
                retryOf: id, workflowVersionID: version, snapshot: snapshot, data: data.json,
                customData: original.customData))
        note(.retried(id, child: child), by: actor)
        // With nothing on its stack, or a disabled node, it ends at once, and well: the step is not done.
        let node = data.head?["node"]
        let outcome: Outcome =
            node == nil || node?["disabled"]?.flag == true
            ? .success(after: 10) : retryOutcome(of: original, loadWorkflow: loadWorkflow, running: snapshot)
        runRetry(child, data.json, outcome)
        return child
    }

    /// A retry waits for a worker in queue mode; in regular mode it begins at once, whatever the concurrency limit.
    private mutating func runRetry(_ child: Int, _ data: JSON, _ outcome: Outcome) {
        var isLost = false
        if case .childNotSaved = faultInHand { isLost = true }
        if configuration.mode.isQueue {
            enqueue(Job(id: child, data: data, outcome: outcome, tellsParent: true, isLost: isLost))
        } else {
            begin(child, data, Beginning(outcome: outcome, tellsParent: true, isLost: isLost))
        }
    }

    /// Decides what the retry will come to: by the chain's own script if it has one, else by the loaded past, else by
    /// the script of the version that runs.
    private mutating func retryOutcome(
        of original: Execution, loadWorkflow: Bool, running snapshot: JSON
    ) -> Outcome {
        if let down = outages[original.workflowID] { return down }
        let root = root(of: original)
        if let next = chainScripts[root]?.first {
            chainScripts[root]?.removeFirst()
            return next
        }
        if let known = recordedOutcome(ofRetrying: original, running: snapshot) { return known }
        let version = original.workflowVersionID ?? database[root]?.workflowVersionID
        let draft = database.workflows[original.workflowID]?.versionID
        if !loadWorkflow, let version, version != draft, database.versions[version] != nil {
            return database.versions[version]?.script.nextOutcome(retry: true) ?? .success(after: 50)
        }
        return database.workflows[original.workflowID]?.script.nextOutcome(retry: true) ?? .success(after: 50)
    }

    func root(of execution: Execution) -> Int {
        var root = execution
        while let parent = root.retryOf, let row = database[parent], parent < root.id { root = row }
        return root.id
    }

    /// What the retry's caller is answered; nil where the execution is no retry.
    func retryAnswer(_ id: Int) -> HTTPResponse? {
        guard let child = database[id], let parent = child.retryOf else { return nil }
        var json: JSON = [
            "id": .string(String(id)), "mode": "retry", "startedAt": .init(time: child.startedAt),
            "workflowId": .string(child.workflowID), "finished": .bool(child.finished),
            "retryOf": configuration.release.isLenient ? .string(String(parent)) : .int(Int64(parent)),
            "status": .string(child.status.rawValue),
        ]
        if child.status == .waiting || configuration.mode.isQueue { json["waitTill"] = .init(time: child.waitTill) }
        let data = child.isDataUnknown ? .withheld : child.data ?? [:]
        json["data"] = configuration.mode.isQueue ? toldByWorker(data) : data
        let original = database[parent]
        // The original's snapshot, also where the workflow as saved now was run.
        var workflow = original?.snapshot ?? child.snapshot
        workflow["active"] = false
        workflow["activeVersionId"] = .null
        json["workflowData"] = workflow
        json["customData"] = original?.customData ?? [:]
        if let original, original.isAnnotated {
            let tags = original.tags.compactMap { database.annotationTags[$0] }
            json["annotation"] = [
                "id": .int(Int64(parent)), "vote": nil,
                "tags": .array(tags.map { ["id": .string($0.id), "name": .string($0.name)] }),
            ]
        }
        if configuration.release.isSecond { json["storedAt"] = "db" }
        return .json(json)
    }

    /// What a worker tells the main process of a run: how it ended, not what it did.
    private func toldByWorker(_ data: JSON) -> JSON {
        var result: JSON = ["runData": [:]]
        if let error = data["resultData"]?["error"] { result["error"] = error }
        result["lastNodeExecuted"] = data["resultData"]?["lastNodeExecuted"]
        return [
            "version": 1, "startData": [:], "resultData": result,
            "executionData": [
                "contextData": [:], "nodeExecutionStack": [], "metadata": [:], "waitingExecution": [:],
                "waitingExecutionSource": [:],
            ],
            "resumeToken": "REDACTED",
        ]
    }
}
