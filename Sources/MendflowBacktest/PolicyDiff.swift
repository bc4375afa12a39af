public import MendflowCore
package import MendflowHistory

/// What another set of policies would have done otherwise on the same history, as observed.
public struct PolicyDiff: Sendable {
    /// An action that one set would have sent, as both sets know it.
    public struct Change: Sendable, Hashable {
        /// What the one set would have sent, and what the other; nil where it would have sent nothing.
        public var old: BacktestAction?, new: BacktestAction?

        /// The action, of whichever set has it.
        public var action: BacktestAction? { new ?? old }
    }
    /// A workflow that only the new set acts on.
    public struct Reached: Sendable, Hashable {
        /// The workflow.
        public var workflow: WorkflowID
        /// How many executions, retries of them not counted, by which policies.
        public var executions: Int, policies: [String]
    }
    /// A chain that the old set left alone for a reason that is no accident, and that the new one acts on.
    public struct Exposed: Sendable, Hashable {
        /// The chain and its workflow.
        public var root: ExecutionID, workflow: WorkflowID
        /// Why it was left alone, and by which policy it would be acted on.
        public var reason: Reason, why: String, policy: String?
    }
    /// A policy whose counters begin anew, since nobody knows it by that name.
    public struct Reset: Sendable, Hashable {
        /// The policy.
        public var policy: String
        /// The policies that went, one of which it may have been.
        public var gone: [String]
    }

    /// Workflows that the new set reaches and the old one did not, those with most executions first.
    public var reached: [Reached]
    /// Chains that lost what kept them.
    public var exposed: [Exposed]
    /// What only the new set, only the old one, or both in different ways would have sent; by time.
    public var added: [Change], removed: [Change], changed: [Change]
    /// New policies whose counters begin at nothing while others went.
    public var resets: [Reset]
    /// Where each policy of the new set stands.
    public var places: [String: SourcePlace]
    /// What each set would have done.
    public var old: BacktestReport, new: BacktestReport
    /// The policies of a side that has no other, where they are switched off (`mode: off`).
    public var switchedOff: (old: [String], new: [String]) = ([], [])

    /// How much longer than what is counted both were lived through, so that what comes later is told as that.
    public var settling = Period.zero
    /// Which time is counted: the same that a backtest counts.
    public var span: Range<ServerTime> { new.span }

    /// Whether anything is otherwise.
    public var hasChanges: Bool {
        !(added.isEmpty && removed.isEmpty && changed.isEmpty && exposed.isEmpty && resets.isEmpty)
    }

    /// Compares two backtests of one history.
    package init(
        _ history: History, old: Backtest.Result, _ oldPolicies: PolicySet, new: Backtest.Result,
        _ newPolicies: PolicySet
    ) {
        self.old = BacktestReport(history, old, oldPolicies)
        self.new = BacktestReport(history, new, newPolicies)
        let (before, after) = (old.diaries[.asObserved], new.diaries[.asObserved])
        let end = new.span.upperBound
        let renamed = Dictionary(
            newPolicies.policies.compactMap { policy in policy.renamedFrom.map { ($0, policy.name) } }
        ) { one, _ in one }
        let first = PolicyDiff.settled(old).map { action in
            var action = action
            action.policies = action.policies.map { renamed[$0] ?? $0 }
            return action
        }
        let second = PolicyDiff.settled(new)
        // What both would do behind the end, or one alone, is of a time that nothing is recorded of.
        let pairs = PolicyDiff.pairs(first, second).filter { pair in
            [pair.old, pair.new].contains { $0.map { $0.at < end } ?? false }
        }
        added = pairs.filter { $0.old == nil }
        removed = pairs.filter { $0.new == nil }
        changed = pairs.filter { change in
            guard let one = change.old, let other = change.new else { return false }
            return one.policies != other.policies || one.request != other.request || one.at != other.at
        }
        reached = PolicyDiff.reached(first, second.filter { $0.at < end })
        exposed = PolicyDiff.exposed(before, after)
        resets = PolicyDiff.resets(oldPolicies, newPolicies)
        places = Dictionary(newPolicies.policies.map { ($0.name, $0.place) }) { first, _ in first }
    }

    /// What a set would have done, and which retries behind the span's end: of what else would be done then the history tells
    /// nothing, as a timer may have woken by then.
    private static func settled(_ result: Backtest.Result) -> [BacktestAction] {
        (result.settled[.asObserved]?.actions ?? []).filter { $0.at < result.span.upperBound || $0.kind == .retry }
    }

    /// What is the same deed in both: the same kind, done to the same chain for the same time.
    private struct Deed: Hashable {
        var kind: ActionKind
        var root: ExecutionID
        var place: Int
    }

    private static func deeds(_ actions: [BacktestAction]) -> [Deed: BacktestAction] {
        var counts: [Deed: Int] = [:]
        var deeds: [Deed: BacktestAction] = [:]
        for action in actions {
            let first = Deed(kind: action.kind, root: action.root, place: 0)
            let place = counts[first, default: 0]
            counts[first] = place + 1
            deeds[Deed(kind: action.kind, root: action.root, place: place)] = action
        }
        return deeds
    }

    private static func pairs(_ old: [BacktestAction], _ new: [BacktestAction]) -> [Change] {
        let (before, after) = (deeds(old), deeds(new))
        let changes = Set(before.keys).union(after.keys).map { Change(old: before[$0], new: after[$0]) }
        return changes.sorted { one, other in
            guard let first = one.action, let second = other.action else { return false }
            return (first.at, first.execution, first.kind) < (second.at, second.execution, second.kind)
        }
    }

    private static func reached(_ old: [BacktestAction], _ new: [BacktestAction]) -> [Reached] {
        let known = Set(old.map(\.workflow))
        return Dictionary(grouping: new.filter { !known.contains($0.workflow) }, by: \.workflow).map {
            workflow, actions in
            Reached(
                workflow: workflow, executions: Set(actions.map(\.root)).count,
                policies: Set(actions.flatMap(\.policies)).sorted())
        }.sorted { ($1.executions, $0.workflow) < ($0.executions, $1.workflow) }
    }

    /// What somebody wrote down to be left alone.
    private static let kept: [Reason] = [.protected, .excepted, .mayRepeat]

    private static func exposed(_ old: BacktestDiary?, _ new: BacktestDiary?) -> [Exposed] {
        var found: [Exposed] = []
        for (root, chain) in old?.chains ?? [:] where chain.actedAt == nil {
            guard let reason = kept.first(where: { chain.holds[$0] != nil }), let now = new?.chains[root],
                now.actedAt != nil, let action = new?.actions.first(where: { $0.root == root && $0.kind != .tag })
            else { continue }
            found.append(
                Exposed(
                    root: root, workflow: action.workflow, reason: reason, why: chain.holds[reason]?.why ?? "",
                    policy: action.policies.first))
        }
        return found.sorted { $0.root < $1.root }
    }

    private static func resets(_ old: PolicySet, _ new: PolicySet) -> [Reset] {
        let (before, after) = (Set(old.policies.map(\.name)), Set(new.policies.map(\.name)))
        let renamed = Set(new.policies.compactMap(\.renamedFrom))
        let gone = before.subtracting(after).subtracting(renamed).sorted()
        guard !gone.isEmpty else { return [] }
        return new.policies.filter { !before.contains($0.name) && !($0.renamedFrom.map(before.contains) ?? false) }
            .map { Reset(policy: $0.name, gone: gone) }
    }
}
