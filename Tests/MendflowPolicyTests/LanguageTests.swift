import MendflowCore
import MendflowPolicy
import MendflowYAML
import Testing

@Suite("The policy language")
struct LanguageTests {
    private let production = "[execution_mode in [webhook, trigger, chat]]"
    private let helped = "[error.class not in [auth, data, configuration, deliberate, canceled_by_user, not_retryable]]"

    private func match(_ match: String) throws -> String {
        try #require(policy("match: \(match)", "all_executions: true", "actions: [{tag: [t]}]").match).outline
    }

    @Test(
        "values are scalars, lists or operators",
        arguments: [
            ("{status: error}", "status is error"),
            ("{status: [error, crashed]}", "status in [error, crashed]"),
            ("{status: {ne: success}}", "status is not success"),
            ("{status: {not_in: [success, running]}}", "status not in [success, running]"),
            ("{workflow: \"[PROD] Sync*\"}", "workflow.name is [PROD] Sync*"),
            ("{workflow: {glob: \"a?\"}}", "workflow.name is glob(a?)"),
            ("{workflow: {id: \"12\", active: true}}", "workflow.id is 12 AND workflow.active is true"),
            ("{workflow: {tag: a, project: [b, c]}}", "workflow.tag is a AND workflow.project in [b, c]"),
            ("{workflow: {name: {contains: x, ne: xy}}}", "workflow.name is contains(x) & workflow.name is not xy"),
            ("{error: {http_code: 429}}", "error.http_code is 429"),
            ("{error: {http_code: [5xx, ECONNRESET]}}", "error.http_code in [glob(5??), ECONNRESET]"),
            ("{error: {message: {matches: \"a|b\"}}}", "error.message is /a|b/"),
            ("{error: {items: {gte: 2, lt: 9}}}", "error.items >= 2 & error.items < 9"),
            ("{error: {http_method: GET, cause: x}}", "error.http_method is GET AND error.cause is x"),
            ("{custom_data: {order: A1}}", "custom_data.order is A1"),
            ("{older_than: 2h, newer_than: 1d}", "age >= 2h AND age < 1d"),
            ("{started_ago: {gt: 90s}}", "started_ago > 1m30s"),
            ("{overdue: {gte: 1h30m}}", "overdue >= 1h30m"),
            ("{ran_for: {exists: true}}", "ran_for exists"),
            ("{retries: 0}", "retries in [0]"), ("{retries: {not_in: [1, 2]}}", "retries not in [1, 2]"),
            ("{is_retry: false}", "is_retry is false"), ("{healed: {ne: true}}", "healed is false"),
            ("{waiting_for: timer}", "waiting_for is timer"),
            ("{repeat_risk: [none, possible]}", "repeat_risk in [none, possible]"),
            ("{execution_tag: {not_in: [a, b]}}", "execution_tag not in [a, b]"),
            (
                "{ended_between: {from: 2026-05-01T00:00:00Z}}",
                "ended_between from 2026-05-01T00:00:00.000Z to ever"
            ),
            ("{not: {status: error, is_retry: true}}", "NOT (status is error AND is_retry is true)"),
            ("{any: [{status: error}, {healed: true}]}", "(status is error OR healed is true)"),
            ("{all: [{status: error}, {healed: true}]}", "(status is error AND healed is true)"),
        ])
    func values(written: String, outline: String) throws {
        let isGroup = written.hasPrefix("{all")
        let expected = isGroup ? "(status is error AND healed is true AND \(production))" : "(\(outline) AND \(production))"
        #expect(try match(written) == expected)
    }

    @Test("`off`, `no` and `yes` are text, and modes are words")
    func words() throws {
        #expect(try policy("mode: off", "match: {workflow: no}", "actions: [{tag: yes}]").mode == .off)
        #expect(try policy("match: {workflow: no}", "actions: [{tag: yes}]").tags == ["yes"])
    }

