public import MendflowCore

extension Explanation {
    /// One policy's view of the execution.
    public struct PolicyView: Sendable, Hashable {
        /// What came of it for this policy.
        public enum Standing: String, Sendable, Hashable {
            /// It acts now.
            case act
            /// It owns the execution and waits for a time.
            case wait
            /// It owns the execution and does nothing, or its action is held.
            case held
            /// It matches, and another policy owns the execution, or nothing is left to do.
            case matches
            /// It does not match.
            case noMatch = "no_match"
        }
        /// Its name, mode, place and text.
        public var name: String, mode: Mode, place: SourcePlace, text: String
        /// The tree of its conditions; nil where it has none and matches everything.
        public var tree: ConditionTree?
        /// Whether it matches.
        public var matches: Bool
        /// What came of it.
        public var standing = Standing.noMatch
        /// Why it waits or is held: a label; and the evidence in words.
        public var reason: String?, why = ""
        /// When its action is due, where that is known.
        public var due: ServerTime?
        /// The test that decided against it.
        public var deciding: ConditionTree.Test?
        /// The fewest tests that would have to turn out otherwise for it to match; none where it does.
        public var missed: [ConditionTree.Miss] = []
        /// Exceptions that hold, or cannot be told not to, with their reasons.
        public var exceptions: [String]
        /// What its guards leave, and a replay's own limits; of a policy that matches, or that the execution is up to.
        public var balances: [GuardBalance]
        /// What its group was found to have, and what it wants; nil without `when`.
        public var group: GroupCount?, wantedOfGroup: String?
        /// The same wish, as a sentence tells it.
        public var wordsOfGroup: String?
        /// Why its bulk stop is held, so that runs are stopped one by one.
        public var bulkHeld: String?
        /// When the policy gives the chain up, whatever is left of its retries.
        public var givesUpAt: ServerTime?
    }
}

extension Explanation.PolicyView {
    init(
        _ policy: Policy, _ subject: Subject, _ planner: Planner, _ plan: Plan, _ outcomes: [Explanation.Outcome]
    ) {
        name = policy.name
        mode = policy.mode
        place = policy.place
        text = policy.text
        tree = policy.match.map { ConditionTree.trace($0, subject) }
        let own = outcomes.filter { $0.policy == policy.name }
        if let when = policy.when {
            wantedOfGroup = when.summary
            wordsOfGroup = when.words
            group = plan.groups.first {
                $0.policy == policy.name && ($0.workflow == nil || $0.workflow == subject.row.workflow)
            }
            group = group ?? GroupCount(policy: policy.name, workflow: nil, count: 0, pending: 0, holds: when.holds(0))
        }
        if let absence = policy.absence {
            // It is about a workflow: of its executions only the last is tagged, while there is no newer one.
            let key = AbsenceKey(policy.name, subject.row.workflow)
            let isMissed = subject.view.absences[key]?.last == subject.row.id
            wantedOfGroup = absence.summary
            wordsOfGroup = "no run within \(absence.within)"
            group = GroupCount(
                policy: policy.name, workflow: subject.row.workflow, count: isMissed ? 0 : 1, pending: 0,
                holds: isMissed)
        }
        bulkHeld = plan.heldBulkStops.first { $0.policy == policy.name }?.why
        // A chain that it acted on before goes on, whatever became of the group.
        let isEnough = group.map { $0.holds == true || !own.isEmpty } ?? true
        matches = (tree?.verdict ?? .yes) == .yes && isEnough
        deciding = tree?.deciding
        missed = tree?.missed ?? []
        let now = subject.snapshot.now
        exceptions = policy.exceptions.filter { $0.until.map { now < $0 } ?? true }
            .filter { ConditionTree.trace($0.match, subject).verdict != .no }.map(\.reason)
        balances = matches || !own.isEmpty ? planner.balances(of: policy, for: subject, beside: plan) : []
        if matches, let period = policy.guards.giveUpAfter, policy.remediation?.kind == .retry, policy.replay == nil {
            givesUpAt = subject.chain.firstFailure.map { $0 + period }
        }
        // A policy may tag as well; its remediation is what it is asked about.
        guard let outcome = own.first(where: { $0.action?.draft.action != .tag }) ?? own.first else {
            standing = matches ? .matches : .noMatch
            if matches, policy.remediation == nil {
                let before = TaggedBefore(subject.view.intents, subject.snapshot.clockOffset, [policy])
                why = before.words(subject.row.id, by: policy.name) ?? ""
            }
            return
        }
        standing = outcome.action == nil ? .held : outcome.isDue ? .act : .wait
        reason = outcome.isDue ? nil : outcome.verdict
        why = outcome.why
        due = outcome.isDue ? outcome.action?.due : outcome.until
    }

    /// Why a policy that matches does nothing, in words.
    public var wordsOfMatch: String {
        why.isEmpty
            ? "matches, and has nothing to do or is not the owner" : "matches, and has nothing left to do: \(why)"
    }

    /// The guards for which its action waits: those of that kind that let nothing through now.
    public var holding: [GuardBalance] {
        guard standing == .wait, let reason = reason.flatMap(Reason.init(rawValue:)) else { return [] }
        let meant = balances.filter { $0.isMeant(by: reason) }
        let full = meant.filter(\.isFull)
        // What stops several at once may be too much for a guard that has some left.
        return full.isEmpty ? meant : full
    }

    /// How many conditions would have to turn out otherwise, its group included where that is told.
    public var misses: Int { (tree?.misses ?? 0) + (missedGroup == nil ? 0 : 1) }

    /// Everything that would have to turn out otherwise, in words: as many as are counted.
    public var missedWords: [String] { missed.map(\.words) + [missedGroup].compactMap { $0 } }

    /// What its group was found to have instead of what it wants; nil where that is enough, or where the policy is plainly
    /// about other executions: what its group has says nothing of this one.
    public var missedGroup: String? {
        guard let group, group.holds != true, !isAboutOthers else { return nil }
        return wordsOfGroup.map { "wanted \($0), counted \(group.summary)" }
    }

    /// Whether the policy is plainly about other executions: of another workflow, in another status, or by several
    /// conditions. Then what it misses by says all.
    public var isAboutOthers: Bool {
        guard standing == .noMatch, tree?.verdict == .no else { return false }
        let telling: Set<String> = ["status", "workflow.name", "workflow.id", "workflow.tag", "workflow.project"]
        return missed.count > 1 || missed.contains { telling.contains($0.test.field) }
    }

    /// The same of a policy whose text is known and not the file that it stood in: where the same text stands now, or that
    /// it is in the ledger alone.
    public func placed(at present: SourcePlace?) -> Explanation.PolicyView {
        var view = self
        view.place = present ?? SourcePlace(file: "as the ledger has it", line: 0, column: 0)
        view.tree = tree?.placeless
        view.deciding?.place = nil
        for index in missed.indices { view.missed[index].test.place = nil }
        return view
    }
}
