import MendflowBacktest
import MendflowCore
import MendflowEnvironment
import MendflowHost
import MendflowOperations
import MendflowTestKit
import MendflowText
import Testing

@testable import MendflowCommands

@Suite("A history with a damaged line")
struct DamagedHistoryTests {
    private static let row =
        #"{"id":"1","finished":false,"mode":"trigger","retryOf":null,"retrySuccessId":null,"status":"error","startedAt":"2026-05-04T10:00:00.000Z","stoppedAt":"2026-05-04T10:00:01.000Z","workflowId":"w1","waitTill":null}"#

    private let folder = try? Folder()
    private var history: String { (folder?.path ?? "") + "/history.jsonl" }

    private func write(_ text: String) throws {
        try folder?.write("history.jsonl", text)
        try folder?.write(
            "policies/b.yaml", Folder.policy("b", "*") + "    expect: {actions: {lte: 5}}\n")
    }

    @Test(
        "ends every command that reads it with 1, and a whole one with 0",
        arguments: [
            ["history", "info", "HISTORY"], ["suggest", "--history", "HISTORY"],
            ["backtest", "--history", "HISTORY", "POLICIES"],
            ["backtest", "--history", "HISTORY", "--matches-only", "POLICIES"],
            ["diff", "--history", "HISTORY", "POLICIES", "POLICIES"],
        ])
    func status(words: [String]) async throws {
        let policies = (folder?.path ?? "") + "/policies"
        let words = words.map { $0 == "HISTORY" ? history : $0 == "POLICIES" ? policies : $0 }
        let command = words + ["--config", "/nonexistent/mendflow.yaml"]
        try write("\(Self.row)\n")
        #expect(await CommandRunner.run(command) == .done)
        try write("\(Self.row)\n{\"id\":\"2\",\"fin")
        #expect(await CommandRunner.run(command) == .failure)
    }

    @Test("is told where the figures stand, with how much is left out, and where it begins")
    func told() throws {
        try write("\(Self.row)\n{\"id\":\"2\",\"fin\nno row")
        let environment = Environment.machine([:])
        var request = Backtesting.Request(histories: [history])
        request.policies = [(folder?.path ?? "") + "/policies/b.yaml"]
        let words =
            "Of the history 2 lines cannot be read and are left out: \(history):2: is not JSON, or is cut off; "
            + "the others: mendflow history info"
        let report = try #require(try Backtesting.run(request, nil, environment: environment).report)
        #expect(BacktestText.render(report).text().contains("\n\n\(words)\n"))
        #expect(try Console.jsonText(BacktestJSON(report)).contains("\"left_out\" : 2"))
        #expect(BacktestPage(report: report).html.contains("2 lines cannot be read and are left out</b>: \(history):2"))
        let matches = try #require(try Backtesting.matches(request, nil, environment: environment).report)
        #expect(MatchText.render(matches).text().contains("\n\(words)"))
        let found = try Suggesting.run([history], nil, environment: environment)
        #expect(SuggestionText.render(found).text().contains("\n# \(words)\n"))
        let info = try Histories.info([history], nil, environment: environment)
        let lines =
            "  2 lines cannot be read and are left out\n    \(history):2: is not JSON, or is cut off: left out\n"
        #expect(HistoryText.render(info).text().contains(lines))
    }

    @Test("or without one: matches alone say that what policies expect is not checked")
    func unchecked() throws {
        try write("\(Self.row)\n")
        var request = Backtesting.Request(histories: [history])
        request.policies = [(folder?.path ?? "") + "/policies"]
        let report = try #require(try Backtesting.matches(request, nil, environment: .machine([:])).report)
        #expect(report.expecting == ["b"])
        let words = "Not checked here: what b expects, for `expect` is about what is done."
        #expect(MatchText.render(report).text().contains(words))
        #expect(try Console.jsonText(MatchJSON(report)).contains("\"expect_not_checked\" : ["))
        request.policy = "a"
        let one = try #require(try Backtesting.matches(request, nil, environment: .machine([:])).report)
        #expect(!MatchText.render(one).text().contains("Not checked here"))
    }
}
