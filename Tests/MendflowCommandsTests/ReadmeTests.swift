import MendflowEnvironment
import MendflowHost
import MendflowOperations
import MendflowTestKit
import MendflowText
import Testing

@testable import MendflowCommands

@Suite("What the README shows of a backtest")
struct ReadmeTests {
    // The whole month with all policies, unoptimised: as long as a third of all other tests.
    @Test("is what the program says of the recorded month", .enabled(if: TestScale.isFull, "make test ALL=1 runs it"))
    func month() throws {
        var request = Backtesting.Request(histories: [Repository.root + "Sources/CDemoHistory"])
        request.policies = [Repository.root + "policies"]
        let report = try Backtesting.run(request, nil, environment: .machine([:])).report
        let lines = BacktestText.render(try #require(report)).text().split(separator: "\n").prefix(8)
        let readme = try Repository.text("README.md")
        for line in lines { #expect(readme.contains("    \(line)\n"), "\(line)") }
    }
}
