import MendflowCore
import MendflowReview
import Testing

@Suite("What a plan says of waits without a time")
struct PlanWaitsTests {
    private let noon = ServerTime(milliseconds: 1_777_896_000_000)
    private let instance = InstanceKey(name: "production", epoch: 1)

    private func report(
        failures: Int, policy: Guards = Guards(maxActions: []), limits: InstanceLimits, running: [Intent] = []
    ) -> PlanReport {
        var snapshot = Snapshot(instance: instance, now: noon, baseline: noon - .days(1))
        for number in 1...failures {
            let id = ExecutionID("\(number)")
            snapshot.executions[id] = Execution(
                id: id, workflow: "w", status: .error, startedAt: noon - .hours(1),
                stoppedAt: noon - .minutes(Int64(60 - number)))
            snapshot.details[id] = ExecutionDetail(itemsToRepeat: 1, finishedNodes: 1, resumesAtNode: true)
        }
        let retry = RetryAction(maxRetries: 3, backoff: Backoff(jitter: .none), acceptedRisks: Set(RepeatRisk.allCases))
        let retrying = Policy(
            name: "p", mode: .enforce,
            match: .test(FieldTest(.status, [.anyOf([.wildcard("error")])])), remediation: .retry(retry), guards: policy
        )
        let set = PolicySet(
            policies: [retrying], instance: "production", limits: limits,
            tables: JudgementTables(classifier: ErrorClassifier(rules: []), risks: RepeatRiskJudge()))
        let view = LedgerView(intents: running)
        var header = PlanReport.Header(instance: "production", url: "https://n8n", now: noon, mode: .enforce)
        header.placeHolders = PlanReport.PlaceHolder.all(view, snapshot)
        var report = PlanReport(
            header: header, plan: Planner(set).plan(snapshot, view), dryRunPlan: Plan(), workflows: nil)
        report.tellWaits([retrying], limits)
        return report
    }

    private func words(_ report: PlanReport) -> [String] {
        report.entries.filter { !$0.isDue }.compactMap { entry in
            entry.waitsFor.map { "\($0.rawValue): \(entry.untilWords ?? "-")" }
        }
    }

    @Test("for max_in_flight: which retries have to end, those that run and those that this plan begins")
    func inFlight() {
        let draft = IntentDraft(
            instance: instance, action: .retry, execution: "90", root: "90", workflow: "w", policy: "p",
            policyVersion: "v")
        let running = Intent(
            id: IntentID(7), draft: draft, state: .sending, reservedAt: ClockOffset.zero.agent(noon - .minutes(5)),
            sendingAt: ClockOffset.zero.agent(noon - .minutes(5)))
        let both = "90 (retried \(noon - .minutes(5))), 1 (due now)"
        #expect(
            words(report(failures: 2, limits: InstanceLimits(maxInFlight: 2, maxActions: []), running: [running])) == [
                "max_in_flight: when one of these retries has ended (the instance's `max_in_flight` is 2): \(both)"
            ])
        #expect(
            words(
                report(
                    failures: 2, policy: Guards(maxActions: [], maxInFlight: 1), limits: InstanceLimits(maxActions: []),
                    running: [running])
            ).first == "max_in_flight: when one of these retries has ended (the policy's `max_in_flight` is 1): "
                + "90 (retried \(noon - .minutes(5)))")
    }

    @Test("for caps per tick: that a later tick does it, and whose cap it is")
    func perTick() {
        let one = [ActionCap(amount: 1, per: .tick)]
        #expect(
            words(report(failures: 2, limits: InstanceLimits(maxActions: one))) == [
                "instance_limit: at a later tick: `max_actions` in `limits` of the instance lets 1 a tick"
            ])
        #expect(
            words(report(failures: 2, policy: Guards(maxActions: one), limits: InstanceLimits(maxActions: []))) == [
                "max_actions: at a later tick: the policy's `max_actions` lets 1 a tick"
            ])
    }

    @Test("where the cap is of a window, the time is told instead")
    func window() {
        let report = report(
            failures: 2, limits: InstanceLimits(maxActions: [ActionCap(amount: 1, per: .window(.hours(1)))]))
        #expect(report.entries.last?.until == noon + .hours(1) && words(report) == ["instance_limit: -"])
    }

    @Test("of several that an incident lets go at its pace, the first alone has the time; the others follow it")
    func pace() {
        var report = report(failures: 3, limits: InstanceLimits(maxActions: []))
        for index in report.entries.indices {
            report.entries[index].isDue = false
            (report.entries[index].waitsFor, report.entries[index].until) = (.incident, noon + .minutes(5))
            report.entries[index].action.draft.incident = "incident-1"
        }
        report.tellWaits([], InstanceLimits())
        let after = "incident: after those before it, at the pace of incident-1"
        #expect(words(report) == ["incident: -", after, after])
        #expect(report.entries.map(\.follows) == [false, true, true])
    }
}
