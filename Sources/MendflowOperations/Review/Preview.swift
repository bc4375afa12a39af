import MendflowAgent
public import MendflowCore
import MendflowCycle
import MendflowLedger
import MendflowPolicy
public import MendflowReview
public import MendflowWorkspace

/// `plan` and `explain`: polls and decides as the agent does, and writes nothing anywhere.
public enum Preview {
    /// What would happen now, of all policies or of one; `asIfEnforced` plans as if nothing were in dry-run, and `progress`
    /// is told how far it is where one look has no room for everything. With `noting` it is kept what was seen of what is
    /// due now, and of these executions, each with the policy that chose it. Of tag writes it is asked whether the tags are
    /// there already, unless nobody wants to know that.
    public static func plan(
        _ configured: Workspace, instance name: String?, policy: String? = nil, asIfEnforced: Bool = false,
        noting: [ExecutionID: String]? = nil, looksAtTags: Bool = true,
        progress: @escaping @Sendable (ReadingProgress) -> Void = { _ in }
    ) async throws(MendflowFailure) -> PlanReport {
        let known = try await configured.withOpenReplays(of: name)
        let workspace = asIfEnforced ? known.asIfEnforced : known
        try policy.map { (name) throws(MendflowFailure) in try workspace.refuseUnknown(policy: name) }
        let seen = try await InstanceSurvey.look(
            workspace, workspace.instance(name), mode: nil, forgetsDryRun: true, progress: progress)
        let survey = seen.survey
        guard let step = survey.step else {
            throw MendflowFailure(.unreachable, survey.failures.first?.description ?? "nothing could be read")
        }
        let (snapshot, view) = (step.snapshot, step.view)
        // Not even a list: a plan of nothing would look like one of a healthy instance.
        if case .partial = survey.completeness, survey.rows == 0, let failure = survey.failures.first {
            throw MendflowFailure(.unreachable, failure.description)
        }
        let policies = workspace.policies(of: seen.instance, mode: seen.mode, Array(view.standings.values))
        var header = PlanReport.Header(
            instance: seen.instance.name, url: seen.instance.address, now: survey.now, mode: seen.mode,
            acting: policies.acting, dryRun: policies.dryRun,
            lowest: snapshot.executions.keys.min(), highest: snapshot.executions.keys.max(),
            rows: snapshot.executions.count, live: snapshot.executions.values.count { $0.status.isLive },
            judged: step.plan.rowsJudged, completeness: survey.completeness,
            coverage: PlanReport.Coverage(
                listedFrom: snapshot.coverage.rowsKnownFrom, coveredFrom: snapshot.coverage.retriesKnownFrom,
                unreadRanges: seen.unreadRanges, gapsLeft: snapshot.coverage.unknownIDs),
            capabilities: seen.capabilities,
            unreadable: seen.unreadable, clockOffset: seen.clockOffset,
            forbidden: view.suspended.sorted { $0.key < $1.key }.map { .init($0.key, message: $0.value) },
            missingScopes: Set(survey.failures.filter { $0.kind == .forbidden }.map(\.description)).sorted(),
            epoch: snapshot.instance.epoch, ledgerHead: seen.ledger?.head.chain.description,
            recordedAhead: try await recordedAhead(workspace),
            paused: view.paused,
            alarm: view.alarm, isAsIfEnforced: asIfEnforced,
            placeHolders: PlanReport.PlaceHolder.all(view, snapshot))
        if workspace.policySet(seen.instance).deletesSome { header.oldRows = survey.oldRowsWords }
        var plan = PlanReport(
            header: header, plan: step.plan, dryRunPlan: step.dryRunPlan, workflows: snapshot.workflows)
        plan.runTimes = snapshot.runTimes
        plan.absences = step.absences
        tellMissing(&plan, survey.unread)
        plan.releasable = released(plan.held, snapshot, (view, step.dryRunView), workspace, seen.instance)
        let told = Set(plan.held.map(\.execution))
        plan.held += unrecognised(snapshot).filter { !told.contains($0.execution) }
        plan.tellTagged(view, seen.clockOffset, workspace.policySet(seen.instance).policies)
        if looksAtTags { await tellPresentTags(&plan, snapshot, seen, workspace, of: policy, progress) }
        plan.tellWaking(snapshot)
        if let noting {
            let due = plan.entries.filter { $0.isDue && !$0.isDryRun }.map(\.action.draft)
            let planner = Planner(workspace.policySet(seen.instance))
            for (id, policy) in noting.merging(
                due.map { ($0.execution, $0.policy) }, uniquingKeysWith: { one, _ in one })
            {
                plan.seen[id] = SeenFacts(of: id, for: policy, in: snapshot, view, planner, step.plan)
            }
        }
        plan.tellWaits(workspace.policySet(seen.instance).policies, seen.instance.limits)
        return policy.map(plan.only) ?? plan
    }

    /// Says of decisions that wait for data why that was not to be had.
    private static func tellMissing(_ plan: inout PlanReport, _ failures: [ExecutionID: ReadFailure]) {
        for index in plan.held.indices where plan.held[index].reason == .factPending && plan.held[index].why.isEmpty {
            guard let failure = failures[plan.held[index].execution] else { continue }
            plan.held[index].why = "its data: \(failure)"
        }
    }

    /// Rows of a status that this program does not know, which no policy can name.
    private static func unrecognised(_ snapshot: Snapshot) -> [PlanReport.Held] {
        snapshot.executions.values.filter { $0.status == .unrecognised }.sorted { $0.id < $1.id }.map { row in
            PlanReport.Held(
                unrecognised: row, workflow: snapshot.workflows?[row.workflow]?.name ?? row.workflow.text)
        }
    }

