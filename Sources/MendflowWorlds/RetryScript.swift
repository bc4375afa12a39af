import MendflowCore
import MendflowHTTP
import MendflowSimulator
private import Synchronization

/// What people use today in place of an agent: a script, or a workflow of n8n's own, that lists what failed and retries whatever
/// has no `retrySuccessId`, every few seconds; where an answer does not come in time, it tries again.
///
/// It is spared what it could not know: it looks at the workflows of the policies alone. It remembers nothing between two
/// looks. It stands in the worlds in the agent's place, so that the judges can be seen to object to something, and by how
/// much.
struct RetryScript: Sendable {
    /// Between two looks.
    static let pause = Period.seconds(10)
    /// How long it waits for an answer.
    static let patience = Period.seconds(30)
    /// How often it asks for the same before it goes on.
    static let attempts = 3
    /// How many of the newest failures it looks at.
    static let page = 20

    private static let workflows = Set([SeedCast.orders, .imports].map(\.rawValue))

    let transport: any Transport
    let clock: any AgentClock

    /// Looks and retries until its process ends.
    func run() async {
        while !Task.isCancelled {
            for id in await failures() { await retry(id) }
            guard (try? await clock.sleep(for: RetryScript.pause)) != nil else { return }
        }
    }

    private func failures() async -> [String] {
        let answer = await ask(.get, "executions?status=error&limit=\(RetryScript.page)", nil)
        guard let answer, answer.status == 200, let json = try? Simulator.JSON(parsing: answer.body) else { return [] }
        let rows = (json["data"]?.elements ?? []).filter { row in
            row["retrySuccessId"]?.isNull == true && RetryScript.workflows.contains(row["workflowId"]?.text ?? "")
        }
        return rows.compactMap { $0["id"]?.text }
    }

    private func retry(_ id: String) async {
        for _ in 0..<RetryScript.attempts where await ask(.post, "executions/\(id)/retry", Array("{}".utf8)) != nil {
            return
        }
    }

    /// The answer; nil where none came, or not in time.
    private func ask(_ method: HTTPMethod, _ path: String, _ body: [UInt8]?) async -> HTTPResponse? {
        let request = HTTPRequest(
            method, "http://n8n/api/v1/" + path,
            headers: ["X-N8N-API-KEY": "key", "Content-Type": "application/json"], body: body)
        return await withTaskGroup(of: HTTPResponse?.self) { group in
            group.addTask { await answer(to: request) }
            group.addTask {
                try? await clock.sleep(for: RetryScript.patience)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func answer(to request: HTTPRequest) async -> HTTPResponse? {
        let body = Mutex<[UInt8]>([])
        let summary = try? await transport.send(request) { event in
            if case .body(let bytes) = event { body.withLock { $0 += bytes } }
            return .more
        }
        guard let summary else { return nil }
        return HTTPResponse(status: summary.head.status, headers: summary.head.headers, body: body.withLock { $0 })
    }
}