    @Test("production roots are implied where nothing is said of the mode, and only there")
    func productionRoots() throws {
        #expect(try match("{status: error, execution_mode: manual}") == "(status is error AND execution_mode is manual)")
        #expect(try match("{status: error, execution_mode: any}") == "(status is error AND execution_mode any)")
        #expect(try match("{any: [{execution_mode: manual}, {status: error}]}")
            == "(execution_mode is manual OR (status is error AND \(production)))")
        #expect(try match("{not: {execution_mode: manual}}") == "NOT execution_mode is manual")
        #expect(try match("{not: {execution_mode: manual, status: error}}")
            == "(NOT (execution_mode is manual AND status is error) AND \(production))")
        let all = try policy("all_executions: true", "actions: [{tag: [t]}]")
        #expect(all.match?.outline == production)
    }

    @Test(
        "a retry that says nothing of errors leaves alone what it cannot help",
        arguments: [
            ("workflow: A", false), ("workflow: [A, B]", false), ("workflow: {id: x}", false),
            ("workflow: {tag: x}", false), ("workflow: A*", true), ("workflow: {ne: A}", true),
            ("workflow: {project: x}", true), ("newer_than: 1d", true), ("any: [{workflow: A}, {workflow: B}]", false),
            ("any: [{workflow: A}, {is_retry: true}]", true), ("not: {workflow: A}", true),
        ])
    func impliedError(condition: String, leavesUnknown: Bool) throws {
        let tree = try #require(policy("match:", "  status: error", "  \(condition)", "actions: [retry]").match)
        let list = leavesUnknown ? helped.replacing("not_retryable]", with: "not_retryable, unknown]") : helped
        #expect(tree.outline.hasSuffix("AND \(list))"), "\(tree.outline)")
    }

    @Test("an `error` condition takes the place of the implied one, branch by branch")
    func writtenError() throws {
        let plain = try policy("match: {status: error, error: {class: data}}", "actions: [retry]").match
        #expect(plain?.outline == "(status is error AND error.class is data AND \(production))")
        let branches = try policy(
            "match: {status: error, any: [{error: {class: data}}, {workflow: A}]}", "actions: [retry]"
        ).match
        #expect(branches?.outline
            == "(status is error AND (error.class is data OR (workflow.name is A AND \(helped))) AND \(production))")
        let tag = try policy("match: {status: error}", "actions: [{tag: [t]}]").match
        #expect(tag?.outline == "(status is error AND \(production))")
    }

    @Test("a bare retry has the documented defaults")
    func bareRetry() throws {
        let policy = try policy("match: {status: error, workflow: A}", "actions: [retry]")
        #expect(policy.remediation == .retry(RetryAction()))
        #expect(policy.guards == Guards(giveUpAfter: .hours(24)))
        #expect(policy.mode == .dryRun)
    }

    @Test("risks that the author accepts")
    func repeats() throws {
        func accepted(_ value: String) throws -> Set<RepeatRisk>? {
            let read = try policy("match: {status: error}", "actions: [{retry: {repeats: \(value)}}]")
            if case .retry(let action) = read.remediation { return action.acceptedRisks }
            return nil
        }
        #expect(try accepted("allow") == [.possible, .restart])
        #expect(try accepted("{allow: [possible]}") == [.possible])
    }

    @Test("guards, windows and exceptions")
    func guards() throws {
        let policy = try policy(
            "match: {status: crashed, workflow: A}", "priority: -5", "instances: production", "renamed_from: old",
            "actions: [{retry: {when_unresolved: resend, load_workflow: true, allow_draft: true}}, {tag: [a, b]}]",
            "guards:", "  max_actions: [{amount: 2, per: tick}, {amount: 30, per: 1d}]",
            "  rate_limit: {max: 5, per: 10m, group_by: node_type}", "  max_in_flight: 1", "  cooldown: 5m",
            "  give_up_after: 2d", "  yield_to_humans: 0s",
            "  active_during: {days: [mon..wed, sat], from: \"22:00\", to: 06:30, zone: Europe/Berlin}",
            "  not_during: [{days: [sun], zone: UTC}]", "exceptions:",
            "  - {match: {workflow: {tag: x}}, until: 2027-01-01T00:00:00Z, reason: moving}",
            "on_exhausted: [{tag: [c]}, {continue: true}]")
        let window = TimeWindow(days: [.mon, .tue, .wed, .sat], fromMinute: 1320, toMinute: 390, zone: berlin)
        #expect(
            policy.guards
                == Guards(
                    maxActions: [ActionCap(amount: 2, per: .tick), ActionCap(amount: 30, per: .window(.days(1)))],
                    rateLimits: [RateLimit(max: 5, per: .minutes(10), groupBy: .nodeType)], maxInFlight: 1,
                    cooldown: .minutes(5), giveUpAfter: .days(2), yieldToHumans: .zero, activeDuring: [window],
                    notDuring: [TimeWindow(days: [.sun], fromMinute: 0, toMinute: 1440, zone: .utc)]))
        #expect(policy.onExhausted == OnExhausted(tags: ["c"], continues: true))
        #expect(policy.exceptions.map(\.reason) == ["moving"])
        // No mode and no error is implied in an exception: it would make it narrower.
        #expect(policy.exceptions.map(\.match.outline) == ["workflow.tag is x"])
        #expect(policy.exceptions.first?.until == Timestamp(rfc3339: "2027-01-01T00:00:00Z"))
        #expect((policy.priority, policy.tags, policy.renamedFrom) == (-5, ["a", "b"], "old"))
        #expect(policy.instances == ["production"])
    }

    @Test("the version's text changes with what an alias brings from elsewhere")
    func aliases() throws {
        func text(_ hours: Int) throws -> String {
            let loaded = load("""
                policies:
                  - name: a
                    match: &m {status: error, workflow: A, newer_than: \(hours)h}
                    actions: [retry]
                  - name: b
                    match: *m
                    actions:
                      - retry: {load_workflow: true}
                """)
            #expect(!loaded.hasErrors)
            return try #require(loaded.policies.last).text
        }
        #expect(try text(1) != text(2))
        #expect(try text(1).hasPrefix("name: b\n"))
    }

    @Test("names are unique over all files, and files come in the order of their names")
    func files() {
        func file(_ name: String) -> PolicyFile {
            PolicyFile(
                name: name,
                bytes: Array("policies:\n  - {name: p, match: {status: error}, actions: [retry]}\n".utf8))
        }
        let loaded = PolicyLoader(testOptions).load([file("b.yaml"), file("a.yaml")])
        #expect(loaded.policies.map(\.place.file) == ["a.yaml", "b.yaml"])
        #expect(loaded.findings.map(\.file) == ["b.yaml"])
        #expect(loaded.findings.first?.notes.map(\.message) == ["it stands at a.yaml:2:12"])
    }

    @Test("names of workflows that an instance does not have are warned about")
    func unknownWorkflows() throws {
        let loaded = load("""
            policies:
              - {name: p, match: {status: error, workflow: [Order snyc, Billing, X*]}, actions: [retry]}
            """)
        let known = [WorkflowInfo(id: "1", name: "Order sync"), WorkflowInfo(id: "2", name: "Billing")]
        let findings = PolicyWorkflows.check(loaded.policies, workflows: known, instance: "production")
        #expect(findings.map(\.message) == ["no workflow of `production` is named `Order snyc`"])
        #expect(findings.map(\.suggestion) == ["Order sync"])
        #expect(findings.map(\.line) == [2])
    }

    @Test("the schema is made of the same tables as the parser")
    func schema() throws {
        let text = PolicySchema.json()
        let reading = YAMLReader.read(bytes: Array(text.utf8), file: "schema.json")
        #expect(reading.findings.isEmpty)
        let root = try #require(reading.root)
        let condition = root["$defs"]?["condition"]?["properties"]?.entries?.map(\.key.text)
        #expect(condition?.contains("ended_between") == true)
        #expect(condition?.count == 21)
        #expect(root["$defs"]?["retry"] != nil)
        let defined = Set(root["$defs"]?.entries?.map(\.key.text) ?? [])
        let used = text.split(separator: "#/$defs/").dropFirst().map { String($0.prefix { $0 != "\"" }) }
        #expect(Set(used).isSubset(of: defined))
    }
}
