import MendflowHTTP

extension Simulator {
    /// Any method on `/webhook/PATH`: starts the active workflow that has a Webhook node of that path.
    ///
    /// n8n answers as the node says: at once (its default), which under the concurrency limit is when the run begins,
    /// or when the run ended. What the request carries is not handed on: runs come to what their script says.
    mutating func webhook(_ path: String, _ request: HTTPRequest) -> Answer {
        guard let (workflow, node) = listener(at: path), let id = spawn(workflow, mode: "webhook", by: .server) else {
            return .now(notRegistered(path, request.method))
        }
        let mode = node.json["parameters"]?["responseMode"]?.text ?? "onReceived"
        guard mode == "onReceived" else { return .whenEnded(id) }
        guard !configuration.mode.isQueue, database[id]?.status == .new else { return .now(.workflowWasStarted) }
        webhookStarts.insert(id)
        return .whenEnded(id)
    }

    private func listener(at path: String) -> (workflow: String, node: Node)? {
        for workflow in database.workflows.values.sorted(by: { $0.id < $1.id })
        where workflow.active && !workflow.isArchived {
            let node = workflow.nodes.first { node in
                let own = node.json["parameters"]?["path"]?.text ?? node.json["webhookId"]?.text
                return node.type == "n8n-nodes-base.webhook" && node.json["disabled"]?.flag != true
                    && own.map { $0.drop { $0 == "/" } } == path[...]
            }
            if let node { return (workflow.id, node) }
        }
        return nil
    }

    private func notRegistered(_ path: String, _ method: HTTPMethod) -> HTTPResponse {
        .json(
            404,
            [
                "code": 404,
                "message": .string("The requested webhook \"\(method) \(path)\" is not registered."),
                "hint":
                    "The workflow must be active for a production URL to run successfully. You can activate the workflow using the toggle in the top-right of the editor. Note that unlike test URL calls, production URL calls aren't shown on the canvas (only in the executions list)",
            ])
    }

    /// A run began: a webhook's caller that waited for that is answered.
    mutating func tellStarted(_ id: Int) {
        guard webhookStarts.remove(id) != nil else { return }
        for call in callers.removeValue(forKey: id) ?? [] { answer(call, .workflowWasStarted) }
    }

    /// What a webhook's caller is answered when the run ended or fell asleep; nil where no webhook started it.
    func webhookAnswer(_ id: Int) -> HTTPResponse? {
        guard let row = database[id], row.mode == "webhook" else { return nil }
        guard row.status == .success else {
            return row.status == .waiting ? .workflowWasStarted : .message(500, "Error in workflow")
        }
        let result = row.data?["resultData"]
        let last = result?["lastNodeExecuted"]?.text.flatMap { result?["runData"]?[$0]?.elements?.last }
        return .json(last?["data"]?["main"]?[0]?[0]?["json"] ?? [:])
    }
}

extension HTTPResponse {
    /// What n8n answers a webhook's caller at once.
    fileprivate static let workflowWasStarted = message(200, "Workflow was started")
}
