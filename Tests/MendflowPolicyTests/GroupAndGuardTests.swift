import MendflowCore
import MendflowPolicy
import MendflowYAML
import Testing

@Suite("Groups, breakers, shares, bulk stops, deletions")
struct GroupAndGuardTests {
    private let error = "match: {status: error}"

    @Test("a bare count is the least that is enough")
    func count() throws {
        let bare = try policy(error, "when: {count: 20, within: 10m}", "actions: [tag: x]")
        #expect(bare.when == GroupCondition(count: [.number(.gte, 20)], within: .minutes(10)))
        let full = try policy(
            error, "when: {count: {gt: 2, lte: 9}, distinct: workflow, within: 1h, group_by: policy}",
            "actions: [tag: x]")
        #expect(
            full.when
                == GroupCondition(
                    count: [.number(.gt, 2), .number(.lte, 9)], distinct: .workflow, within: .hours(1),
                    groupBy: .policy))
        let apart = try policy(error, "when: {count: 2, within: 1h, group_by: workflow}", "actions: [tag: x]")
        #expect(apart.when?.groupBy == .workflow && apart.when?.distinct == .execution)
    }

    @Test("a breaker is one for the policy unless it says otherwise")
    func breaker() throws {
        let one = try policy(
            error, "actions: [retry]",
            "guards: {circuit_breaker: {failure_threshold: 3, window: 1h, open_for: 30m}}")
        #expect(
            one.guards.circuitBreaker
                == CircuitBreaker(failureThreshold: 3, window: .hours(1), openFor: .minutes(30), groupBy: .policy))
        let each = try policy(
            error, "actions: [retry]",
            "guards: {circuit_breaker: {failure_threshold: 3, window: 1h, open_for: 30m, group_by: node_type}}")
        #expect(each.guards.circuitBreaker?.groupBy == .nodeType)
    }

    @Test(
        "what reaches further back than the agent looks is an error, or a warning where nobody knows how far it looks")
    func reach() {
        let breaker = "guards: {circuit_breaker: {failure_threshold: 3, window: 20d, open_for: 20d}}"
        func ids(_ lookBack: Period?, _ lines: String...) -> [String] {
            let text = "policies:\n  - name: p\n" + lines.map { "    " + $0 + "\n" }.joined()
            let file = PolicyFile(name: "p.yaml", bytes: Array(text.utf8))
            return PolicyLoader(PolicyOptions(lookBack: lookBack)).load([file]).findings
                .map { "\($0.severity) \($0.id) \($0.range?.start.line ?? 0)" }
        }
        #expect(ids(.hours(48), error, "actions: [retry]", breaker) == ["error beyond-look-back 5"])
        #expect(ids(nil, error, "actions: [retry]", breaker) == ["warning beyond-look-back 5"])
        #expect(ids(.days(40), error, "actions: [retry]", breaker) == [])
        #expect(
            ids(.hours(48), "match: {status: error, older_than: 60d}", "actions: [tag: x]").first?.hasSuffix("3")
                == true)
        #expect(ids(.hours(48), error, "actions: [retry]", "guards: {give_up_after: 30d}") == [])
        #expect(
            ids(.hours(48), "match: {status: error, older_than: 1d}", "actions: [retry]") == [
                "warning gives-up-first 3"
            ])
        let young = "match: {status: error, newer_than: 36h}"
        #expect(ids(.hours(48), young, "actions: [retry]") == ["warning gives-up-early 3"])
        #expect(ids(.hours(48), young, "actions: [retry]", "guards: {give_up_after: 36h}") == [])
        #expect(ids(.hours(48), young, "actions: [tag: x]") == [])
    }

    @Test(
        "what is above a ceiling says in which file to raise it; without a configuration the default ceilings are taken"
    )
    func ceilings() {
        let text =
            "policies: [{name: p, match: {status: error}, actions: [retry], "
            + "guards: {max_actions: {amount: 1000, per: 1h}, max_in_flight: 4}}]"
        func findings(_ options: PolicyOptions) -> [Finding] {
            PolicyLoader(options).load([PolicyFile(name: "p.yaml", bytes: Array(text.utf8))]).findings
        }
        let known = PolicyOptions.Instance(
            name: "live",
            limits: InstanceLimits(maxInFlight: 4, maxActions: [ActionCap(amount: 99, per: .window(.hours(1)))]))
        let above = findings(PolicyOptions(instances: [known], configurationFile: "/etc/mendflow.yaml"))
        #expect(above.map(\.severity) == [.error])
        #expect(
            above.flatMap(\.notes).map(\.message) == [
                "ask for less, or raise `limits.max_actions` of instance `live` in /etc/mendflow.yaml"
            ])
        let alone = findings(PolicyOptions())
        #expect(alone.map(\.id) == ["above-limit", "above-limit"])
        #expect(alone.allSatisfy { $0.severity == .warning })
    }

    @Test("a share stands alone or beside an amount, and a share alone is above no ceiling")
    func shares() throws {
        let both = try policy(
            error, "actions: [retry]",
            "guards: {max_actions: [{percent: 10, per: tick}, {amount: 9, percent: 5, per: 1h}]}")
        #expect(
            both.guards.maxActions == [
                ActionCap(percent: 10, per: .tick), ActionCap(amount: 9, percent: 5, per: .window(.hours(1))),
            ])
    }

    @Test("a multiple of the p95 and its floor both have to hold")
    func runTimes() throws {
        let stop = try policy(
            "match: {status: running, ran_for: {gt: {p95: 10, at_least: 6h}, lt: 30d}}", "actions: [stop]")
        #expect(
            stop.match?.outline
                == "(status is running AND ran_for < 30d & ran_for >= 6h AND ran_for.p95 > 1000 "
                + "AND [execution_mode in [webhook, trigger, chat]] AND [workflow.active is true])")
        let half = try policy("match: {status: running, ran_for: {lte: {p95: 0.5}}}", "actions: [tag: x]")
        #expect(half.match?.outline.contains("ran_for.p95 <= 50") == true)
        let not = try policy(
            "match: {status: running, not: {ran_for: {gte: {p95: 2, at_least: 1h}}}}", "actions: [tag: x]")
        #expect(not.match?.outline.contains("NOT (ran_for >= 1h AND ran_for.p95 >= 200)") == true)
    }

    @Test("bulk stops and deletions stand bare or as a map")
    func remediations() throws {
        let match = "match: {status: running, workflow: A, execution_mode: any}"
        for actions in ["[bulk_stop]", "[bulk_stop: ]", "[bulk_stop: {all_workflows: false}]"] {
            #expect(try policy(match, "actions: \(actions)").remediation == .bulkStop(BulkStopAction()))
        }
        let all = try policy(
            "match: {status: running, execution_mode: any}", "actions: [bulk_stop: {all_workflows: true}]")
        #expect(all.remediation == .bulkStop(BulkStopAction(allWorkflows: true)))
        let old = "match: {status: [success, error], older_than: 30d}"
        for actions in ["[delete]", "[delete: ]"] {
            #expect(try policy(old, "actions: \(actions)").remediation == .delete)
        }
    }

    @Test("an objection of n8n's stands where its condition stands")
    func objections() throws {
        let findings = load(
            "policies:\n  - name: a\n    match:\n      status: running\n      workflow: A\n      execution_mode: any\n"
                + "      retries: {gt: 1}\n    actions: [bulk_stop]\n"
        ).findings
        #expect(findings.map(\.id) == ["bulk-stop-cannot"])
        #expect(findings.first?.line == 7)
    }

    @Test("a policy that waits for a group does not own all that it matches")
    func groupsOwnSometimes() {
        let head = "policies:\n  - {name: a, mode: enforce, match: {status: error}, actions: [retry]"
        let tail = "}\n  - {name: b, mode: enforce, match: {status: error, newer_than: 1h}, actions: [retry]}\n"
        #expect(load(head + tail).findings.map(\.id) == ["never-owns"])
        let guarded = ", when: {count: 3, within: 1h}, guards: {max_actions: {amount: 3, per: tick}}"
        #expect(load(head + guarded + tail).findings.isEmpty)
    }

    @Test("what is switched off is left alone unless the policy speaks of that; bulk stops and tags do not ask")
    func impliedActive() throws {
        func outline(_ match: String, _ action: String = "retry") throws -> String {
            try #require(try policy("mode: enforce", "match: {\(match)}", "actions: [\(action)]").match).outline
        }
        #expect(try outline("status: error").contains("[workflow.active"))
        for word in ["true", "false", "any"] {
            let outline = try outline("status: error, workflow: {active: \(word)}")
            #expect(outline.contains("workflow.active") && !outline.contains("[workflow.active"), "\(outline)")
        }
        #expect(try outline("status: running", "stop").contains("[workflow.active"))
        #expect(try outline("status: success, older_than: 30d", "delete").contains("[workflow.active"))
        let queued = try outline("status: queued, execution_mode: any, workflow: A", "bulk_stop")
        #expect(queued.contains("[workflow.active"))
        #expect(!(try outline("status: error", "tag: odd").contains("workflow.active")))
    }

    @Test("`on_exhausted` is for all causes, or for those that are named")
    func exhaustionCauses() throws {
        func causes(_ items: String) throws -> Set<OnExhausted.Cause> {
            try policy("match: {status: error}", "actions: [retry]", "on_exhausted: [{tag: late}\(items)]").onExhausted
                .when
        }
        #expect(try causes("") == [.retries, .ownerGone])
        #expect(try causes(", {when: [retries]}") == [.retries])
        #expect(try causes(", {when: [owner_gone]}") == [.ownerGone])
    }

    @Test("sweeps, gaps and crashes have the defaults of the agent, and are read")
    func configuration() throws {
        let instance = "instances: [{name: a, url: \"https://a.example\", api_key_env: K}]\n"
        let plain = try #require(
            ConfigurationLoader().load(bytes: Array(instance.utf8), file: "m.yaml").configuration)
        #expect(plain.sweepInterval == .minutes(10) && plain.gapBudget == 50 && plain.settling == .minutes(5))
        #expect(plain.requestGrace == .minutes(15))
        let said = "sweep_interval: 5m\ngap_budget: 0\nsettling: 90s\nrequest_grace: 1h\n" + instance
        let read = try #require(ConfigurationLoader().load(bytes: Array(said.utf8), file: "m.yaml").configuration)
        #expect(read.sweepInterval == .minutes(5) && read.gapBudget == 0 && read.settling == .seconds(90))
        #expect(read.requestGrace == .hours(1))
    }
}
