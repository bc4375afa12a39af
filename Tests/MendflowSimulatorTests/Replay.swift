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

    /// The recorded server's workflows by name.
    private let workflows: [String: String]

    init(_ file: String, before: [String: (Replay) throws -> Void] = [:]) throws {
        recordings = try Recording.all(in: file)
        self.before = before
        let server = String(file.prefix { $0 != "/" })
        workflows = try Recording.workflows(of: file)
        let parts = server.split(separator: "-")
        let release = try #require(Simulator.Release(String(parts[1])))
        let mode = parts.count > 2 ? Simulator.Mode.queue(workers: 1, slots: 1) : .regular
        n8n = Simulator(now: noon, configuration: .init(release: release, mode: mode))
        n8n.configuration.keys = [
            .init(key: "test-key", name: "agent"),
            .init(key: "narrow-key", name: "narrow", scopes: ["execution:read", "execution:list"]),
        ]
    }

    /// Replays everything but the cases in `leftOut`, and returns how many cases were compared.
    func run(leavingOut leftOut: Set<String>) throws -> Int {
        var compared = 0
        for (place, recording) in recordings.enumerated() {
            let occurrence = recordings[...place].count { $0.name == recording.name }
            let key = occurrence == 1 ? recording.name : "\(recording.name)/\(occurrence)"
            // Several names, one of which comes first on each server, may share a preparation.
            if let found = before.keys.first(where: { $0.split(separator: "|").contains { $0 == key } }) {
                try before.removeValue(forKey: found)?(self)
            }
            if leftOut.contains(recording.name) { continue }
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

    /// The id of the workflow of that name.
    func id(_ name: String) throws -> String { try #require(workflows[name], "no workflow \(name)") }

    /// The execution that a case's path names.
    func execution(_ name: String) throws -> Int {
        try #require(recordings.first { $0.name == name }?.execution)
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
        let found = difference(comparable(recording.body), comparable(body))
        #expect(found == nil, "\(key): \(found ?? "")")
    }

    /// A body without what cannot agree.
    private func comparable(_ body: Simulator.JSON) -> Simulator.JSON {
        normal(n8n.configuration.release.isSecond ? body : withoutLaterMembers(body))
    }

    /// Sends requests that went off at once, in the order in which the server took them.
    func sendTogether(_ names: [String]) throws {
        let children = names.map { name in
            recordings.first { $0.name == name }?.body["id"]?.text.flatMap { Int($0) } ?? 0
        }
        for (name, _) in zip(names, children).sorted(by: { $0.1 < $1.1 }) { try send(name) }
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

    /// Adds all workflows: as recorded answers show them, the others with few nodes.
    func addWorkflows() {
        var shown: [String: Simulator.Workflow] = [:]
        for recording in recordings {
            guard let snapshot = recording.body["workflowData"], let id = snapshot["id"]?.text, shown[id] == nil
            else { continue }
            shown[id] = Simulator.Workflow(json: snapshot)
            if let version = recording.body["workflowVersionId"]?.text { shown[id]?.versionID = version }
        }
        for (name, id) in workflows.sorted(by: { $0.value < $1.value }) {
            var workflow =
                shown[id] ?? Simulator.Workflow(id: id, name: name, nodes: [.webhook("w"), .wait(hours: 1), .code()])
            if workflow.versionID == "\(id)-v1" {
                let rows = recordings.map(\.body).filter { $0["workflowId"]?.text == id }
                workflow.versionID = rows.lazy.compactMap { $0["workflowVersionId"]?.text }.first ?? workflow.versionID
            }
            workflow.activeVersionID = workflow.versionID
            n8n.add(workflow)
        }
        let listed = recordings.filter { $0.name == "workflows" || $0.name == "workflow" }
        for json in listed.flatMap({ $0.body["data"]?.elements ?? [$0.body] }) {
            if let workflow = Simulator.Workflow(json: json) { n8n.add(workflow) }
        }
    }

    /// Starts a run of the workflow of that name that comes to `outcome`.
    @discardableResult
    func trigger(_ name: String, _ outcome: Simulator.Outcome) throws -> Int {
        let workflow = try id(name)
        n8n.database.workflows[workflow]?.script.next = [outcome]
        let started = n8n.trigger(workflow, now: now)
        return try #require(started)
    }

    /// Loads the row, or rows, of a recorded answer.
    func load(_ name: String) throws {
        let body = try #require(recordings.first { $0.name == name }).body
        n8n.load(workflows: [], rows: body["data"]?.elements ?? [body], details: [], shift: 0)
    }
}
