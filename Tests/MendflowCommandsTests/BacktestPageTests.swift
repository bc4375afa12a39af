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

    @Test("shows of an error's words, and of what workflows noted, nothing that is likely to stand for a person")
    func persons() throws {
        let folder = try Folder()
        let message =
            "Mailbox jane.doe@example.com of 'Jane Doe' at crm.example.com answers ECONNRESET, call 491701234567"
        let row =
            #"{"id":"1","finished":false,"mode":"trigger","retryOf":null,"retrySuccessId":null,"status":"error","startedAt":"2026-05-04T10:00:00.000Z","stoppedAt":"2026-05-04T10:00:01.000Z","workflowId":"w1","waitTill":null,"customData":{"customer":"Erika Mustermann"},"data":{"resultData":{"error":{"message":"\#(message)","httpCode":"ECONNRESET"},"runData":{}}}}"#
        let later =
            #"{"id":"2","finished":true,"mode":"trigger","retryOf":null,"retrySuccessId":null,"status":"success","startedAt":"2026-05-05T10:00:00.000Z","stoppedAt":"2026-05-05T10:00:01.000Z","workflowId":"w1","waitTill":null}"#
        try folder.write("month.jsonl", "\(row)\n\(later)\n" + #"{"id":"w1","name":"Orders","active":true,"nodes":[]}"#)
        let conditions = [
            "error: {message: \"*ECONNRESET*\"}", "error: {message: \"*nothing*\"}", "custom_data: {customer: \"E*\"}",
        ]
        for (number, condition) in conditions.enumerated() {
            let policy = Folder.policy("p\(number)", "Orders").replacing("match: {", with: "match: {\(condition), ")
            #expect(policy.contains(condition), "the policy has it")
            try folder.write("policies/p\(number).yaml", policy)
        }
        var request = Backtesting.Request(histories: [folder.path + "/month.jsonl"])
        (request.policies, request.examples) = ([folder.path + "/policies"], 5)
        let outcome = try Backtesting.run(request, nil, environment: .machine([:]))
        let report = try #require(outcome.report)
        #expect(outcome.examples.first?.explanation.error?.message?.contains("Jane Doe") == true, "it is known")
        let page = BacktestPage(report: report, examples: outcome.examples).html
        #expect(page.contains("Mailbox (address) of") && page.contains("crm.example.com answers ECONNRESET"))
        for word in ["jane.doe", "Jane Doe", "491701234567", "Erika", "Mustermann"] {
            #expect(!page.contains(word), "\(word)")
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
