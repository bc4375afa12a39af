import MendflowCore
import Testing

@Suite("Exceptions and protections")
struct ExceptionTests {
    @Test("an exception holds the execution and does not release it to a lower policy")
    func exception() {
        var world = World(
            policy("first") { $0.exceptions = [PolicyException(match: .workflow("Order sync"), reason: "migration")] },
            policy("second"))
        world.add("7")
        #expect(world.decision("7")?.policy?.name == "first")
        #expect(world.decision("7")?.verdict == .held(.excepted, "migration"))
        world.policies[0].exceptions[0].until = noon
        #expect(world.label("7") == "act")
    }

    @Test("an exception of any enforced policy that matches, or may, holds every remediation, and no tag of others")
    func exceptionElsewhere() {
        var world = World(
            policy("second", tags: ["seen"]),
            policy("first", nil, tags: ["flaky"]) {
                $0.exceptions = [PolicyException(match: .workflow("Order sync"), reason: "approvals")]
            })
        world.add("7")
        let verdicts = { (world: World) in
            world.plan().decisions.filter { $0.policy?.name == "second" }.map(\.verdict)
        }
        #expect(verdicts(world).contains(.held(.excepted, "first leaves it alone: approvals")))
        #expect(world.tagWrites.map(\.draft.tags) == [["seen"]])
        // Where nobody can tell whether the other one matches, nobody can tell that it does not except.
        world.policies[1].match = .when(.errorMessage, .anyOf([.contains("x")]))
        world.snapshot.details["7"] = ExecutionDetail(readability: .redacted)
        #expect(verdicts(world).contains(.held(.excepted, "first leaves it alone: approvals")))
        world.policies[1].match = .status(.crashed)
        #expect(!verdicts(world).contains { $0.label == "excepted" })
        world.policies[1].match = .failed
        world.policies[1].exceptions[0].until = noon
        #expect(!verdicts(world).contains { $0.label == "excepted" })
    }

    @Test("what is implied in a policy's match takes none of its exceptions away")
    func exceptionBeyondImplied() {
        let implied = [
            FieldTest(.workflowActive, [.flag(true)], isImplicit: true),
            FieldTest(.executionMode, [.anyOf([.wildcard("webhook")])], isImplicit: true),
            FieldTest(.errorClass, [.noneOf([.wildcard("data")])], isImplicit: true),
        ]
        var world = World(
            policy("second"),
            policy("first", match: .all([.failed] + implied.map(Condition.test))) {
                $0.exceptions = [PolicyException(match: .workflow("Order sync"), reason: "approvals")]
            })
        world.add("7", mode: "manual")
        world.snapshot.workflows?["w"]?.active = false
        #expect(world.decision("7")?.policy?.name == "second")
        #expect(world.decision("7")?.verdict == .held(.excepted, "first leaves it alone: approvals"))
        // What its author wrote has to match.
        world.policies[1].match = .all([.status(.crashed)] + implied.map(Condition.test))
        #expect(world.label("7") == "act")
    }

    @Test("what is unknown counts as yes in exceptions and protections, and as no in match")
    func polarity() {
        let unknown = Condition.when(.errorMessage, .anyOf([.contains("x")]))
        let hidden = ExecutionDetail(readability: .redacted, error: ErrorEvidence(httpCode: "503"))
        for condition in [unknown, .not(unknown), .all([unknown]), .any([unknown, .status(.crashed)])] {
            var world = World(policy("p"))
            world.add("7", detail: hidden)
            world.policies[0].exceptions = [PolicyException(match: condition, reason: "")]
            #expect(world.label("7") == "excepted")
            world.policies[0].exceptions = []
            world.protections = [Protection(match: condition)]
            #expect(world.label("7") == "protected")
            world.protections = []
            world.policies[0].match = .all([.failed, condition])
            #expect(world.label("7") == "match_unknown")
        }
    }

    @Test("a protection beats every policy, for stops and tags too")
    func protection() {
        var world = World(policy("r"), policy("s", .stop, match: .live), policy("t", nil, match: nil, tags: ["seen"]))
        world.add("7")
        world.add("8", .running)
        world.protections = [Protection(match: .workflow("Order sync"))]
        #expect(world.label("7") == "protected" && world.label("8") == "protected")
        #expect(world.plan().actions.isEmpty)
    }

    @Test("a crash that tells no node is protected where node types are")
    func protectionByNode() {
        var world = World(policy("r", .retry { $0.acceptedRisks = [.possible, .restart] }))
        world.add("7", .crashed, detail: .crashed)
        #expect(world.label("7") == "act")
        world.protections = [Protection(match: .when(.errorNodeType, .anyOf([.glob("*.stripe")])))]
        #expect(world.label("7") == "protected")
    }

    @Test("an exception is not passed on at exhaustion, nor is one that cannot be judged yet")
    func exceptedContinues() {
        var world = World(
            policy("first", .retry(1)) {
                $0.onExhausted.continues = true
                $0.exceptions = [PolicyException(match: .workflow("Order sync"), reason: "migration")]
            }, policy("second", .retry(3)))
        world.add("1", ago: .hours(3))
        world.add("2", retryOf: "1", ago: .hours(2))
        world.view.owners["1"] = "first"
        for _ in 1...2 {
            #expect(world.decision("2")?.policy?.name == "first" && world.label("2") == "excepted")
            #expect(world.plan().latches.isEmpty)
            world.view.exhausted["1"] = ["first"]
        }
        world.policies[0].match = .status(.crashed)
        #expect(world.decision("2")?.policy?.name == "first" && world.label("2") == "excepted")
        world.policies[0].match = .failed
        world.policies[0].exceptions[0].match = .when(.errorName, .anyOf([.wildcard("TypeError")]))
        #expect(world.decision("2")?.policy?.name == "second")
        world.snapshot.details["2"] = nil
        #expect(world.decision("2")?.policy?.name == "first" && world.label("2") == "fact_pending")
        #expect(world.plan().needs == [.detail("2")])
    }
}
