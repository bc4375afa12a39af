import MendflowCore

/// One planning, made again decision by decision.
struct PlanningReplay {
    private let planning: Planning
    private let instance: InstanceKey
    private let policies: PolicySet
    private let view: LedgerView, dryRunView: LedgerView
    private let decided: [ExecutionID: [DecidedExecution]]
    private let reservations: [Reservation]
    private let reader: EvidenceReader
    /// What both passes work out of the past, once for all decisions.
    private let past: PastActions, dryRunPast: PastActions
    /// Since when executions have their status that each pass let something be done to, once that was worked out: every
    /// decision asks for all of them.
    private var since: [Planner.Pass: [ExecutionID: ServerTime]] = [:]

    init(
        _ planning: Planning, _ instance: InstanceKey, _ state: LedgerState, _ policies: PolicySet,
        followed: [LedgerEvent], _ reader: EvidenceReader
    ) {
        self.planning = planning
        self.instance = instance
        let now = planning.clockOffset.agent(planning.now)
        view = state.view(of: instance, shadow: !planning.acts, at: now)
        dryRunView = planning.acts ? state.view(of: instance, shadow: true, at: now) : view
        var policies = planning.deletesOld ? policies.deletionsOnly : policies
        policies.learn(view.learnedTags)
        self.policies = policies
        past = PastActions(view, planning.clockOffset, policies)
        dryRunPast = planning.acts ? PastActions(dryRunView, planning.clockOffset, policies) : past
        let decisions = followed.compactMap { if case .decided(let decided) = $0 { decided } else { nil } }
        decided = Dictionary(grouping: decisions, by: \.execution)
        reservations = followed.compactMap { if case .reserved(let reservation) = $0 { reservation } else { nil } }
        self.reader = reader
    }

    /// What planning says about the execution that a recorded decision is about.
    mutating func made(_ recorded: DecidedExecution, number: Int64) throws(LedgerFailure) -> DecisionReplay.Made {
        var made = DecisionReplay.Made(
            number: number, recorded: recorded, slices: [], again: [], terms: planning.terms)
        for pass in try passes(recorded) {
            made.slices.append(pass.snapshot)
            made.again += pass.plan.decisions.filter { $0.execution == recorded.execution && isRecorded($0) }
        }
        return made
    }

    /// The passes that a recorded decision comes from, with what they saw.
    mutating func passes(_ recorded: DecidedExecution) throws(LedgerFailure) -> [DecisionReplay.Pass] {
        var passes: [DecisionReplay.Pass] = []
        for pass in [Planner.Pass.enforced, .dryRun] {
            guard let source = source(recorded, pass) else { continue }
            let snapshot = try reader.snapshot(source, planning, instance)
            let (view, past) = pass == .enforced ? (view, past) : (dryRunView, dryRunPast)
            let plan = Planner(policies, pass: pass).plan(
                snapshot, view, beside: try granted(pass, beside: snapshot.counted?.judged ?? []), past: past)
            passes.append(DecisionReplay.Pass(pass: pass, snapshot: snapshot, view: view, plan: plan))
        }
        return passes
    }

    private func source(_ recorded: DecidedExecution, _ pass: Planner.Pass) -> DecisionEvidence.Source? {
        pass == .enforced ? recorded.evidence?.enforced : recorded.evidence?.dryRun
    }

    private func isRecorded(_ decision: Decision) -> Bool {
        guard planning.deletesOld else { return decision.isWorthRecording }
        return switch decision.verdict {
        case .act(let action), .wait(let action, _, _): action.draft.action == .delete
        case .held: false
        }
    }

    /// What the same planning let be done to other executions: it took of the same budgets.
    private mutating func granted(
        _ pass: Planner.Pass, beside judged: Set<ExecutionID>
    ) throws(LedgerFailure) -> [Decision] {
        var granted: [Decision] = []
        for reservation in reservations where isOf(pass, reservation.draft) {
            let draft = reservation.draft
            guard !judged.contains(draft.execution) else { continue }
            let time: ServerTime
            if let known = since[pass]?[draft.execution] {
                time = known
            } else {
                time = try since(draft.execution, pass)
            }
            since[pass, default: [:]][draft.execution] = time
            granted.append(
                Decision(
                    execution: draft.execution, root: draft.root, workflow: draft.workflow, status: .unknown,
                    since: time, policy: nil,
                    verdict: .act(ProposedAction(draft: draft, due: reservation.due))))
        }
        return granted
    }

    private func isOf(_ pass: Planner.Pass, _ draft: IntentDraft) -> Bool {
        if planning.acts { return draft.isShadow == (pass == .dryRun) }
        let mode = policies.policies.first { $0.name == draft.policy }?.mode
        return (mode == .dryRun) == (pass == .dryRun)
    }

    /// Since when an execution has its status, by which budgets grant.
    private func since(_ execution: ExecutionID, _ pass: Planner.Pass) throws(LedgerFailure) -> ServerTime {
        for recorded in decided[execution] ?? [] {
            guard let source = source(recorded, pass) else { continue }
            let snapshot = try reader.snapshot(source, planning, instance)
            guard let row = snapshot.executions[execution] else { continue }
            let chain = Chains(snapshot, view).chain(of: execution)
            let subject = Subject(
                snapshot: snapshot, view: view, tables: policies.tables, past: past, chain: chain, row: row)
            return subject.statusSince ?? planning.now
        }
        throw .corrupt("an action about \(execution) without its decision")
    }
}
