public import MendflowCore
import MendflowText

/// What would happen to an instance now, and why not the rest (semantics 55).
public struct PlanReport: Sendable, Hashable {
    /// An action that is due now, or owned and due later.
    public struct Entry: Sendable, Hashable {
        /// The action.
        public var action: ProposedAction
        /// True where it is due now.
        public var isDue: Bool
        /// Why it waits, and until when where that is known; nil where it is due.
        public var waitsFor: Reason?, until: ServerTime?
        /// What has to end before, where no time is known, or what comes before it where that time is only the earliest.
        public var untilWords: String?
        /// Whether others go at that time before it, so that it is only the earliest.
        public var follows: Bool { until != nil && untilWords != nil }
        /// The execution's status and since when.
        public var status: ExecutionStatus, since: ServerTime
        /// The workflow's name; nil where it cannot be seen.
        public var workflowName: String?
        /// Where the policy stands.
        public var place: SourcePlace
        /// Where n8n shows the execution.
        public var link: String
        /// True where it is only shown: its policy or the agent is in dry-run.
        public var isDryRun: Bool
        /// The enforced policy that a dry-run policy would take the execution from.
        public var takenFrom: String?
        /// When n8n goes on with a waiting run by itself; nil where something else has to happen, or nobody can tell.
        public var wakes: ServerTime?
        /// Whether it is a tag write of tags that are there already, so that nothing would be sent.
        public var isThereAlready = false
    }

    /// Executions that are not acted on for one reason.
    public struct NotActed: Sendable, Hashable {
        /// The reason.
        public var reason: Reason
        /// How many.
        public var count: Int
        /// The oldest of them, and the evidence about it in words.
        public var example: ExecutionID, why: String
        /// How many of them a policy has tagged, which has nothing left to do.
        public var tagged = 0

        /// What holds them, in words.
        public var words: String {
            guard tagged > 0, tagged < count else { return why.isEmpty ? reason.words : why }
            let all = why.isEmpty ? reason.words : why
            return "\(all); \(tagged) of them a policy has tagged, and has nothing left to do"
        }
    }

    /// An execution that is not acted on.
    public struct Held: Sendable, Hashable {
        /// The execution.
        public var execution: ExecutionID
        /// Its workflow, by name where that can be seen.
        public var workflow: String
        /// Its status.
        public var status: ExecutionStatus
        /// The policy that owns it.
        public var policy: String?
        /// Why nothing is done, and the evidence in words.
        public var reason: Reason, why: String
        /// The request that would be sent, where it is due and withheld.
        public var withheld: String?
        /// Whether a policy has tagged it, and no policy wants more.
        public var isTagged = false

        /// A row of a status that nobody knows, so that no policy can name it; its workflow by name where that can be seen.
        public init(unrecognised row: Execution, workflow: String) {
            execution = row.id
            self.workflow = workflow
            status = row.status
            policy = nil
            reason = .noPolicy
            why = row.unrecognisedWords
        }

        init(_ decision: Decision, workflow: String, _ reason: Reason, _ why: String) {
            execution = decision.execution
            self.workflow = workflow
            status = decision.status
            policy = decision.policy?.name
            self.reason = reason
            self.why = why
            withheld = decision.withheld?.request
        }
    }

    /// How many executions were seen, in the words of every command that counts them.
    public static func seen(_ rows: Int, _ lowest: ExecutionID, _ highest: ExecutionID, live: Int) -> String {
        "\(rows.words("execution", "executions")) seen (\(lowest) to \(highest)), \(live) live"
    }

    /// What the plan was made of.
    public var header: Header
    /// What is due and what waits, oldest first.
    public var entries: [Entry]
    /// All else, one by one, oldest first.
    public var held: [Held]
    /// Those of them that `repeats: {allow: [unlikely]}` would release, with why they failed, where that is known.
    public var releasable: [ExecutionID: ErrorClass?] = [:]
    /// How many that are.
    public var onlyUnlikely: Int { releasable.count }

    /// Of how many tag writes that are due nobody looked whether the tags are there already.
    public var tagWritesNotLookedAt = 0

