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

    @Test("says with which limits and by which name it was reckoned, for both change the figures")
    func basis() async throws {
        let folder = try Folder()
        try folder.write("history.jsonl", "\(Self.row)\n\(Self.later)")
        try folder.write("mendflow.yaml", Folder.configuration() + "\n    limits: {max_in_flight: 7}\n")
        var request = Backtesting.Request(histories: [folder.path + "/history.jsonl"])
        request.policies = [folder.path + "/policies/a.yaml"]
        let environment = Environment.machine([:])
        let loaded = try Workspace.load(path: folder.path + "/mendflow.yaml", environment: environment)
        let workspace = try #require(loaded.workspace)
        let told = try #require(try Backtesting.run(request, workspace, environment: environment).report)
        let words =
            "reckoned with mendflow.yaml: its limits (max_actions 20 per tick, 60 per 1h; max_in_flight 7), protections and error "
            + "classes, and waits spread by the name 'production'"
        #expect(BacktestText.render(told).text().contains("\n  (\(words))\n"))
        #expect(BacktestPage(report: told).html.contains("; reckoned with mendflow.yaml: its limits"))
        #expect(try Console.jsonText(BacktestJSON(told)).contains("\"instance\" : \"production\""))
        let alone = try #require(try Backtesting.run(request, nil, environment: environment).report)
        #expect(
            BacktestText.render(alone).text().contains("\n  (reckoned without a configuration: with the usual limits"))
        #expect(BacktestText.render(alone).text().contains("; this policy would have healed"))
        let (diff, _) = try Backtesting.diff(
            request, old: folder.path + "/policies/a.yaml", new: folder.path + "/policies/b.yaml",
            from: environment.files, workspace, environment: environment)
        let found = try #require(diff)
        #expect(DiffText.render(found).text().contains("\n  (\(words))"))
        #expect(DiffMarkdown.render(found).contains("reckoned with mendflow.yaml"))
        let window = "counted from 2026-05-04T10:00:00.000Z to 2026-05-05T10:00:01.001Z, as `mendflow backtest` counts"
        #expect(DiffText.render(found).text().contains("\n  (\(window); both were lived through 3d longer"))
        #expect(DiffMarkdown.render(found).contains("counted from 2026-05-04T10:00:00.000Z to"))
        #expect(try Console.jsonText(DiffJSON(found)).contains("\"settled_seconds\" : 259200"))
        #expect(try Console.jsonText(DiffJSON(found)).contains("\"configuration\" : \"mendflow.yaml\""))
    }

    @Test("of a side on which everything is switched off says that, and asks for no other folder")
    func switchedOff() throws {
        let folder = try Folder()
        try folder.write("history.jsonl", "\(Self.row)\n\(Self.later)")
        let text = Folder.policy("a", "*")
        try folder.write("on.yaml", text)
        try folder.write("off.yaml", text.replacing("mode: enforce", with: "mode: off"))
        let environment = Environment.machine([:])
        let (diff, _) = try Backtesting.diff(
            Backtesting.Request(histories: [folder.path + "/history.jsonl"]), old: folder.path + "/on.yaml",
            new: folder.path + "/off.yaml", from: environment.files, nil, environment: environment)
        #expect(
            DiffText.emptiness(try #require(diff))
                == "On the new side everything is switched off (`mode: off`: a), so that nothing is done.")
    }

    @Test("says of how much that it would have healed it is true that it is earlier than people")
    func earlier() throws {
        var line = try report(idle: 1).total
        line.saved = []
        line.healed.asObserved = 60
        #expect(BacktestText.earlierThanPeople(line).isEmpty)
        line.saved = [.hours(1), .hours(6), .hours(7)]
        #expect(BacktestText.earlierThanPeople(line) == ", 3 of them earlier than people, by 6h (median)")
        line.healed.asObserved = 3
        #expect(BacktestText.earlierThanPeople(line) == ", all earlier than people, by 6h (median)")
        (line.saved, line.healed.asObserved) = ([.hours(6)], 1)
        #expect(BacktestText.earlierThanPeople(line) == ", earlier than people, by 6h")
        line.healed.asObserved = 2
        #expect(BacktestText.earlierThanPeople(line) == ", 1 of them earlier than people, by 6h")
    }

    @Test("of suggestions tells by what they were reckoned, and what was left out, as a backtest does")
    func suggestions() throws {
        let folder = try Folder()
        try folder.write("history.jsonl", "\(Self.row)\n\(Self.later)")
        try folder.write("mendflow.yaml", Folder.configuration() + "\n    limits: {max_in_flight: 7}\n")
        let environment = Environment.machine([:])
        let workspace = try Workspace.load(path: folder.path + "/mendflow.yaml", environment: environment).workspace
        let paths = [folder.path + "/history.jsonl"]
        let found = try Suggesting.run(paths, workspace, environment: environment)
        let text = SuggestionText.render(found).text()
        #expect(text.contains("# Out of 2 executions from 2026-05-04T10:00:00.000Z to "), "\(text)")
        #expect(
            text.contains(
                "reckoned with mendflow.yaml: its limits (max_actions 20 per tick, 60 per 1h; max_in_flight 7)"))
        #expect(text.contains("# Left out of failed runs: 1 of which the history lacks the data."))
        let json = try Console.jsonText(SuggestionJSON(found))
        #expect(
            json.contains("\"configuration\" : \"mendflow.yaml\"") && json.contains("\"without_data\" : 1"), "\(json)")
        let alone = try Suggesting.run(paths, nil, environment: environment)
        #expect(SuggestionText.render(alone).text().contains("reckoned without a configuration: with the usual limits"))
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
