public import MendflowCore
import MendflowLedger
import MendflowN8N
import MendflowPolicy
public import MendflowReview
import MendflowText
public import MendflowWorkspace

/// `plan --out` and `apply`: what somebody read is put into a file, and done later, that and no more.
public enum Applying {
    /// How long a saved plan may be applied.
    public static let lifetime = Period.hours(1)

    /// What a plan would send now, as a file; one without actions where nothing is due.
    ///
    /// - Throws: where there is no ledger, or what is due is dry-run's, which nobody may apply.
    public static func save(
        _ report: PlanReport, _ workspace: Workspace, instance name: String?
    ) async throws(MendflowFailure) -> SavedPlan {
        let instance = try workspace.instance(name)
        guard !report.header.isAsIfEnforced else {
            throw MendflowFailure(.usage, "a plan --as enforce shows what may not be sent, so that it cannot be saved")
        }
        guard let head = report.header.ledgerHead.flatMap(AuditHead.init) else {
            throw await workspace.noLedger("there is no ledger, so that nobody could tell what was done")
        }
        let due = report.entries.filter { $0.isDue && !$0.isDryRun }
        let shown = report.entries.count { $0.isDue }
        guard !due.isEmpty || shown == 0 else {
            throw MendflowFailure(
                .failed,
                "\(shown.words("action is", "actions are")) in dry-run, so that there is nothing to save: `mode: enforce` lets policies act"
            )
        }
        let now = workspace.clock.now()
        return SavedPlan(
            instance: InstanceKey(name: instance.name, epoch: report.header.epoch), madeAt: now,
            expiresAt: now + lifetime, ledger: head, policies: workspace.policySet(instance).evidence.hash,
            items: due.map { entry in
                SavedPlan.Item(
                    chosen: ChosenAction(entry.action), status: entry.status,
                    workflow: entry.workflowName ?? entry.action.draft.workflow.text,
                    seen: SeenFacts(report.seen[entry.action.draft.execution]?.words ?? [:]))
            })
    }

    /// Refuses a plan that is too old, or was made with another ledger or other policies.
    public static func check(_ plan: SavedPlan, _ workspace: Workspace) async throws(MendflowFailure) {
        let now = workspace.clock.now()
        guard now < plan.expiresAt else {
            throw MendflowFailure(.failed, "the plan expired at \(plan.expiresAt.rfc3339): make it anew")
        }
        guard now + .minutes(5) > plan.madeAt else {
            throw MendflowFailure(.failed, "the plan was made at \(plan.madeAt.rfc3339), which is still to come")
        }
        let instance = try workspace.instance(plan.instance.name)
        guard workspace.mode(instance, asked: nil) == .enforce else {
            throw MendflowFailure(
                .failed, "'\(instance.name)' is in dry-run by now, where nothing is sent; the plan is not applied")
        }
        guard workspace.policySet(instance).evidence.hash == plan.policies else {
            throw MendflowFailure(
                .failed, "other policies are in force than those that the plan was made with: make it anew")
        }
        guard let store = try await workspace.openLedgerReading() else {
            throw MendflowFailure(.failed, "there is no ledger any more: the plan was made with one")
        }
        let (found, epoch) = try await workspace.ledger { () throws(LedgerFailure) in
            let record = try await store.records(after: plan.ledger.sequence - 1, limit: 1).first
            let state = try await store.load(LedgerScope(instances: [instance.name]))
            return (record, state.baseline(of: instance.name)?.instance.epoch)
        }
        guard found?.sequence == plan.ledger.sequence, found?.hash == plan.ledger.hash else {
            throw MendflowFailure(.failed, "the plan was made with another ledger: make it anew")
        }
        guard epoch == plan.instance.epoch else {
            throw MendflowFailure(.failed, "n8n's database was adopted as another one since: make the plan anew")
        }
    }

