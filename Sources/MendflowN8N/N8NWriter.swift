public import MendflowCore
public import MendflowHTTP

/// Changes executions of one n8n over its Public API; every request is sent once.
///
/// A retry has 10 seconds until its first byte leaves and six hours from then on; everything else has 30 seconds.
public struct N8NWriter: ExecutionWriter {
    /// How many bytes of a retry's answer are read before it counts as unanswered. n8n sends the data of the whole run;
    /// it is scanned and not held.
    private static let retryLimit = 1 << 30
    private static let limit = 8 << 20
    private static let retryPlan = JSONPlan.object(["id": .word, "status": .word, "retryOf": .word])
    private static let stopPlan = JSONPlan.object(["status": .word])

    private let exchange: Exchange

    /// Makes a writer. The transport must send a request once at most and follow no redirects.
    public init(connection: N8NConnection, transport: any Transport, clock: any AgentClock) {
        exchange = Exchange(connection: connection, transport: transport, clock: clock)
    }

    /// Retries an execution; answers when the retried run ends or goes to sleep.
    public func retry(_ id: ExecutionID, loadWorkflow: Bool) async -> WriteAnswer {
        let call = Call(
            .retry(id, loadWorkflow: loadWorkflow), content: .kept(by: N8NWriter.retryPlan),
            bodyLimit: N8NWriter.retryLimit, deadline: .sending(.seconds(10), answer: .hours(6)),
            scope: "execution:retry")
        return await send(call, .retry, id: id.text) { tree in
            guard let child = tree["id"]?.word, let status = tree["status"]?.word, child != id.text,
                tree["retryOf"]?.word == id.text
            else { return nil }
            return .applied(child: ExecutionID(child), status: ExecutionStatus(api: status))
        }
    }

    /// Stops a live execution.
    public func stop(_ id: ExecutionID) async -> WriteAnswer {
        let call = Call(
            .stop(id), content: .kept(by: N8NWriter.stopPlan), bodyLimit: N8NWriter.limit, scope: "execution:stop")
        return await send(call, .stop, id: id.text) { tree in
            tree["status"]?.word == "canceled" ? .applied(child: nil, status: .canceled) : nil
        }
    }

    /// Replaces the annotation tags of an execution; ids that stand twice are sent once, for n8n fails on them.
    public func setTags(of id: ExecutionID, to tagIDs: [String]) async -> WriteAnswer {
        let call = Call(
            .setTags(of: id, to: tagIDs), content: .kept(by: WorkflowAnswer.tags), bodyLimit: N8NWriter.limit,
            scope: "executionTags:update")
        return await send(call, .tags, id: id.text) { tree in
            tree.items == nil ? nil : .applied(child: nil, status: nil)
        }
    }

    /// Stops everything live that a request describes; answers how many n8n says it stopped.
    public func stopMany(_ request: BulkStopRequest) async -> WriteAnswer {
        let call = Call(
            .stopMany(request), content: .kept(by: .object(["stopped": .word])), bodyLimit: N8NWriter.limit,
            scope: "execution:stop")
        if let workflow = request.workflow?.text, workflow.isEmpty || workflow == "all" {
            return unsent(call, "n8n reads the workflow id \(workflow.debugDescription) as all workflows")
        }
        return await send(call, .stopMany, id: "") { tree in
            guard let count = tree["stopped"]?.integer, count >= 0 else { return nil }
            return .stopped(count: Int(count))
        }
    }

    /// Deletes an ended execution with its data.
    public func delete(_ id: ExecutionID) async -> WriteAnswer {
        let call = Call(
            .delete(id), content: .kept(by: .object(["id": .word])), bodyLimit: N8NWriter.limit,
            scope: "execution:delete")
        return await send(call, .delete, id: id.text) { tree in
            tree["id"]?.word == id.text ? .applied(child: nil, status: nil) : nil
        }
    }

    private func send(
        _ call: Call, _ mutation: Mutation, id: String, applied: (JSONTree) -> WriteAnswer?
    ) async -> WriteAnswer {
        // An empty id, or one with dots, would turn the path into that of another request: `/executions//stop` is close
        // to `/executions/stop`, which stops everything.
        if let part = call.path.first(where: { ["", ".", ".."].contains($0) }) {
            return unsent(call, "\(part.debugDescription) is no id")
        }
        let verdict = WriteVerdict(connection: exchange.connection, call: call, mutation: mutation, id: id)
        do throws(ExchangeFailure) {
            let answer = try await exchange.write(call)
            if answer.status == 200, let tree = answer.json, let done = applied(tree) { return done }
            return verdict.of(answer, now: exchange.clock.now())
        } catch {
            return verdict.of(error)
        }
    }

    private func unsent(_ call: Call, _ reason: String) -> WriteAnswer {
        .nothing(
            proof: .notSent, scope: .execution, status: nil, message: "\(call.display) is not sent: \(reason)",
            retryAfter: nil)
    }
}

extension Call {
    /// The call of a request that changes executions.
    fileprivate init(
        _ request: ExecutionRequest, content: Content, bodyLimit: Int, deadline: Deadline = .whole(.seconds(30)),
        scope: String
    ) {
        self.init(
            method: HTTPMethod(request.method), path: request.path, body: request.body.map { Array($0.utf8) },
            content: content, bodyLimit: bodyLimit, deadline: deadline, scope: scope)
    }
}
