public import MendflowHTTP

extension Simulator {
    /// What n8n tells by itself of its runs (n8n facts 11), and how late.
    public struct Telling: Sendable, Hashable {
        /// Whether its tracing is on, and whether every workflow has an error workflow that posts what its Error Trigger gets.
        public var traces: Bool, failures: Bool
        /// How often spans are sent, in milliseconds: n8n's own five seconds, less by `OTEL_BSP_SCHEDULE_DELAY`.
        public var batch: Int64

        /// Makes one; n8n's defaults with both switched on.
        public init(traces: Bool = true, failures: Bool = true, batch: Int64 = 5_000) {
            precondition(batch > 0, "a period is longer than nothing")
            self.traces = traces
            self.failures = failures
            self.batch = batch
        }
    }

    /// A message that is due.
    public enum Told: Sendable, Hashable {
        /// An export request of one process.
        case traces([UInt8])
        /// What an error workflow posts.
        case failure([UInt8])

        /// The request that it is sent by, to a service at an address, with a token.
        public func request(to base: String, token: String) -> HTTPRequest {
            let (path, type, body) =
                switch self {
                case .traces(let body): ("/hints/otlp/v1/traces", "application/x-protobuf", body)
                case .failure(let body): ("/hints/error-trigger", "application/json", body)
                }
            let headers: HTTPHeaders = ["Authorization": "Bearer \(token)", "Content-Type": type]
            return HTTPRequest(.post, base + path, headers: headers, body: body)
        }
    }

    /// What is to be told.
    struct Untold: Sendable {
        var at: Int64
        var process: String
        var content: Content

        enum Content: Sendable {
            case span(TraceSpan)
            case failure([UInt8])
        }
    }

    /// When the next message is due; nil where nothing is to be told.
    public var nextTold: Int64? { untold.map(\.at).min() }

    /// The messages that are due: the posts, then the spans of each process in one request.
    public mutating func takeTold(now: Int64) -> [Told] {
        proceed(to: now)
        let due = untold.filter { $0.at <= now }
        untold.removeAll { $0.at <= now }
        var told: [Told] = []
        var spans: [String: [TraceSpan]] = [:]
        for item in due {
            switch item.content {
            case .failure(let body): told.append(.failure(body))
            case .span(let span): spans[item.process, default: []].append(span)
            }
        }
        for (process, spans) in spans.sorted(by: { $0.key < $1.key }) {
            told.append(.traces(Simulator.traceExport(spans, resource: resource(process))))
        }
        return told
    }

    private func resource(_ role: String) -> JSON {
        [
            "service.name": "n8n", "service.version": .string("\(configuration.release)"),
            "n8n.instance.role": .string(role), "process.command_args": ["node", "n8n", "start"],
        ]
    }

    /// A run has ended, or went to sleep: its process tells so in its next batch, and in queue mode the main process too.
    mutating func tell(_ row: Execution, _ status: Status, byWorkerAlone: Bool = false) {
        guard let telling = configuration.telling else { return }
        let isQueue = configuration.mode.isQueue && row.mode != "manual"
        if telling.traces, row.mode != "manual" {
            let isAlone = byWorkerAlone || ["integrated", "error"].contains(row.mode)
            let processes = isQueue ? (isAlone ? ["worker"] : ["main", "worker"]) : ["main"]
            for process in processes {
                let at = now - now % telling.batch + telling.batch
                untold.append(Untold(at: at, process: process, content: .span(span(row, status, process))))
                schedule(.tells, at: at)
            }
        }
        if status == .error { tellFailure(of: row, name: "NodeApiError", after: 200) }
    }

    /// A run was found dead: no span tells of it. Its error workflow does, and again at the start after, but not of a retry.
    mutating func tellCrash(of row: Execution) {
        guard row.retryOf == nil else { return }
        for after in [400, 120_000] as [Int64] { tellFailure(of: row, name: "WorkflowCrashedError", after: after) }
    }

    private mutating func tellFailure(of row: Execution, name: String, after: Int64) {
        guard configuration.telling?.failures == true, !["manual", "error"].contains(row.mode) else { return }
        var execution: JSON = [
            "id": .string(String(row.id)),
            "url": .string("http://localhost:5678/workflow/\(row.workflowID)/executions/\(row.id)"),
            "error": ["name": .string(name), "message": "a secret of the run", "timestamp": .int(clock)],
            "lastNodeExecuted": "HTTP Request", "mode": .string(row.mode),
        ]
        if let retryOf = row.retryOf { execution["retryOf"] = .string(String(retryOf)) }
        let body: JSON = [
            "execution": execution, "workflow": ["id": .string(row.workflowID), "name": "a workflow"],
        ]
        untold.append(Untold(at: now + after, process: "main", content: .failure(body.bytes)))
        schedule(.tells, at: now + after)
    }

    private mutating func span(_ row: Execution, _ status: Status, _ process: String) -> TraceSpan {
        counter += 1
        var attributes: JSON = [
            "n8n.workflow.id": .string(row.workflowID), "n8n.workflow.name": "a workflow",
            "n8n.workflow.version_id": .string(row.workflowVersionID ?? ""), "n8n.workflow.node_count": 2,
            "n8n.execution.id": .string(String(row.id)), "n8n.execution.mode": .string(row.mode),
            "n8n.execution.status": .string(status.rawValue), "n8n.execution.is_retry": .bool(row.retryOf != nil),
        ]
        if let retryOf = row.retryOf { attributes["n8n.execution.retry_of"] = .string(String(retryOf)) }
        if status == .error { attributes["n8n.execution.error_type"] = "NodeApiError" }
        func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: counter >> (8 * $0)) } }
        return TraceSpan(
            trace: bytes(16), id: bytes(8), name: "workflow.execute", start: (row.startedAt ?? clock) * 1_000_000,
            end: clock * 1_000_000, attributes: attributes, code: status == .error ? 2 : 1,
            exception: status == .error ? "a secret of the run" : nil)
    }
}
