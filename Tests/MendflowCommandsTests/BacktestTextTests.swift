import MendflowBacktest
import MendflowCore
import MendflowEnvironment
import MendflowHost
import MendflowOperations
import MendflowTestKit
import MendflowText
import MendflowWorkspace
import Testing

@testable import MendflowCommands

@Suite("A backtest for people")
struct BacktestTextTests {
    private static let row =
        #"{"id":"1","finished":false,"mode":"trigger","retryOf":null,"retrySuccessId":null,"status":"error","startedAt":"2026-05-04T10:00:00.000Z","stoppedAt":"2026-05-04T10:00:01.000Z","workflowId":"w1","waitTill":null}"#

    private static let later =
        #"{"id":"2","finished":true,"mode":"trigger","retryOf":null,"retrySuccessId":null,"status":"success","startedAt":"2026-05-05T10:00:00.000Z","stoppedAt":"2026-05-05T10:00:01.000Z","workflowId":"w1","waitTill":null}"#

    private func report(idle: Int) throws -> BacktestReport {
        let folder = try Folder()
        try folder.remove("policies")
        let workflow = #"{"id":"w1","name":"Order sync","active":true,"nodes":[]}"#
        try folder.write("history.jsonl", "\(Self.row)\n\(Self.later)\n\(workflow)")
        try folder.makeFolder("policies")
        try folder.write("policies/every.yaml", Folder.policy("every", "*"))
        for number in 1...max(1, idle) {
            try folder.write(
                "policies/\(number).yaml", Folder.policy("idle-\(number)", "No such workflow", priority: 1))
        }
        var request = Backtesting.Request(histories: [folder.path + "/history.jsonl"])
        request.policies = [folder.path + "/policies"]
        return try #require(try Backtesting.run(request, nil, environment: .machine([:])).report)
    }

    @Test("names many policies that had nothing to do in one line, unless all are asked for")
    func idle() throws {
        let many = try report(idle: 9)
        let text = BacktestText.render(many).text()
        #expect(text.contains("\n  9 policies had nothing to do (--all): idle-1, idle-2, "))
        #expect(text.contains("\n  every  ") && !text.contains("\n  idle-1  "))
        let whole = BacktestText.render(many, all: true).text()
        #expect(whole.contains("\n  idle-1  ") && !whole.contains("nothing to do (--all)"))
        #expect(BacktestText.render(try report(idle: 1)).text().contains("\n  idle-1  "))
    }

    @Test("of policies that nobody named is a usage error that says how to name them")
    func noPolicies() async {
        #expect(
            await CommandRunner.run(["backtest", "--config", "/nonexistent/mendflow.yaml", "--history", "month"])
                == .usage)
    }

    @Test("of a policy that is not there says what was meant perhaps")
    func near() throws {
        let folder = try Folder()
        try folder.write("history.jsonl", Self.row)
        try folder.write("policies/c.yaml", Folder.policy("retry-orders", "*"))
        var request = Backtesting.Request(histories: [folder.path + "/history.jsonl"])
        (request.policies, request.policy) = ([folder.path + "/policies"], "retry-order")
        #expect(throws: MendflowFailure(.usage, "no policy is named 'retry-order'; did you mean 'retry-orders'?")) {
            try Backtesting.run(request, nil, environment: .machine([:]))
        }
    }
}
