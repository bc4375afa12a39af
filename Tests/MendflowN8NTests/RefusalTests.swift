import MendflowCore
import MendflowHTTP
import Testing

@testable import MendflowN8N

extension ActionKind {
    /// What a recorded request changes; nil where it is none of ours.
    init?(_ recording: Recording) {
        let parts = recording.path.split(separator: "/").map(String.init)
        guard parts.count > 3, parts[2] == "executions" else { return nil }
        switch (recording.method, parts.count) {
        case ("DELETE", 4): self = .delete
        case ("POST", 4) where parts[3] == "stop": self = .bulkStop
        case ("POST", 5) where parts[4] == "retry": self = .retry
        case ("POST", 5) where parts[4] == "stop": self = .stop
        case ("PUT", 5) where parts[4] == "tags": self = .tag
        default: return nil
        }
    }

    func send(by writer: N8NWriter, of id: ExecutionID) async -> WriteAnswer {
        switch self {
        case .retry: await writer.send(.retry(id, loadWorkflow: false))
        case .stop: await writer.send(.stop(id))
        case .bulkStop: await writer.send(.stopMany(BulkStopRequest(statuses: [.waiting], workflow: "w")))
        case .tag: await writer.send(.setTags(id, to: ["a"]))
        case .delete: await writer.send(.delete(id))
        }
    }
}

@Suite("What mutations were answered, and what it proves")
struct RefusalTests {
    private static let mutations = Recording.all.filter { ActionKind($0) != nil }
    private static let expected = Recording.fixture("n8n/mutations.txt").split(separator: "\n")
        .filter { !$0.hasPrefix("#") }.map(String.init)

    /// The words for an answer in the list of what is expected.
    private func words(_ answer: WriteAnswer) -> String {
        switch answer {
        case .applied(let child?, let status?): "done \(child) \(status.rawValue)"
        case .applied(_, let status?): "done \(status.rawValue)"
        case .applied: "done"
        case .ranToItsEnd(let child): "ran to its end \(child)"
        case .stopped(let count): "stopped \(count)"
        case .failed: "failed"
        case .unanswered: "unanswered"
        case .nothing(.refusal(let name), let scope, _, _, _): "refused \(name) \(scope.rawValue)"
        case .nothing(let proof, _, _, _, _): "nothing \(proof)"
        }
    }

    @Test("every recorded answer of all five servers is what the list of them says")
    func recorded() async throws {
        var found: [String] = []
        for recording in Self.mutations {
            let mutation = try #require(ActionKind(recording))
            let writer = try writer(ScriptedTransport(.init(recording)))
            let answer = await mutation.send(by: writer, of: ExecutionID(recording.id))
            found.append("\(recording.server) \(recording.name): \(words(answer))")
        }
        #expect(Self.expected.count == found.count)
        for (expected, found) in zip(Self.expected, found) { #expect(expected == found) }
    }

    @Test("nothing stands in the table that no server was heard to say, and nothing twice")
    func heard() {
        #expect(Set(RefusalTable.all.map(\.name)).count == RefusalTable.all.count)
        var heard: Set<String> = []
        for recording in Recording.all {
            guard let message = recording.json?["message"]?.string else { continue }
            let mutations = ActionKind(recording).map { [$0] } ?? []
            // What guards the door speaks alike to reads and to mutations.
            let candidates =
                mutations.isEmpty && [401, 403].contains(recording.status) ? ActionKind.allCases : mutations
            for mutation in candidates {
                let refusal = RefusalTable.refusal(
                    of: mutation, id: recording.id, status: recording.status, message: message)
                if let refusal { heard.insert(refusal.name) }
            }
        }
        #expect(RefusalTable.all.map(\.name).filter { !heard.contains($0) } == [])
    }

    @Test("the table is an exact one: another status, id, mutation or word proves nothing")
    func exact() {
        func find(_ mutation: ActionKind, _ status: Int, _ message: String, id: String = "7") -> String? {
            RefusalTable.refusal(of: mutation, id: id, status: status, message: message)?.name
        }
        #expect(find(.retry, 404, "The execution with the ID \"7\" does not exist.") == "retry.gone")
        #expect(find(.retry, 404, "The execution with the ID \"8\" does not exist.") == nil)
        #expect(find(.retry, 404, "The execution with the ID \"77\" does not exist.") == nil)
        #expect(find(.stop, 404, "The execution with the ID \"7\" does not exist.") == nil)
        #expect(find(.retry, 400, "The execution with the ID \"7\" does not exist.") == nil)
        #expect(find(.retry, 403, "Forbidden") == "forbidden")
        #expect(find(.retry, 403, "forbidden") == nil)
        #expect(find(.retry, 404, "Not Found") == nil)
        #expect(find(.stop, 404, "Not Found") == nil)
        #expect(find(.delete, 404, "Not Found") == "delete.gone")
        #expect(find(.delete, 404, "not found") == nil)
        #expect(find(.retry, 404, "not found") == nil, "no server that was recorded lacks it")
        #expect(find(.stop, 404, "not found") == "not_offered.stop")
        #expect(find(.tag, 405, "not found") == nil)
        #expect(find(.bulkStop, 405, "GET method not allowed") == nil)
        #expect(find(.delete, 400, "Cannot delete a running execution") == "delete.running")
        #expect(find(.stop, 400, "Cannot delete a running execution") == nil)
        #expect(
            find(.stop, 409, "Only running or waiting executions can be stopped and 7 is currently error")
                == "stop.ended")
        #expect(
            find(.stop, 409, "Only running or waiting executions can be stopped and 7 is currently broken") == nil)
        #expect(find(.tag, 400, "request/body/12 must have required property 'id'") == "tags.no_id")
        #expect(find(.tag, 400, "request/body/ must have required property 'id'") == nil)
    }

    @Test("a page of HTML proves nothing, whatever it says and whoever recorded it")
    func html() async throws {
        for refusal in RefusalTable.all {
            for mutation in refusal.of.isEmpty ? Set(ActionKind.allCases) : refusal.of {
                let reply = ScriptedTransport.Reply.html(refusal.status, "{\"message\":\"\(refusal.message)\"}")
                let answer = await mutation.send(by: try writer(ScriptedTransport(reply)), of: "7")
                guard case .unanswered(refusal.status, _) = answer else {
                    Issue.record("\(refusal.name) in HTML became \(answer)")
                    continue
                }
            }
        }
    }
}
