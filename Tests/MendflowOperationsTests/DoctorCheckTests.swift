import MendflowCore
import MendflowLedger
import MendflowReview
import MendflowTestKit
import Testing

@testable import MendflowOperations

@Suite("What the doctor says")
struct DoctorCheckTests {
    @Test("scopes that a key lacks are told with what that costs, also those without which there is another way")
    func scopes() {
        let all = [
            "execution:list", "execution:read", "execution:retry", "execution:stop", "execution:delete",
            "executionTags:list", "executionTags:update", "workflow:list", "workflow:read",
        ]
        func told(without lacking: String? = nil) -> [String] {
            DoctorChecks.scopes(ServerCapabilities(scopes: all.filter { $0 != lacking }))
                .map { "\($0.level) \($0.message)" }
        }
        #expect(told() == ["ok it has every scope that Mendflow can use"])
        for scope in all { #expect(!told(without: scope).joined().contains("every scope"), "\(scope)") }
        #expect(told(without: "workflow:read").count == 1)
        #expect(told(without: "workflow:read")[0].hasPrefix("note it lacks the scope workflow:read: the last look"))
        #expect(told(without: "workflow:list")[0].hasPrefix("wrong it lacks the scope workflow:list"))
        let old = ServerCapabilities(era: .a, missingScopes: ["executionTags:list"])
        #expect(DoctorChecks.scopes(old).map(\.level) == [.note, .note])
    }

    @Test(
        "of a policy that went back to dry-run by itself: what was measured, and how it acts again, until it is edited")
    func demoted() {
        let demotion = Demotion(
            policy: "p", version: "v", expected: ">= 50", rate: 0, healed: 0, settled: 6, since: .noon)
        let standing = PolicyStanding(demotion, at: .noon)
        var policy = Policy(name: "p", mode: .enforce, match: nil)
        policy.version = "v"
        let checks = DoctorChecks.demoted([standing], [policy])
        #expect(checks.map(\.level) == [.warning] && checks.map(\.topic) == [.policy])
        #expect(
            checks[0].message.contains("0 of 6 chains healed since ")
                && checks[0].message.hasSuffix("edit it, or `mendflow promote p`"))
        policy.version = "w"
        #expect(DoctorChecks.demoted([standing], [policy]).isEmpty)
    }

    @Test("of executions whose data cannot be read: how many, why, and one of them")
    func unreadable() {
        let troubles: [PlanReport.Unreadable] = [
            .init("7", why: "n8n hid the run's data"), .init("8", why: "GET /executions/8: 500"),
            .init("9", why: "GET /executions/9: 500"),
        ]
        let checks = DoctorChecks.unreadable(troubles)
        #expect(checks.map(\.level) == [.warning, .warning])
        #expect(
            checks[0].message.hasPrefix(
                "the data of 2 executions cannot be read, for example 8: GET /executions/ID: 500")
        )
        #expect(
            checks[1].message.hasPrefix("the data of 1 execution cannot be read, for example 7: n8n hid the run's data")
        )
        #expect(DoctorChecks.unreadable([]).isEmpty)
    }

    @Test("of actions that the server has no request for: what is not there, and that a policy that acts cannot work")
    func notOffered() {
        let checks = DoctorChecks.capabilities(ServerCapabilities(era: .a, notOffered: [.stop, .tag]), 50)
        let words = checks.filter { $0.level == .note }.map(\.message)
        #expect(
            words.contains(
                "this n8n has no request to stop an execution: what policies want of it is held as not_offered"))
        #expect(words.contains { $0.hasPrefix("this n8n has no request to tag an execution") })
        let remark = ServerRemark(
            .notOffered(.stop, stopsOneByOne: false), policy: "p",
            place: SourcePlace(file: "p.yaml", line: 1, column: 1))
        let set = PolicySet(
            policies: [Policy(name: "p", mode: .enforce, match: nil)], instance: "production",
            tables: JudgementTables(classifier: ErrorClassifier(rules: []), risks: RepeatRiskJudge()))
        #expect(DoctorChecks.policy(remark, set, .enforce).level == .wrong)
        #expect(DoctorChecks.policy(remark, set, .dryRun).level == .warning)
    }

    @Test("of workflows whose tags or project n8n does not tell")
    func hiddenTags() {
        var workflow = WorkflowInfo(id: "w", name: "Orders")
        #expect(DoctorChecks.workflows(["w": workflow]).map(\.level) == [.ok])
        workflow.hidesTags = true
        #expect(
            DoctorChecks.workflows(["w": workflow]).contains { $0.level == .warning && $0.message.contains("'Orders'") }
        )
    }

    /// What it says where an agent had these answers to a probe's two requests, and other things were written since.
    static func words(_ first: KeyAnswer, _ other: KeyAnswer?) async throws -> String {
        let (at, instance) = (AgentTime(milliseconds: 1_793_606_400_000), InstanceKey(name: "production", epoch: 1))
        let key = RequestKey(probeAt: at)
        let since = ServerTime(milliseconds: at.milliseconds)
        let baseline = InstanceBaseline(
            instance: instance, url: "http://n8n", since: since, highest: nil, fingerprints: [], at: since)
        var events: [LedgerEvent] = [
            .began(baseline, .initialised(by: "me")), .probing(instance, KeyProbe(key, .first)),
            .probed(instance, KeyProbe(key, .first), first),
        ]
        if let other {
            events += [.probing(instance, KeyProbe(key, .other)), .probed(instance, KeyProbe(key, .other), other)]
        }
        events.append(.gap(instance, execution: "7", .vanished))
        let store = try MemoryLedgerStore(events.map { LedgerEntry($0, at: at) })
        let head = try await store.load(LedgerScope()).head.chain
        let finding = try await KeyFinding.newest(in: store, head, of: instance)
        return DoctorChecks.keys(finding, ServerCapabilities(era: .c)).map(\.message).joined()
    }

    @Test("of keys of requests: whether n8n honours them, as an agent saw when it asked last, or that none has asked")
    func keys() async throws {
        let mismatch = KeyAnswer.refused(status: 422, message: "another request")
        let honoured = try await Self.words(.taken, mismatch)
        #expect(honoured.contains("2026-11-02T08:00:00") && honoured.hasSuffix("a lost answer can be asked for again"))
        #expect(try await Self.words(.taken, .taken).hasPrefix("n8n ignores keys of requests"))
        for (first, other) in [(.taken, .unclear("HTTP 502")), (.unclear("HTTP 502"), nil)] as [(KeyAnswer, KeyAnswer?)]
        {
            #expect(try await Self.words(first, other).hasSuffix("its answer was unclear"))
        }
        #expect(DoctorChecks.keys(nil, ServerCapabilities(era: .c)).map(\.level) == [.note])
        #expect(DoctorChecks.keys(nil, ServerCapabilities(era: .a)).isEmpty)
    }
}
