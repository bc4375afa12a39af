import MendflowHTTP
import Testing

@testable import MendflowSimulator

/// A kind of server and what befalls the retry of its one failed run.
struct Befallen: Sendable, CustomTestStringConvertible {
    var kind: Simulator.Configuration
    var name: String
    var fault: Simulator.Fault
    /// Who retries how often.
    var agent: Int
    var person = 0
    /// Whether the agent's child truly runs.
    var runs = true

    var testDescription: String { "\(name) in era \(kind.release.era.rawValue), \(kind.mode)" }

    static let all: [Befallen] = Simulator.Configuration.everyKind.flatMap { kind in
        [
            Befallen(kind: kind, name: "refused", fault: .refuse, agent: 0),
            Befallen(kind: kind, name: "request lost", fault: .loseRequest(after: 500), agent: 0),
            Befallen(kind: kind, name: "answer lost", fault: .loseAnswer(after: 500), agent: 1),
            Befallen(kind: kind, name: "500 before", fault: .errorBefore, agent: 0),
            Befallen(kind: kind, name: "500 after", fault: .errorAfter, agent: 1),
            Befallen(kind: kind, name: "504", fault: .gatewayTimeout, agent: 1),
            Befallen(kind: kind, name: "502", fault: .badGateway, agent: 0),
            Befallen(kind: kind, name: "429", fault: .tooManyRequests(retryAfter: 5), agent: 0),
            Befallen(kind: kind, name: "starting", fault: .startingUp, agent: 0),
            Befallen(kind: kind, name: "late", fault: .delayRequest(2_000), agent: 1),
            Befallen(kind: kind, name: "twice", fault: .duplicate, agent: 2),
            Befallen(kind: kind, name: "child not saved", fault: .childNotSaved, agent: 1),
            Befallen(kind: kind, name: "a person first", fault: .personRetriesFirst, agent: 1, person: 1),
            Befallen(kind: kind, name: "a person after", fault: .personRetriesAfter(500), agent: 1, person: 1),
            Befallen(kind: kind, name: "process dies", fault: .processDies(after: 500, back: 1_000), agent: 1),
        ]
    }
}

@Suite("Every mishap exists in every era and mode")
struct EveryKindTests {
    @Test("and the record tells who did what, whatever was answered", arguments: Befallen.all)
    func befallen(_ cell: Befallen) throws {
        var n8n = Simulator(now: noon, configuration: cell.kind)
        n8n.add(
            Simulator.Workflow(
                id: orders, name: "Order sync", nodes: [.webhook("o"), .http(method: "POST", url: "http://x")],
                script: .init(next: [.error(.http(503), after: 0)], retriesThenAlways: [.success(after: 90_000)])))
        n8n.trigger(orders, now: noon)
        n8n.faults = [.init(cell.fault, at: [.retry])]
        _ = n8n.receive(request(.post, "/executions/1/retry", [:]), now: noon + 100)
        _ = n8n.advance(to: noon + 4 * 3_600_000)
        let retries = n8n.retries
        #expect(retries.count { $0.by == .key("agent") } == cell.agent)
        #expect(retries.count { $0.by == .person("person") } == cell.person)
        #expect(retries.allSatisfy { $0.beganAt != nil })
        let end: Simulator.Status = cell.name == "process dies" ? .crashed : .success
        #expect(retries.allSatisfy { $0.end == end })
        #expect(n8n.retriedTwice(by: .key("agent")) == (cell.agent > 1 ? [1] : []))
        let kept = retries.filter(\.isKept).map(\.child)
        #expect(n8n.database.ids == [1] + kept)
    }
}
