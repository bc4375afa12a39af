import MendflowTestKit
import Testing

@testable import MendflowCommands

/// Each exit code that a command on files alone may end with, from the command itself.
@Suite("The exit code")
struct ExitCodeTests {
    // Swift Testing has a type of the same name.
    typealias Code = MendflowCommands.ExitStatus

    private static let row =
        #"{"id":"1","finished":false,"mode":"trigger","retryOf":null,"retrySuccessId":null,"status":"error","startedAt":"2026-05-04T10:00:00.000Z","stoppedAt":"2026-05-04T10:00:01.000Z","workflowId":"w1","waitTill":null,"data":{"resultData":{"error":{"message":"read ECONNRESET","httpCode":"ECONNRESET"},"runData":{}}}}"#
    private static let later =
        #"{"id":"2","finished":true,"mode":"trigger","retryOf":null,"retrySuccessId":null,"status":"success","startedAt":"2026-05-05T10:00:00.000Z","stoppedAt":"2026-05-05T10:00:01.000Z","workflowId":"w1","waitTill":null}"#
    private static let workflow = #"{"id":"w1","name":"Orders","active":true,"nodes":[]}"#

    private let folder: Folder

    init() throws {
        folder = try Folder()
        try folder.write("month.jsonl", "\(Self.row)\n\(Self.later)\n\(Self.workflow)\n")
        for (name, expect) in [("met", "gte: 1"), ("unmet", "lte: 0")] {
            let policy = Folder.policy(name, "Order*") + "    expect: {actions: {\(expect)}}\n"
            try folder.write("\(name).yaml", policy)
        }
        try folder.write("other.yaml", Folder.policy("other", "No such workflow"))
        try folder.write("wrong.yaml", "policies: [{name: wrong, mach: {status: error}}]\n")
        for (name, expect) in [("passes", "nothing: true"), ("fails", "action: retry")] {
            try folder.write(
                "\(name).test.yaml",
                """
                policies: other.yaml
                tests:
                  - name: what another workflow's policy does
                    executions: [{id: 1, workflow: Orders, at: 0s}]
                    expect: [{execution: 1, \(expect)}]

                """)
        }
        try folder.makeFolder("no.policies")
        try folder.write("broken.test.yaml", "policies: other.yaml\ntests: none\n")
    }

    @Test(
        "is the one that the documents tell",
        arguments: [
            ("history info month.jsonl", Code.done), ("history info none.jsonl", .findings),
            ("history info", .usage),
            ("backtest --history month.jsonl met.yaml", .done), ("backtest --history month.jsonl unmet.yaml", .failure),
            ("backtest --history month.jsonl", .usage), ("backtest --history month.jsonl wrong.yaml", .findings),
            ("backtest --history month.jsonl --matches-only unmet.yaml", .done),
            ("diff --history month.jsonl met.yaml met.yaml", .done),
            ("diff --history month.jsonl other.yaml met.yaml", .pending),
            ("diff --history month.jsonl wrong.yaml met.yaml", .findings), ("diff met.yaml", .usage),
            ("suggest --history month.jsonl", .done), ("suggest --history month.jsonl --last 1h", .usage),
            ("suggest --history none.jsonl", .findings),
            ("test passes.test.yaml", .done), ("test fails.test.yaml", .failure), ("test broken.test.yaml", .findings),
            ("test policies/a.yaml", .findings), ("test other.yaml", .findings),
            ("backtest --history month.jsonl --since 2999-01-01 met.yaml", .usage),
            ("backtest --history month.jsonl --until 2999-01-01 met.yaml", .usage),
            ("diff --history month.jsonl --since 2999-01-01 met.yaml met.yaml", .usage),
            ("diff --history month.jsonl met.yaml no.policies", .pending),
            ("diff --history month.jsonl no.policies no.policies", .done), ("validate met.yaml", .done),
            ("validate wrong.yaml", .findings),
            ("schema tests", .done), ("schema test", .usage), ("plan", .findings), ("nonsense", .usage),
        ])
    func code(line: String, status: Code) async {
        // The files stand in the folder of the test.
        let words = line.split(separator: " ").map { word in
            word.contains(".") ? "\(folder.path)/\(word)" : String(word)
        }
        let isBare = ["nonsense", "schema tests", "schema test"].contains(line)
        let options = isBare ? [] : ["--config", "/nonexistent/mendflow.yaml"]
        #expect(await CommandRunner.run(words + options) == status)
    }

