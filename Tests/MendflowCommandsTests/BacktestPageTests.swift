import MendflowBacktest
import MendflowCore
import MendflowEnvironment
import MendflowHost
import MendflowOperations
import MendflowReview
import MendflowTestKit
import Testing

@testable import MendflowCommands

@Suite("The page of a backtest")
struct BacktestPageTests {
    private static func outcome(_ policies: String...) throws -> Backtesting.Outcome {
        var request = Backtesting.Request(histories: [Repository.root + "Sources/CDemoHistory"])
        request.policies = policies.map { Repository.root + "policies/\($0).yaml" }
        (request.last, request.examples) = (.days(8), BacktestPage.mostExamples)
        return try Backtesting.run(request, nil, environment: .machine([:]))
    }

    @Test("tells some executions in full: what was found, what each policy misses, and the request as it would be sent")
    func examples() throws {
        let outcome = try Self.outcome("retry-order-sync", "tag-credential-failures")
        let report = try #require(outcome.report)
        #expect(outcome.examples.contains { $0.kind != nil && $0.action == nil && !$0.reason.isEmpty })
        let acted = try #require(outcome.examples.first { $0.action?.kind == .retry })
        let action = try #require(acted.action)
        #expect(acted.explanation.now == action.at && acted.explanation.asked == action.root)
        let mine = try #require(acted.explanation.policies.first { action.policies.contains($0.name) })
        #expect(mine.matches && mine.missed.isEmpty, "it acts on what it matches, as it was known at that moment")
        #expect(acted.explanation.policies.contains { !$0.matches && !$0.missed.isEmpty })
        let page = BacktestPage(report: report, examples: outcome.examples).html
        for text in [
            "<h2>One execution</h2>", "<code>\(action.request)</code>".replacing("\"", with: "&quot;"),
            "would match but for this: wanted", "which saw ", "a retry starts",
        ] {
            #expect(page.contains(text), "\(text)")
        }
    }

    @Test("tells none where none are wanted, and each only once")
    func few() throws {
        let outcome = try Self.outcome("retry-order-sync")
        let asked = outcome.examples.map(\.explanation.asked)
        #expect(Set(asked).count == asked.count && asked.count <= BacktestPage.mostExamples)
        let report = try #require(outcome.report)
        #expect(!BacktestPage(report: report).html.contains("<h2>One execution</h2>"))
    }
}
