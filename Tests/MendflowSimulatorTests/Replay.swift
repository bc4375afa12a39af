import MendflowHTTP
import Testing

@testable import MendflowSimulator

/// Puts recorded requests to the model, in order, and compares what it answers.
final class Replay {
    let recordings: [Recording]
    var n8n: Simulator
    var now = noon
    /// What must happen before a case, by its name; done once.
    private var before: [String: (Replay) throws -> Void]
    private var sent: [Int: Simulator.Reply] = [:]
    private var answers: [Simulator.CallID: Simulator.Reply] = [:]

    init(_ file: String, before: [String: (Replay) throws -> Void] = [:]) throws {
        recordings = try Recording.all(in: file)
        self.before = before
        n8n = Simulator(now: noon)
        n8n.configuration.keys = [
            .init(key: "test-key", name: "agent"),
            .init(key: "narrow-key", name: "narrow", scopes: ["execution:read", "execution:list"]),
        ]
    }

    /// Replays everything but the cases in `leftOut`, and returns how many cases were compared.
    func run(leavingOut leftOut: [String: String]) throws -> Int {
        var compared = 0
        for (place, recording) in recordings.enumerated() {
            let occurrence = recordings[...place].count { $0.name == recording.name }
            let key = occurrence == 1 ? recording.name : "\(recording.name)/\(occurrence)"
            try before.removeValue(forKey: key)?(self)
            if leftOut[key] != nil { continue }
            let reply = try self.reply(to: place)
            guard let status = recording.status else {
                #expect(reply.call != nil, "\(key): the client gave up, so the call is held")
                continue
            }
            compare(key, recording, status, answer(of: reply))
            compared += 1
        }
        #expect(before.isEmpty, "every preparation belongs to a case")
        return compared
    }

    private func compare(_ key: String, _ recording: Recording, _ status: Int, _ reply: Simulator.Reply) {
        guard case .answer(let response) = reply else {
            Issue.record("\(key): \(reply) instead of an answer")
            return
        }
        #expect(response.status == status, "\(key)")
        #expect(response.head.headers["Content-Type"] == recording.mediaType, "\(key)")
        let text = String(decoding: response.body, as: UTF8.self)
        let body = (try? Simulator.JSON(parsing: text)) ?? .string(text)
        let found = difference(normal(recording.body), normal(body))
        #expect(found == nil, "\(key): \(found ?? "")")
    }

    /// Sends a request before its case is due, as the recording's client did.
    func send(_ name: String) throws {
        let place = try #require(recordings.firstIndex { $0.name == name })
        sent[place] = try reply(to: place)
    }

    private func reply(to place: Int) throws -> Simulator.Reply {
        if let reply = sent[place] { return reply }
        now += 100
        let recording = recordings[place]
        if recording.request.url.hasSuffix("/retry"), let execution = recording.execution {
            n8n.script(retriesOf: execution, [outcome(of: recording)])
        }
        defer { collect() }
        return n8n.receive(recording.request, now: now)
    }

    private func collect() { answers.merge(n8n.advance(to: now)) { one, _ in one } }

    /// The answer of a call, for which the time goes on as far as it must.
    private func answer(of reply: Simulator.Reply) -> Simulator.Reply {
        guard let call = reply.call else { return reply }
        while answers[call] == nil, let next = n8n.nextEvent {
            now = max(now, next)
            collect()
        }
        return answers[call] ?? reply
    }

    /// Lets so much time go by.
    func pass(_ time: Int64) {
        now += time
        collect()
    }

    /// What a recorded retry's run came to.
    private func outcome(of recording: Recording) -> Simulator.Outcome {
        let after = max(0, recording.elapsed - 20)
        switch recording.body["status"]?.text {
        case "error": return .error(shape(of: recording.body), after: after)
        case "waiting": return .wait(for: 7_200_000, after: 0, then: .hang)
        case "success": return .success(after: after)
        // Nobody saw how it ended: the client gave up, or the run was stopped.
        default: return recording.status == nil ? .success(after: 20_000) : .hang
        }
    }

    private func shape(of body: Simulator.JSON) -> Simulator.ErrorShape {
        let result = body["data"]?["resultData"]
        let fed = body["data"]?["executionData"]?["nodeExecutionStack"]?[0]?["data"]?["main"]?[0]?.elements?.count
        var error = Simulator.ErrorShape(
            name: nil, message: "", node: result?["lastNodeExecuted"]?.text, items: fed ?? 1)
        error.recorded = result?["error"]
        return error
    }

    /// The error of a recorded answer.
    func error(in name: String) throws -> Simulator.ErrorShape {
        shape(of: try #require(recordings.first { $0.name == name }).body)
    }

    /// Adds all workflows that recorded answers show, and those named.
    func addWorkflows(minimal: [String: String] = [:]) {
        for recording in recordings {
            guard let snapshot = recording.body["workflowData"], let id = snapshot["id"]?.text,
                n8n.database.workflows[id] == nil, var workflow = Simulator.Workflow(json: snapshot)
            else { continue }
            if let version = recording.body["workflowVersionId"]?.text { workflow.versionID = version }
            workflow.activeVersionID = workflow.versionID
            n8n.add(workflow)
        }
        let listed = recordings.filter { $0.name == "workflows" || $0.name == "workflow" }
        for json in listed.flatMap({ $0.body["data"]?.elements ?? [$0.body] }) {
            if let workflow = Simulator.Workflow(json: json) { n8n.add(workflow) }
        }
        for (id, name) in minimal.sorted(by: { $0.key < $1.key }) {
            var workflow = Simulator.Workflow(id: id, name: name, nodes: [.webhook("w"), .wait(hours: 1), .code()])
            let rows = recordings.map(\.body).filter { $0["workflowId"]?.text == id }
            workflow.versionID = rows.lazy.compactMap { $0["workflowVersionId"]?.text }.first ?? workflow.versionID
            workflow.activeVersionID = workflow.versionID
            n8n.add(workflow)
        }
    }

    /// Starts a run that comes to `outcome`.
    func trigger(_ workflow: String, _ outcome: Simulator.Outcome) {
        n8n.database.workflows[workflow]?.script.next = [outcome]
        n8n.trigger(workflow, now: now)
    }

    /// Loads the row, or rows, of a recorded answer.
    func load(_ name: String) throws {
        let body = try #require(recordings.first { $0.name == name }).body
        n8n.load(workflows: [], rows: body["data"]?.elements ?? [body], details: [], shift: 0)
    }
}