    @Test(
        "is 65 for whatever is named and is not there, cannot be read or is of another kind, with every command that reads files",
        arguments: [
            "validate none.yaml", "test none.test.yaml", "test missing.test.yaml",
            "backtest --history none.jsonl met.yaml", "backtest --history month.jsonl none.yaml",
            "backtest --history no.policies met.yaml", "backtest --history wrong.yaml met.yaml",
            "backtest --history month.jsonl --matches-only none.yaml", "history info no.policies",
            "diff --history none.jsonl met.yaml met.yaml", "diff --history month.jsonl met.yaml none.yaml",
            "suggest --history wrong.yaml", "classify none.json", "classify met.yaml", "classify no.policies",
            "apply none.plan", "apply met.yaml", "apply no.policies", "audit verify --file none.jsonl",
            "audit export --segments none.folder", "ledger copy none.sqlite other.sqlite",
            "simulate --history none.jsonl",
            "simulate --history met.yaml",
        ])
    func unreadable(line: String) async throws {
        try folder.write("missing.test.yaml", Self.naming("missing.yaml"))
        try folder.write("mendflow.yaml", Folder.configuration())
        let words = line.split(separator: " ").map { word in
            word.contains(".") ? "\(folder.path)/\(word)" : String(word)
        }
        let configured = line.hasPrefix("audit export") ? "\(folder.path)/mendflow.yaml" : "/nonexistent/mendflow.yaml"
        let options = line.hasPrefix("simulate") ? [] : ["--config", configured]
        #expect(await CommandRunner.run(words + options) == .findings)
    }

    @Test(
        "is 65 for a folder that is named for its policies or tests and has none, with every command; a side of `diff` may be empty, and so may be what a configuration names",
        arguments: [
            ("validate no.policies", Code.findings), ("validate met.yaml no.policies", .findings),
            ("test no.policies", .findings), ("test passes.test.yaml no.policies", .findings),
            ("test naming.test.yaml", .findings), ("validate naming.test.yaml", .findings),
            ("backtest --history month.jsonl no.policies", .findings),
            ("backtest --history month.jsonl met.yaml no.policies", .findings),
            ("backtest --history month.jsonl --matches-only no.policies", .findings),
            ("diff --history month.jsonl no.policies no.policies", .done),
            ("diff --history month.jsonl no.policies met.yaml", .pending),
            ("validate", .done), ("backtest --history month.jsonl", .findings), ("test", .findings),
        ])
    func emptyFolder(line: String, status: Code) async throws {
        try folder.write("naming.test.yaml", Self.naming("no.policies"))
        try folder.write(
            "empty.mendflow.yaml",
            Folder.configuration().replacing("policies: [policies/]", with: "policies: [no.policies/]"))
        let words = line.split(separator: " ").map { word in
            word.contains(".") ? "\(folder.path)/\(word)" : String(word)
        }
        #expect(await CommandRunner.run(words + ["--config", "\(folder.path)/empty.mendflow.yaml"]) == status)
    }

    @Test(
        "is 65 for data that a test names and that cannot be read, also with `validate`",
        arguments: ["validate data.test.yaml", "test data.test.yaml", "validate met.yaml data.test.yaml"])
    func missingData(line: String) async throws {
        let text =
            "policies: other.yaml\ntests: [{name: a, executions: [{id: 1, workflow: Orders, at: 0s, data: none.jsonl}], expect: []}]\n"
        try folder.write("data.test.yaml", text)
        let words = line.split(separator: " ").map { word in
            word.contains(".") ? "\(folder.path)/\(word)" : String(word)
        }
        #expect(await CommandRunner.run(words + ["--config", "/nonexistent/mendflow.yaml"]) == .findings)
    }

    private static func naming(_ policies: String) -> String {
        "policies: \(policies)\ntests: [{name: a, executions: [{id: 1, workflow: Orders, at: 0s}], expect: []}]\n"
    }

    @Test("has a line in the rules, with its meaning, and there is no other")
    func table() throws {
        let text = try Repository.text("docs/semantics.md")
        let section = try #require(text.firstRange(of: "### 54. Exit codes"))
        let rows = text[section.upperBound...].split(separator: "\n").drop { !$0.hasPrefix("| ---") }.dropFirst()
            .prefix { $0.hasPrefix("| ") }
        let codes = rows.map { UInt8($0.dropFirst(2).prefix { $0 != " " }) }
        #expect(codes == Code.allCases.map(\.rawValue))
    }
}
