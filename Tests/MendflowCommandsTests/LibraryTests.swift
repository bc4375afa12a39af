import FoundationEssentials
import MendflowBacktest
import MendflowCore
import MendflowEnvironment
import MendflowHost
import MendflowOperations
import MendflowTestKit
import MendflowText
import Testing

/// What the policies of the library say of themselves. `MENDFLOW_GOLDEN=write MENDFLOW_TEST_ALL=1 scripts/test
/// LibraryTests` writes the figures into the policy files, and then docs/library.md.
@Suite("The library of policies", .serialized)
struct LibraryTests {
    /// The one whose figures every run reckons again; with MENDFLOW_TEST_ALL=1 all are.
    private static let few = ["stop-stale-timers"]

    static let names = LibraryPage.sections.flatMap(\.policies)

    @Test("tells of each policy what it would have done in the recorded month", arguments: names)
    func figures(name: String) throws {
        guard TestScale.isFull || Self.few.contains(name) else { return }
        var request = Backtesting.Request(histories: [Repository.root + "Sources/CDemoHistory"])
        request.policies = [Repository.root + LibraryPage.path(name)]
        let report = try #require(try Backtesting.run(request, nil, environment: .machine([:])).report)
        let path = LibraryPage.path(name)
        let told = LibraryPolicy(try Repository.text(path))
        let found = LibraryPolicy.figures(of: try #require(report.policies.first))
        let difference = try Repository.difference(of: told.text(withFigures: found), from: path)
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test("says of each policy when to use it and when not, and what the recorded month shows", arguments: names)
    func complete(name: String) throws {
        let text = try Repository.text(LibraryPage.path(name))
        let policy = LibraryPolicy(text)
        // Whoever copies all of them lets none act by that.
        #expect(!text.contains("mode: enforce"))
        #expect(!policy.purpose.isEmpty && policy.use.hasPrefix("Use it ") && policy.avoid.hasPrefix("Do not use it "))
        #expect(policy.figures.hasSuffix(".") && policy.figures != LibraryPolicy.noFigures)
        let test = LibraryPage.path(name).replacing(".yaml", with: ".test.yaml")
        #expect(throws: Never.self) { try Repository.bytes(test) }
    }

    @Test("has all of them on its page, once")
    func page() throws {
        let files = Repository.names(in: "policies", ending: ".yaml").filter { !$0.hasSuffix(".test") }
        #expect(files == Self.names.filter { LibraryPage.path($0).hasPrefix("policies/") }.sorted())
        let difference = try Repository.difference(of: try LibraryPage.text(), from: "docs/library.md")
        #expect(difference == nil, "\(difference ?? "")")
    }
}

/// A policy file's own comment, taken apart.
private struct LibraryPolicy {
    static let noFigures = "none yet."
    private static let mark = "# Recorded month: "

    /// What it does, when to use it, when not, and what it would have done, each in one line.
    var purpose = "", use = "", avoid = "", figures = LibraryPolicy.noFigures
    private let lines: [Substring]

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var part = \LibraryPolicy.purpose
        for line in lines.prefix(while: { $0.hasPrefix("#") }) {
            if line.hasPrefix(Self.mark) {
                figures = String(line.dropFirst(Self.mark.count))
                continue
            }
            let words = String(line.dropFirst(2))
            if words.hasPrefix("Use it ") { part = \.use }
            if words.hasPrefix("Do not use it ") { part = \.avoid }
            if words.isEmpty { continue }
            self[keyPath: part] += (self[keyPath: part].isEmpty ? "" : " ") + words
        }
    }

    /// The file with these figures as the end of its comment.
    func text(withFigures figures: String) -> String {
        let comment = lines.prefix { $0.hasPrefix("#") }.filter { !$0.hasPrefix(Self.mark) }
        let blank: [Substring] = comment.last == "#" ? [] : ["#"]
        let rest = lines.drop { $0.hasPrefix("#") }
        return (comment + blank + ["\(Self.mark)\(figures)"] + rest).joined(separator: "\n")
    }

    /// What a backtest of a policy alone shows, in one sentence.
    static func figures(of line: BacktestReport.Line) -> String {
        func sent(_ kind: ActionKind) -> Int { line.requests[kind]?.asObserved ?? 0 }
        let kinds: [(ActionKind, String, String)] = [
            (.retry, "retry", "retries"), (.stop, "stop", "stops"), (.bulkStop, "bulk stop", "bulk stops"),
            (.tag, "write of tags", "writes of tags"), (.delete, "deletion", "deletions"),
        ]
        let requests = kinds.filter { sent($0.0) > 0 }.map { kind, one, many in
            "\(sent(kind)) \(sent(kind) == 1 ? one : many)"
        }
        let held = line.notActed.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            .map { "\($0.value) \($0.key.rawValue)" }
        if requests.isEmpty {
            guard line.owned > 0 else { return "nothing in it that this policy acts on." }
            return "holds all of \(line.owned) failed chains (\(held.joined(separator: ", ")))."
        }
        var parts = [
            "acts on \(line.acted.asObserved)" + (line.owned > 0 ? " of \(line.owned) failed chains" : " executions"),
            "\(requests.joined(separator: ", ")), at most \(line.mostPerDay) a day",
        ]
        if sent(.retry) > 0 {
            parts.append("heals \(line.healed.allFail)..\(line.healed.asObserved)..\(line.healed.allHeal)")
            parts.append("\(line.mayRepeat) may do something twice")
        }
        if line.owned > 0, !held.isEmpty { parts.append("holds \(held.joined(separator: ", "))") }
        return parts.joined(separator: "; ") + "."
    }
}

/// docs/library.md, from the comments of the policy files.
private enum LibraryPage {
    struct Section: Sendable {
        var title: String, policies: [String]
    }