    /// What can be told of an execution.
    public enum Told: Sendable {
        /// Everything that leads to the decision about it.
        case explanation(Explanation)
        /// n8n does not show it; what the ledger knows.
        case vanished(VanishedExecution)
    }

    /// The same of what n8n shows now.
    static func explainSeen(
        _ configured: Workspace, execution: ExecutionID, instance name: String?
    ) async throws(MendflowFailure) -> Told {
        let workspace = try await configured.withOpenReplays(of: name)
        let seen = try await InstanceSurvey.look(
            workspace, workspace.instance(name), mode: nil, about: execution, forgetsDryRun: true)
        guard let step = seen.survey.step else {
            throw MendflowFailure(.unreachable, seen.survey.failures.first?.description ?? "nothing could be read")
        }
        var unread = seen.survey.unread
        let snapshot = try await fetchChain(of: execution, into: step.snapshot, step.view, seen.reader, &unread)
        let explanation = Explanation(
            of: execution, in: snapshot, view: step.view, dryRunView: step.dryRunView,
            policies: workspace.policySet(seen.instance), url: seen.instance.address,
            fetched: Set(snapshot.executions.keys).subtracting(step.snapshot.executions.keys),
            past: try await past(of: execution, workspace, seen), acts: seen.mode == .enforce)
        if var explanation {
            explanation.isOff = seen.mode == .off
            if let failure = unread[explanation.judged] { explanation.tellMissing(failure) }
            explanation.passedOver = seen.survey.passedOver
            try await explanation.tellDoubts(workspace, seen.instance.name)
            try await DoneBefore.tell(&explanation, workspace, seen.instance, step.view)
            return .explanation(explanation)
        }
        if let found = try await VanishedExecution.read(execution, workspace, seen.instance) { return .vanished(found) }
        throw MendflowFailure(.failed, "n8n has no execution \(execution) (not kept, deleted, or never there)")
    }

    /// What is on record of an execution's chain, dry-run's part included: that hides nothing of what would be done, and is
    /// told all the same.
    private static func past(
        of execution: ExecutionID, _ workspace: Workspace, _ seen: InstanceSurvey
    ) async throws(MendflowFailure) -> LedgerView? {
        let scope = LedgerScope.instance(
            seen.instance.name, since: workspace.clock.now(), chains: [execution])
        guard let state = try await workspace.readLedger(scope),
            let key = state.baseline(of: seen.instance.name)?.instance
        else { return nil }
        return state.view(of: key, shadow: seen.mode != .enforce)
    }

    private static func recordedAhead(_ workspace: Workspace) async throws(MendflowFailure) -> AgentTime? {
        guard let store = try await workspace.openLedgerReading() else { return nil }
        return try await workspace.ledger { () throws(LedgerFailure) in
            try await FutureRecords.latest(
                in: store, try await store.load(LedgerScope()).head, now: workspace.clock.now())
        }
    }

    /// Old executions are in no list; asked for by name, they are fetched with what they retry and what retried them.
    private static func fetchChain(
        of execution: ExecutionID, into snapshot: Snapshot, _ view: LedgerView, _ reader: any ExecutionReader,
        _ unread: inout [ExecutionID: ReadFailure]
    ) async throws(MendflowFailure) -> Snapshot {
        var snapshot = snapshot
        var gone = view.gone
        do throws(ReadFailure) {
            if snapshot.executions[execution] == nil { try await fetch(execution, into: &snapshot, reader, &unread) }
            for _ in 0..<25 {
                let chain = Chains(snapshot, view).chain(of: execution)
                if let missing = chain.nodes.first(where: { $0.row == nil && !gone.contains($0.id) }) {
                    // One that cannot be read stays unknown, as one that is gone: the rest is told all the same.
                    let row = try? await reader.execution(missing.id)
                    if let row { snapshot.executions[row.id] = row } else { gone.insert(missing.id) }
                    continue
                }
                // The newest run is the one that is judged.
                let leaf = chain.live.last ?? chain.newestLeaf?.row
                if let leaf, snapshot.details[leaf.id] == nil {
                    try await fetch(leaf.id, into: &snapshot, reader, &unread)
                }
                return snapshot
            }
        } catch {
            throw MendflowFailure(.unreachable, error.description)
        }
        return snapshot
    }

    private static func fetch(
        _ id: ExecutionID, into snapshot: inout Snapshot, _ reader: any ExecutionReader,
        _ unread: inout [ExecutionID: ReadFailure]
    ) async throws(ReadFailure) {
        do throws(ReadFailure) {
            guard let detailed = try await reader.detail(id) else { return }
            snapshot.executions[id] = detailed.execution
            snapshot.details[id] = detailed.detail
            unread[id] = nil
        } catch {
            unread[id] = error
            // The row tells what it can; what the data would tell is waited for, as the agent does.
            guard snapshot.executions[id] == nil, let row = try await reader.execution(id) else { return }
            snapshot.executions[id] = row
        }
    }
}

extension Survey {
    /// What was looked at for policies that delete, beyond what all others look at.
    fileprivate var oldRowsWords: String {
        let read = "\(oldRowsRead) older executions, which only deletions look at"
        return switch oldRows {
        case .postponed: "older executions wait, which only deletions look at: other things are due first"
        case .left: "\(read): a page of them; later ticks go through the rest"
        case .done: read
        }
    }
}

extension Explanation {
    /// Says of decisions that wait for data why that was not to be had.
    fileprivate mutating func tellMissing(_ failure: ReadFailure) {
        unreadable = unreadable ?? failure.description
        for index in outcomes.indices where outcomes[index].verdict == Reason.factPending.rawValue {
            if outcomes[index].why.isEmpty { outcomes[index].why = "its data: \(failure)" }
        }
    }
}
