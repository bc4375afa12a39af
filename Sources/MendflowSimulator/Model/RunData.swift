/// Builds an execution's `data` step by step, as the engine would.
///
/// Data begins either fresh (the trigger on the stack) or from a retried run, goes forward along the connections, and
/// comes to an end, an error, a wait, or a crash.
struct RunData {
    var json: JSON
    private let nodes: [JSON]
    private let connections: JSON
    private var index: Int64 = 0
    /// The run of a sub-workflow that the flow starts; noted on the node that starts it.
    var child: JSON?

    init(_ json: JSON, snapshot: JSON) {
        self.json = json
        nodes = snapshot["nodes"]?.elements ?? []
        connections = snapshot["connections"] ?? [:]
    }

    /// Data of a run that has not begun: the trigger on the stack.
    static func fresh(
        snapshot: JSON, mode: String, body: JSON, now: Int64, release: Simulator.Release
    ) -> JSON {
        let nodes = snapshot["nodes"]?.elements ?? []
        let trigger = nodes.first ?? [:]
        var redaction: JSON = ["version": 2, "production": false, "manual": false]
        if !release.isExact { redaction["source"] = "workflow" }
        return [
            "version": 1, "startData": [:], "resultData": ["runData": [:]],
            "executionData": [
                "contextData": [:],
                "nodeExecutionStack": [
                    ["node": trigger, "data": ["main": [[["json": ["body": body]]]]], "source": nil]
                ],
                "metadata": [:], "waitingExecution": [:], "waitingExecutionSource": [:],
                "runtimeData": [
                    "version": 1, "establishedAt": .int(now), "source": .string(mode),
                    "triggerNode": ["name": trigger["name"] ?? "", "type": trigger["type"] ?? ""],
                    "redaction": redaction,
                ],
            ],
            "resumeToken": "REDACTED",
        ]
    }

    /// The stack's first entry: where the run goes on.
    var head: JSON? { json["executionData"]?["nodeExecutionStack"]?[0] }

    /// Nodes from the stack's head to the end of the flow.
    var path: [JSON] {
        guard var node = head?["node"] else { return [] }
        var path = [node]
        while path.count < nodes.count, let next = follower(of: node) {
            path.append(next)
            node = next
        }
        return path
    }

    private func follower(of node: JSON) -> JSON? {
        guard let name = node["name"]?.text,
            let next = connections[name]?["main"]?[0]?[0]?["node"]?.text
        else { return nil }
        return nodes.first { $0["name"]?.text == next }
    }

    /// The node of the path at which `outcome` happens.
    func place(of outcome: Outcome) -> JSON? {
        let path = self.path
        func last(ofType type: String) -> JSON? { path.last { $0["type"]?.text == "n8n-nodes-base." + type } }
        switch outcome {
        case .error(let shape, _), .refused(let shape):
            if let name = shape.node { return path.first { $0["name"]?.text == name } ?? path.last }
            if shape.request != nil { return last(ofType: "httpRequest") ?? path.last }
            return shape.namesNode ? path.last : last(ofType: "code") ?? path.last
        case .wait, .waitForEvent: return last(ofType: "wait") ?? path.last
        case .success, .crash, .hang: return path.last
        }
    }

    /// The items that the node before `node` handed on; for the first one the items on the stack.
    private var items: [JSON] { head?["data"]?["main"]?[0]?.elements ?? [] }

    /// Runs all nodes before `node`; it stands on the stack then, fed at least `feeding` items.
    mutating func goOn(to node: JSON, feeding: Int, now: Int64) {
        let first = head?["node"]?["name"]?.text
        guard let name = node["name"]?.text, name != first else { return }
        for step in path {
            guard step["name"]?.text != name else { return }
            var output = items.enumerated().map { place, item in handedOn(item, place) }
            guard let next = follower(of: step) else { return }
            if next["name"]?.text == name, feeding > output.count {
                output = (0..<feeding).map { handedOn(["json": ["order": .int(Int64($0) + 1)]], $0) }
            }
            record(status: "success", output: output, now: now)
            let runs = json["resultData"]?["runData"]?[step["name"]?.text ?? ""]?.elements?.count ?? 1
            push(next, output, previous: step["name"] ?? "", run: runs - 1)
        }
    }