    static let sections = [
        Section(
            title: "Failures that pass by themselves",
            policies: [
                "retry-transient-errors", "retry-order-sync", "retry-reads-patiently", "retry-timeouts-at-night",
            ]),
        Section(
            title: "Limits and quotas", policies: ["retry-rate-limited", "retry-google-quota", "retry-quota"]),
        Section(
            title: "Language models", policies: ["retry-llm-overload", "retry-llm-by-http", "retry-llm-output"]),
        Section(
            title: "Crashes, the platform, upgrades",
            policies: ["retry-crashed", "retry-mass-crash", "retry-runner-outage", "after-upgrade"]),
        Section(title: "With a person's yes", policies: ["ask-before-charging"]),
        Section(title: "Sub-workflows", policies: ["retry-parents"]),
        Section(
            title: "Runs that hang, wait or pile up",
            policies: [
                "stop-hung-runs", "stop-stuck-running", "stop-stale-timers", "stop-stale-waiting", "drain-queue",
                "stop-runaway-queue", "stop-runaway-starts",
            ]),
        Section(
            title: "Marks for people, and cleaning up",
            policies: [
                "tag-credential-failures", "tag-for-analysis", "tag-unhealed", "delete-reviewed-failures",
                "delete-old-successes",
            ]),
    ]

    /// What is enforced for some days only does not stand beside the others.
    static func path(_ name: String) -> String {
        name == "after-upgrade" ? "examples/upgrade/\(name).yaml" : "policies/\(name).yaml"
    }

    static func text() throws -> String {
        introduction + (try sections.map(section).joined())
    }

    private static func section(_ section: Section) throws -> String {
        let entries = try section.policies.map { name in
            let policy = LibraryPolicy(try Repository.text(LibraryPage.path(name)))
            return """

                ### [\(name)](../\(path(name)))

                \(policy.purpose)

                - \(policy.use)
                - \(policy.avoid)
                - In the recorded month, alone: \(policy.figures)

                """
        }
        return "\n## \(section.title)\n" + entries.joined()
    }

    private static let introduction = """
        # The library of policies

        This page is made from the comments of the policy files. Each is a policy of its own, ready to use: copy it beside your
        `mendflow.yaml`, put in the names of your own workflows, and keep its test beside it.

            mendflow validate policies/retry-quota.yaml
            mendflow test policies/retry-quota.test.yaml
            mendflow backtest --history month policies/retry-quota.yaml

        Take a few, not all: general policies are meant for what nothing else owns, and `mendflow validate` tells where two of your
        choice can want different things. All are in dry-run, so that they decide and record and
        send nothing until you write `mode: enforce`; an exception holds nothing either until then.

        The figures are those of a backtest of each policy alone, as if it were enforced, on the month that `mendflow history sample`
        writes. `a..b..c` means: if all retries failed, as observed, if all succeeded ([how that is known](backtest.md#how)). That
        month is one server's; `mendflow backtest --last 30d` shows your own. A test reckons all figures again.

        Not here, because no policy is needed: what nothing may ever touch (nodes that move money or send mail) belongs under
        `protect` in `mendflow.yaml` ([configuration.md](configuration.md)); what failed in one outage, or before a workflow was
        mended, is retried once by [`mendflow replay`](replay.md).

        """
}
