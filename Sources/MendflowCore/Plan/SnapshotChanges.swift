/// What a snapshot shows otherwise than an earlier one of the same instance, as far as decisions go by it.
///
/// On a busy server something changes at every tick, and nearly always in a few workflows only. What was decided about the
/// executions of all others stands.
package struct SnapshotChanges: Sendable {
    /// Executions whose row, data or tags differ, those that are gone, and what they retry.
    package private(set) var executions: Set<ExecutionID> = []
    /// Their workflows, and those whose successes or run times differ.
    package private(set) var workflows: Set<WorkflowID> = []

    /// Nothing but time has gone on.
    package static let none = SnapshotChanges()

    fileprivate init() {}

    fileprivate mutating func note(_ row: Execution?) {
        guard let row else { return }
        executions.insert(row.id)
        if let parent = row.retryOf { executions.insert(parent) }
        workflows.insert(row.workflow)
    }

    fileprivate mutating func note(_ ids: Set<ExecutionID>, _ one: ExecutionTable, _ other: ExecutionTable) {
        for id in ids {
            executions.insert(id)
            note(one[id])
            note(other[id])
        }
    }
}

extension Snapshot {
    /// What differs from an earlier snapshot; nil where that concerns the decisions about all executions.
    package func changes(since other: Snapshot) -> SnapshotChanges? {
        guard instance == other.instance, clockOffset == other.clockOffset, completeness == other.completeness,
            baseline == other.baseline, coverage == other.coverage, counted == nil, other.counted == nil,
            workflows == other.workflows, notOffered == other.notOffered
        else { return nil }
        var changes = SnapshotChanges()
        executions.differences(from: other.executions) { old, new in
            changes.note(old)
            changes.note(new)
        }
        var facts = Snapshot.differing(details, other.details)
        facts.formUnion(Snapshot.differing(tags, other.tags))
        facts.formUnion(Snapshot.differing(firstSeen, other.firstSeen))
        // Only whether a run was seen waiting counts, and not when.
        if lastSeenWaiting != other.lastSeenWaiting {
            facts.formUnion(Set(lastSeenWaiting.keys).symmetricDifference(other.lastSeenWaiting.keys))
        }
        facts.formUnion(Snapshot.differing(seenLive, other.seenLive))
        facts.formUnion(Snapshot.differing(unreadableTags, other.unreadableTags))
        changes.note(facts, executions, other.executions)
        changes.note(Snapshot.differing(newestSuccess, other.newestSuccess))
        changes.note(Snapshot.differing(runTimes, other.runTimes))
        return changes
    }

    /// What only one of both holds. Two copies of one set are told at once.
    private static func differing(_ one: Set<ExecutionID>, _ other: Set<ExecutionID>) -> Set<ExecutionID> {
        guard one != other else { return [] }
        return one.filter { !other.contains($0) }.union(other.lazy.filter { !one.contains($0) })
    }

    /// The keys whose values differ, or that only one of both has. Two copies of one dictionary are told at once.
    private static func differing<Key, Value: Equatable>(_ one: [Key: Value], _ other: [Key: Value]) -> Set<Key> {
        guard one != other else { return [] }
        var keys = Set(one.lazy.filter { other[$0.key] != $0.value }.map(\.key))
        keys.formUnion(other.keys.lazy.filter { one[$0] == nil })
        return keys
    }
}

extension SnapshotChanges {
    fileprivate mutating func note(_ ids: Set<WorkflowID>) { workflows.formUnion(ids) }

    /// The workflows with executions that may have to be decided about anew: those that changed, with those of all runs in
    /// the chains that changed, and of the chains that began as a sub-workflow of a run that changed.
    func workflows(_ context: PlanningContext) -> Set<WorkflowID> {
        var found = workflows
        var touched = executions
        guard !touched.isEmpty else { return found }
        for (id, detail) in context.snapshot.details where detail.parentExecution.map(executions.contains) ?? false {
            touched.insert(id)
        }
        // A row may tell another parent than the ledger did while there was no row.
        for (parent, children) in context.past.knownChildren where !children.isDisjoint(with: executions) {
            touched.insert(parent)
        }
        for id in touched {
            for node in context.chains.chain(of: id).nodes { if let row = node.row { found.insert(row.workflow) } }
        }
        return found
    }
}