    private func handedOn(_ item: JSON, _ place: Int) -> JSON {
        var item = item
        item["pairedItem"] = ["item": .int(Int64(place))]
        return item
    }

    private mutating func push(_ node: JSON, _ items: [JSON], previous: JSON, run: Int) {
        let source: JSON = ["previousNode": previous, "previousNodeOutput": 0, "previousNodeRun": .int(Int64(run))]
        json["executionData"]?["nodeExecutionStack"] = [
            ["node": node, "data": ["main": [.array(items)]], "source": ["main": [source]]]
        ]
    }

    /// Notes a run of the stack's head.
    private mutating func record(
        status: String, output: [JSON]?, error: JSON? = nil, metadata: JSON? = nil, now: Int64
    ) {
        guard let head, let name = head["node"]?["name"]?.text else { return }
        var run: JSON = [
            "startTime": .int(now), "executionIndex": .int(index), "source": head["source"]?["main"] ?? [],
            "hints": [], "executionTime": 5, "executionStatus": .string(status),
        ]
        if let metadata = metadata ?? self.metadata(of: head, status) { run["metadata"] = metadata }
        if let error { run["error"] = error }
        if let output { run["data"] = ["main": [.array(output)]] }
        index += 1
        append(run, to: name)
    }

    /// A sub-workflow's trigger names the parent; the parent's node names the child, if all went well.
    private func metadata(of entry: JSON, _ status: String) -> JSON? {
        if entry["source"]?.isNull == true { return json["parentExecution"].map { ["parentExecution": $0] } }
        guard let child, status == "success", entry["node"]?["type"]?.text == "n8n-nodes-base.executeWorkflow" else {
            return nil
        }
        return ["subExecution": child, "subExecutionsCount": 1]
    }

    private mutating func append(_ run: JSON, to name: String) {
        let earlier = json["resultData"]?["runData"]?[name]?.elements ?? []
        json["resultData"]?["runData"]?[name] = .array(earlier + [run])
        json["resultData"]?["lastNodeExecuted"] = .string(name)
    }

    /// Ends the data of a run in which all nodes ran.
    mutating func succeed(now: Int64) {
        guard let last = path.last else { return }
        goOn(to: last, feeding: 0, now: now)
        record(status: "success", output: items.enumerated().map { handedOn($0.element, $0.offset) }, now: now)
        json["executionData"]?["nodeExecutionStack"] = []
        json["waitTill"] = nil
    }

    /// Ends the data of a run whose next node failed.
    mutating func fail(_ error: JSON, now: Int64) {
        record(status: "error", output: nil, error: error, now: now)
        json["resultData"]?["error"] = error
    }

    /// Whether an error stands in it.
    var hasError: Bool { json["resultData"]?["error"]?.object != nil }

    /// Ends the data of a run that the workflow's time limit cut off in a node that n8n does not wait for: the node is on
    /// the stack no longer, and no error stands anywhere.
    mutating func cutOff() { json["executionData"]?["nodeExecutionStack"] = [] }

    /// The stack's head fell asleep; one that waits for an event notes where the event should call.
    mutating func sleep(till: Int64, id: Int, now: Int64) {
        var metadata: JSON?
        if till == untilEvent {
            metadata = ["resumeUrl": .string("http://localhost:5678/webhook-waiting/\(id)?signature=simulated")]
            if var entry = head {
                entry["metadata"] = metadata
                json["executionData"]?["nodeExecutionStack"] = [entry]
            }
        }
        record(status: "waiting", output: items, metadata: metadata, now: now)
        json["waitTill"] = .init(time: till)
    }

    /// The sleeper goes on behind the node at which it slept.
    mutating func wake(now: Int64) {
        json["waitTill"] = nil
        removeLastRun(ofStatus: ["waiting"])
    }

