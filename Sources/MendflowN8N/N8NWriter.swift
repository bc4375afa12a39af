public import MendflowCore
public import MendflowHTTP

/// Changes executions of one n8n over its Public API; every request is sent once.
public struct N8NWriter: ExecutionWriter {
    private let exchange: Exchange

    /// Makes a writer. The transport must send a request once at most and follow no redirects.
    public init(connection: N8NConnection, transport: any Transport, clock: any AgentClock) {
        exchange = Exchange(connection: connection, transport: transport, clock: clock)
    }

    /// Sends a request, once, under its key; what n8n would take for another request is not sent.
    public func send(_ request: ExecutionRequest, key: RequestKey?) async -> WriteAnswer {
        var call = Call(request)
        call.key = key?.text
        if let reason = N8NWriter.misreading(of: request) {
            return .nothing(
                proof: .notSent, scope: .execution, status: nil, message: "\(call.display) is not sent: \(reason)",
                retryAfter: nil)
        }
        let verdict = WriteVerdict(
            connection: exchange.connection, call: call, kind: request.kind, id: request.execution?.text ?? "")
        do throws(ExchangeFailure) {
            let answer = try await exchange.write(call)
            if answer.status == 200, let tree = answer.json, let done = N8NWriter.done(request, tree) { return done }
            return verdict.of(answer, now: exchange.clock.now())
        } catch {
            return verdict.of(error)
        }
    }

    /// Sends a probe, once. With another status than these n8n would not refuse a key for what it was used with before.
    public func send(_ probe: KeyProbe) async -> KeyAnswer {
        var call = Call(probe.request)
        call.key = probe.key.text
        call.deadline = .whole(.seconds(10))
        do throws(ExchangeFailure) {
            let answer = try await exchange.write(call)
            if answer.status == 200, answer.json?["stopped"]?.integer == 0 { return .taken }
            let words = exchange.connection.scrub(answer.refusal ?? exchange.connection.excerpt(answer))
            guard [400, 409, 422].contains(answer.status), answer.refusal != nil else {
                return .unclear("\(answer.status) \(words)")
            }
            return .refused(status: answer.status, message: words)
        } catch {
            let verdict = WriteVerdict(connection: exchange.connection, call: call, kind: .bulkStop, id: "")
            return .unclear(verdict.of(error).words)
        }
    }

    /// Why n8n would take a request for another one.
    private static func misreading(of request: ExecutionRequest) -> String? {
        if case .stopMany(let bulk) = request, let workflow = bulk.workflow?.text, ["", "all"].contains(workflow) {
            return "n8n reads the workflow id \(workflow.debugDescription) as all workflows"
        }
        // An empty id, or one with dots, would turn the path into that of another request: `/executions//stop` is close
        // to `/executions/stop`, which stops everything.
        guard let id = request.execution?.text, ["", ".", ".."].contains(id) else { return nil }
        return "\(id.debugDescription) is no id"
    }

    /// What an answer says that was done; nil where it does not say so.
    private static func done(_ request: ExecutionRequest, _ answer: JSONTree) -> WriteAnswer? {
        switch request {
        case .retry(let id, _):
            guard let child = answer["id"]?.word, let status = answer["status"]?.word, child != id.text,
                answer["retryOf"]?.word == id.text
            else { return nil }
            if status == "error", answer["finished"]?.bool == true { return .ranToItsEnd(child: ExecutionID(child)) }
            return .applied(child: ExecutionID(child), status: ExecutionStatus(api: status))
        case .stop:
            return answer["status"]?.word == "canceled" ? .applied(child: nil, status: .canceled) : nil
        case .stopMany:
            guard let count = answer["stopped"]?.integer, count >= 0 else { return nil }
            return .stopped(count: Int(count))
        case .setTags: return answer.items == nil ? nil : .applied(child: nil, status: nil)
        case .delete(let id): return answer["id"]?.word == id.text ? .applied(child: nil, status: nil) : nil
        }
    }
}

extension Call {
    /// How many bytes of a retry's answer are read before it counts as unanswered. n8n sends the data of the whole run;
    /// it is scanned and not held.
    private static let retryLimit = 1 << 30

    /// The call of a request that changes executions.
    ///
    /// A retry has 10 seconds until its first byte leaves and six hours from then on; everything else has 30 seconds.
    fileprivate init(_ request: ExecutionRequest) {
        let (content, scope): (JSONPlan, String) =
            switch request {
            case .retry:
                (
                    .object(["id": .word, "status": .word, "retryOf": .word, "finished": .word]), "execution:retry"
                )
            case .stop: (.object(["status": .word]), "execution:stop")
            case .stopMany: (.object(["stopped": .word]), "execution:stop")
            case .setTags: (WorkflowAnswer.tags, "executionTags:update")
            case .delete: (.object(["id": .word]), "execution:delete")
            }
        let isRetry = request.kind == .retry
        self.init(
            method: HTTPMethod(request.method), path: request.path, body: request.body.map { Array($0.utf8) },
            content: .kept(by: content), bodyLimit: isRetry ? Call.retryLimit : 8 << 20,
            deadline: isRetry ? .sending(.seconds(10), answer: .hours(6)) : .whole(.seconds(30)), scope: scope)
    }
}

extension WriteAnswer {
    /// What it says of a request that brought no whole answer.
    fileprivate var words: String {
        switch self {
        case .nothing(_, _, _, let message, _), .unanswered(_, let message), .failed(let message, _): message
        case .applied, .ranToItsEnd, .stopped: ""
        }
    }
}