    /// What came of each action of a plan.
    public struct Outcome: Sendable {
        /// What is known of an action afterwards.
        public enum Result: Sendable, Hashable {
            /// It was sent; how that went.
            case done(IntentState, String)
            /// It had been sent already when the plan was applied; how that went.
            case doneBefore(IntentID, IntentState)
            /// It was decided otherwise by now: why, where that can be told, the execution's status now (nil where nobody
            /// can tell), and everything that is otherwise than it was when the plan was made.
            case drifted(String?, now: ExecutionStatus?, changes: [String])
        }
        /// The action, and what came of it.
        public var item: SavedPlan.Item, result: Result
    }

    /// Looks what came of a plan that was applied from a time on.
    public static func outcomes(
        _ plan: SavedPlan, _ workspace: Workspace, since: AgentTime
    ) async throws(MendflowFailure) -> [Outcome] {
        let scope = LedgerScope.instance(
            plan.instance.name, since: since, chains: Set(plan.items.map(\.chosen.execution)))
        let intents = try await workspace.readLedger(scope)?.view(of: plan.instance, shadow: false).intents ?? []
        let chosen = plan.items.map { ($0.chosen.execution, $0.chosen.policy) }
        let after = try await Preview.plan(
            workspace, instance: plan.instance.name, noting: Dictionary(chosen) { first, _ in first },
            looksAtTags: false)
        let reader = try workspace.adapters(workspace.instance(plan.instance.name)).reader
        var outcomes: [Outcome] = []
        for item in plan.items {
            let own = intents.last {
                $0.draft.execution == item.chosen.execution && $0.draft.action == item.chosen.action
            }
            var outcome = Outcome(item: item, result: result(item, own, since, after))
            if case .drifted(nil, _, let changes) = outcome.result, outcomes.count < mostAskedFor {
                outcome.result = standing(item, try? await reader.execution(item.chosen.execution))
                outcome.result.add(changes)
            }
            outcomes.append(outcome)
        }
        return outcomes
    }

    /// So many actions of a plan are looked into one by one.
    private static let mostAskedFor = 200

    /// What became of an execution about which nothing is decided any more; the outer nil where n8n does not say.
    private static func standing(_ item: SavedPlan.Item, _ row: Execution??) -> Outcome.Result {
        guard let found = row else { return .drifted(nil, now: nil, changes: []) }
        guard let row = found else { return .drifted("n8n does not have it any more", now: nil, changes: []) }
        let why = row.retrySuccess.map { "its retry \($0) has succeeded" } ?? "a later run of its chain stands for it"
        return .drifted(
            row.status == item.status ? why : nil, now: row.status, changes: item.changes(to: SeenFacts(of: row)))
    }

    /// What came of an action, by its newest intent and by what is decided about its execution now.
    private static func result(
        _ item: SavedPlan.Item, _ intent: Intent?, _ since: AgentTime, _ after: PlanReport
    ) -> Outcome.Result {
        if let intent, intent.reservedAt < since {
            return .doneBefore(intent.id, intent.state)
        }
        if let intent, !intent.wasNeverSent { return .done(intent.state, intent.note ?? "") }
        let held = after.held.first { $0.execution == item.chosen.execution }
        let waiting = after.entries.first { $0.action.draft.execution == item.chosen.execution }
        let words = held.map { $0.why.isEmpty ? $0.reason.words : $0.why } ?? waiting?.waitsFor?.words
        return .drifted(
            intent?.note ?? words, now: held?.status ?? waiting?.status,
            changes: after.seen[item.chosen.execution].map(item.changes) ?? [])
    }
}

extension SavedPlan.Item {
    /// What is otherwise than it was when the plan was made.
    fileprivate func changes(to later: SeenFacts) -> [String] {
        var seen = seen
        // A plan of an earlier version knows its status alone.
        seen.words["status"] = seen.words["status"] ?? status.rawValue
        return seen.changes(to: later)
    }
}

extension Applying.Outcome.Result {
    /// Adds what else is otherwise.
    fileprivate mutating func add(_ more: [String]) {
        guard case .drifted(let why, let now, let changes) = self else { return }
        self = .drifted(why, now: now, changes: changes + more.filter { !changes.contains($0) })
    }
}