    /// Prepares a retry: the failed node's last run goes, its place on the stack stays. Where no node's run is stored, as
    /// of a run that was stopped and whose progress was not saved, the error stays too.
    mutating func retry() {
        if json["resultData"]?["lastNodeExecuted"]?.text != nil { json["resultData"]?["error"] = nil }
        json["waitTill"] = nil
        removeLastRun(ofStatus: ["error", "crashed", "waiting"])
    }

    private mutating func removeLastRun(ofStatus status: Set<String>) {
        guard let name = json["resultData"]?["lastNodeExecuted"]?.text,
            var runs = json["resultData"]?["runData"]?[name]?.elements,
            let last = runs.last?["executionStatus"]?.text, status.contains(last)
        else { return }
        runs.removeLast()
        json["resultData"]?["runData"]?[name] = runs.isEmpty ? nil : .array(runs)
    }

    /// Swaps the stack's node for the one of that name in another version; false where there is none.
    mutating func reload(from workflow: JSON) -> Bool {
        let stack = json["executionData"]?["nodeExecutionStack"]?.elements ?? []
        var reloaded: [JSON] = []
        for var entry in stack {
            guard let name = entry["node"]?["name"],
                let node = workflow["nodes"]?.elements?.first(where: { $0["name"] == name })
            else { return false }
            entry["node"] = node
            reloaded.append(entry)
        }
        json["executionData"]?["nodeExecutionStack"] = .array(reloaded)
        return true
    }

    /// Makes the data of a run whose process died while `node` ran. As n8n does, nodes that the event log knew get
    /// made-up results with a mark.
    mutating func crash(at node: JSON, now: Int64, release: Simulator.Release) {
        var known: Set<String> = []
        for field in json["resultData"]?["runData"]?.object?.fields ?? [] { known.insert(field.key) }
        func artificial(_ status: String) -> JSON {
            [
                "startTime": .int(now), "executionIndex": 0, "executionTime": 0, "source": [nil],
                "executionStatus": .string(status),
            ]
        }
        for step in path {
            guard let name = step["name"]?.text, step["name"] != node["name"] else { break }
            guard !known.contains(name) else { continue }
            var run = artificial("success")
            run["data"] = ["main": [[["json": ["isArtificialRecoveredEventItem": true]]]]]
            append(run, to: name)
        }
        var run = artificial("crashed")
        run["error"] = [
            "message": "Execution stopped at this node", "timestamp": .int(now), "name": "NodeCrashedError",
            "description":
                "n8n may have run out of memory while running this execution. More context and tips on how to avoid this <a href='https://docs.n8n.io/hosting/scaling/memory-errors/' target='_blank'>in the docs</a>",
            "context": [:],
        ]
        if release.isExact {
            run["error"]?["cause"] = ["name": "Error", "message": "Node crashed, possible out-of-memory issue"]
        }
        append(run, to: node["name"]?.text ?? "")
        json["resultData"]?["error"] = [
            "message": "Workflow did not finish, possible out-of-memory issue", "timestamp": .int(now),
            "name": "WorkflowCrashedError", "context": [:],
        ]
    }
}

/// The error that a stop leaves in the data of a run.
func cancellation(of id: Int, now: Int64, release: Simulator.Release) -> JSON {
    var error: JSON = ["level": "warning"]
    if release.isExact { error["shouldReport"] = false }
    error["tags"] = [:]
    error["extra"] = ["executionId": .string(String(id))]
    error["timestamp"] = .int(now)
    error["context"] = [:]
    error["functionality"] = "regular"
    error["name"] = "ManualExecutionCancelledError"
    error["reason"] = "manual"
    error["message"] = "The execution was cancelled manually"
    error["stack"] =
        "ManualExecutionCancelledError: The execution was cancelled manually\n    at ExecutionService.stop (simulated)"
    return error
}

/// The error of a Code node that the workflow's time limit cut off: the task runner's, without a name.
func cancelledTask(_ release: Simulator.Release) -> JSON {
    var error: JSON = ["level": "warning"]
    if release.isExact { error["shouldReport"] = false }
    error["tags"] = [:]
    error["message"] = "Task cancelled: Task cancelled by user"
    error["stack"] = "Error: Task cancelled: Task cancelled by user\n    at TaskRequester (simulated)"
    return error
}
