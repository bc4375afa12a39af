import MendflowTestKit
import Testing

@testable import MendflowCore

/// docs/error-classes.md is made from the rules: `MENDFLOW_GOLDEN=write scripts/test ErrorClassesReference` writes
/// it.
@Suite("The page of error classes")
struct ErrorClassesReferenceTests {
    @Test("is what the rules say")
    func fresh() throws {
        let difference = try Repository.difference(of: ErrorClassesPage.text, from: "docs/error-classes.md")
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test("names every class and every rule")
    func complete() {
        for errorClass in ErrorClass.allCases { #expect(ErrorClassesPage.text.contains("`\(errorClass.rawValue)`")) }
        for id in ErrorRuleTable.ids { #expect(ErrorClassesPage.text.contains("`\(id)`")) }
    }
}

/// The page, from the rules.
private enum ErrorClassesPage {
    static var text: String {
        ([introduction, classes, own] + ErrorStage.allCases.map(section)).joined(separator: "\n")
    }

    private static let introduction = """
        # Error classes

        This page is made from the built-in rules. They are asked in the order in which they stand here, stage by stage;
        the first that matches gives the class. To see why a failure of your own was judged as it was, save its data and
        ask:

            curl -H "X-N8N-API-KEY: $KEY" "$URL/api/v1/executions/4711?includeData=true" > failure.json
            mendflow classify failure.json

        It names the class, the rule, what the rule saw, the repeat risk and the wait that the service asked for.

        What is read of an error, each text cut to 2 KiB and without secrets: `httpCode`, `status` or `statusCode`;
        `code`, `lc_error_code`, `responseCode` and `errorCode`, also of two causes and of `errors[]`; `name`,
        `failure.cause`, `messages[]`, `description`, `message`; and of causes, `errors[]`, `errorResponse` and
        `context.data` what services call message, reason, code, quota and the like. A status that stands in the text
        only ("503 - ...", "status code 503", "[503 Service Unavailable]") counts as one. n8n keeps no header of an
        answer, so `Retry-After` is never there; a wait in the text is ("retry after 245", "try again in 6m10s",
        `retryDelay`, `retry_after`, a date), and no retry is sent before it.

        The built-in rules and waits do not look at what the workflow's author wrote: a query that n8n repeats ("Failed
        query: ..."), a row or a key that a database quotes, and, of databases and where the status is 400, 404, 409 or
        422, what stands in quotation marks. `code` of your own rules also sees a `status` that is a word,
        `errorResponse.code` and `context.errorCode`.

        """

    private static let classes =
        """
        ## The classes

        | Class | What it means | A `retry` that says nothing about `error` |
        | --- | --- | --- |

        """
        + ErrorClass.allCases.map { errorClass in
            let isLeft = ErrorClass.notHelpedByRetry.contains(errorClass)
            let word = errorClass == .unknown ? "acts where workflows are named" : isLeft ? "leaves it alone" : "acts"
            return "| `\(errorClass.rawValue)` | \(errorClass.meaning) | \(word) |\n"
        }.joined()

    private static let own = """

        ## Your own rules

        Rules in `mendflow.yaml` are asked before the built-in ones; all parts that a rule names have to match.

        ```yaml
        error_classes:
          - id: sap-locked
            class: transient
            node_type: "*.httpRequest"
            http_code: 422
            matches: locked by user
          - id: card-terminal
            class: conflict
            code: [TERMINAL_BUSY, "9*"]
          - id: script
            off: true
        ```

        `http_code` is the status wherever it stands, or a code; `code` any of the codes; `cause` n8n's own
        `failure.cause`; `name` the error's class name; `node_type` the failed node's type; `status` that of the run;
        `matches` a pattern over all texts. `off: true` switches a built-in rule off in all its forms.

        """

    private static func section(_ stage: ErrorStage) -> String {
        var lines = ["## \(stage.title)", "", stage.why, ""]
        lines += ["| Rule | Class | Known by | Example | Source |", "| --- | --- | --- | --- | --- |"]
        lines += rows(stage.rules.filter { !isRepeated($0, in: stage) })
        return lines.joined(separator: "\n") + "\n"
    }

    /// Rules of the codes and the clients that are asked of scripts as well.
    private static func isRepeated(_ rule: ErrorRuleSpec, in stage: ErrorStage) -> Bool {
        stage == .scripts && rule.nodeTypes == ErrorRuleTable.scriptNodes && rule.id != "script"
    }

    private static func rows(_ rules: [ErrorRuleSpec]) -> [String] {
        rules.map { rule in
            let cells = [
                code(rule.id), code(rule.errorClass.rawValue), known(rule),
                rule.example.isEmpty ? "" : code(rule.example),
                escaped(rule.source),
            ]
            return "| " + cells.joined(separator: " | ") + " |"
        }
    }

    private static func known(_ rule: ErrorRuleSpec) -> String {
        var parts: [String] = []
        if let statuses = rule.statuses { parts.append("status " + list(statuses.map(\.rawValue).sorted())) }
        if let reached = rule.reachedTimeLimit {
            parts.append(reached ? "the time limit reached" : "no time limit reached")
        }
        if rule.withoutError { parts.append("no error") }
        if let cause = rule.cause { parts.append("cause \(code(cause))") }
        if !rule.nodeTypes.isEmpty {
            let types = rule.nodeTypes.map { $0.split(separator: ".").last.map(String.init) ?? $0 }
            parts.append("node " + list(Array(types.prefix(6))) + (types.count > 6 ? " and the like" : ""))
        }
        if !rule.codes.isEmpty { parts.append("code " + list(rule.codes)) }
        if !rule.names.isEmpty { parts.append("name " + list(rule.names)) }
        if rule.text != nil { parts.append("words") }
        return parts.joined(separator: ", ")
    }

    private static func list(_ words: [String]) -> String { words.map(code).joined(separator: ", ") }
    private static func code(_ text: String) -> String { "`\(escaped(text))`" }
    private static func escaped(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("`", with: "'")
    }
}