    /// What was seen of executions of which that was asked, so that it can be told later what is otherwise.
    public var seen: [ExecutionID: SeenFacts] = [:]

    /// How long runs of a workflow take: 95 of 100 that succeeded took no longer.
    public var runTimes: [WorkflowID: RunTimes] = [:]
    /// Bulk stops that are not safe now, and why: their runs are stopped one by one.
    public var heldBulkStops: [HeldBulkStop]
    /// What the groups of policies with `when` were found to have.
    public var groups: [GroupCount]
    /// What policies found that look for what did not happen.
    public var absences: [AbsenceFinding] = []

    /// All else, counted by reason, the most frequent first.
    public var notActed: [NotActed] {
        Dictionary(grouping: held, by: \.reason).compactMap { reason, group in
            // What was done stands for the others only where it was done to all of them.
            (group.first { !$0.isTagged } ?? group.first).map {
                NotActed(
                    reason: reason, count: group.count, example: $0.execution, why: $0.why,
                    tagged: group.count(where: \.isTagged))
            }
        }
        .sorted { $0.count != $1.count ? $0.count > $1.count : $0.reason.rawValue < $1.reason.rawValue }
    }

    /// What concerns one policy.
    public func only(_ policy: String) -> PlanReport {
        var report = self
        report.entries.removeAll { !$0.action.draft.contributors.contains(policy) }
        report.held.removeAll { $0.policy != policy }
        let told = Set(report.held.map(\.execution))
        report.releasable = report.releasable.filter { told.contains($0.key) }
        report.heldBulkStops.removeAll { $0.policy != policy }
        report.groups.removeAll { $0.policy != policy }
        report.absences.removeAll { $0.key.policy != policy }
        return report
    }

    /// Says of waiting runs when n8n wakes them.
    public mutating func tellWaking(_ snapshot: Snapshot) {
        for index in entries.indices where entries[index].status == .waiting {
            let till = snapshot.executions[entries[index].action.draft.execution]?.waitTill
            entries[index].wakes = till.flatMap { $0 < ExecutionDetail.WaitKind.indefinite ? $0 : nil }
        }
    }

    /// Makes a report of the plans of the enforced and of the dry-run policies.
    public init(header: Header, plan: Plan, dryRunPlan: Plan, workflows: [WorkflowID: WorkflowInfo]?) {
        self.header = header
        entries = []
        held = []
        heldBulkStops = plan.heldBulkStops + dryRunPlan.heldBulkStops.filter { !plan.heldBulkStops.contains($0) }
        // The second pass counts the groups of enforced policies again.
        let counted = Set(plan.groups.map(\.policy))
        groups = plan.groups + dryRunPlan.groups.filter { !counted.contains($0.policy) }
        let decisions =
            plan.decisions.map { ($0, header.mode != .enforce) } + dryRunPlan.decisions.map { ($0, true) }
        let owned = Set(decisions.filter { $0.0.policy != nil }.map(\.0.execution))
        for (decision, isDryRun) in decisions {
            let name = workflows?[decision.workflow]?.name
            switch decision.verdict {
            case .act(let action):
                add(decision, action, nil, nil, name, isDryRun)
            case .wait(let action, let until, let reason):
                add(decision, action, reason, until, name, isDryRun)
            case .held(let reason, let words):
                // What one pass leaves to nobody may be a policy's in the other.
                if decision.policy == nil, reason == .noPolicy, owned.contains(decision.execution) { continue }
                held.append(Held(decision, workflow: name ?? decision.workflow.text, reason, words))
            }
        }
    }

    private mutating func add(
        _ decision: Decision, _ action: ProposedAction, _ reason: Reason?, _ until: ServerTime?, _ name: String?,
        _ isDryRun: Bool
    ) {
        entries.append(
            Entry(
                action: action, isDue: reason == nil, waitsFor: reason, until: until, status: decision.status,
                since: decision.since, workflowName: name,
                place: decision.policy?.place ?? SourcePlace(file: "", line: 0, column: 0),
                link: ExecutionLink.text(header.url, decision.workflow, decision.execution), isDryRun: isDryRun,
                takenFrom: decision.takenFrom, wakes: nil))
    }
}
