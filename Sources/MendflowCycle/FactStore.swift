package import MendflowCore

/// What was read of single executions and of workflows, and what could not be read: everything that a plan may ask for
/// beside the rows.
package struct FactStore: Sendable {
    /// Data and annotation tags of executions.
    package private(set) var details: [ExecutionID: ExecutionDetail] = [:]
    package private(set) var tags: [ExecutionID: [AnnotationTag]] = [:]
    /// The workflows; nil until they were read.
    package private(set) var workflows: [WorkflowID: WorkflowInfo]?
    /// When workflows were asked for last, and since when tags are kept.
    package private(set) var workflowsReadAt: ServerTime?
    private var tagsKeptSince: ServerTime?
    /// Data and tags that could not be read.
    private var unreadableDetails: [ExecutionID: UnreadableFact] = [:]
    /// Data that n8n did not answer, and why: what it answered and nobody can read is not here.
    private var unansweredDetails: [ExecutionID: String] = [:]
    private var unreadableTags: [ExecutionID: UnreadableFact] = [:]
    /// Facts that were asked for and not answered, and how often.
    private var unanswered: [Need: Int] = [:]
    /// What the data of many executions has alike.
    private var pool = EvidencePool()

    /// After so many answers that did not come a fact counts as unreadable.
    private static let mostTries = 3

    package init() {}

    /// Executions whose tags are known not to be readable.
    package var hidingTags: Set<ExecutionID> { Set(unreadableTags.keys) }

    /// So long after its time what somebody wants to know was asked for, also where others come first.
    private static let asked = Period.minutes(10)
    /// So many whose data n8n does not answer are more than a passing fault of one.
    private static let many = 3

    /// How many executions' data n8n does not answer, and why, by one of them; nil where that may be a passing fault: few, each of
    /// which failed once.
    package var unansweredData: (count: Int, why: String)? {
        guard let (_, why) = unansweredDetails.max(by: { $0.key < $1.key }) else { return nil }
        let isLasting =
            unansweredDetails.count >= FactStore.many
            || unansweredDetails.keys.contains { unreadableDetails[$0]?.tries ?? 0 > 1 }
        return isLasting ? (unansweredDetails.count, why) : nil
    }

    /// Forgets what was read of executions whose row has changed since.
    package mutating func forget(_ ids: Set<ExecutionID>) {
        for id in ids { details[id] = nil }
    }

    /// Forgets what has become too old to decide by, what is to be tried again, and what is about rows that are gone.
    package mutating func refresh(
        _ rows: ExecutionTable, at now: ServerTime, every period: Period
    ) {
        for (id, trouble) in unreadableDetails where trouble.askAgain <= now { details[id] = nil }
        unreadableDetails = unreadableDetails.filter { rows[$0.key] != nil }
        // What nobody asks for any more, when it is time, nobody wants to know: something else decided about it.
        unansweredDetails = unansweredDetails.filter { id, _ in
            rows[id] != nil && unreadableDetails[id].map { $0.askAgain + FactStore.asked > now } ?? false
        }
        unreadableTags = unreadableTags.filter { rows[$0.key] != nil && $0.value.askAgain > now }
        unanswered = unanswered.filter { rows[$0.key.execution] != nil }
        if tagsKeptSince.map({ $0 + period <= now }) ?? true {
            tags = [:]
            tagsKeptSince = now
        }
    }

    /// What of some needs is to be asked for next: what did not answer before comes last.
    package func inTurn(_ needs: [Need]) -> [Need] {
        needs.sorted { one, other in
            let (first, second) = (unanswered[one] ?? 0, unanswered[other] ?? 0)
            return first == second ? one < other : first < second
        }
    }

    /// Whether the list of workflows is due: it is old, or a row's workflow is not in it. A workflow that the key cannot see
    /// stays unknown: it is asked for once a minute, not on every tick.
    package func needsWorkflows(
        _ rows: ExecutionTable, at now: ServerTime, every period: Period
    ) -> Bool {
        guard let read = workflowsReadAt else { return true }
        if read + period <= now { return true }
        return read + .minutes(1) <= now && rows.workflows.contains { workflows?[$0] == nil }
    }

    package mutating func note(_ found: Result<[WorkflowInfo], ReadFailure>, at now: ServerTime) {
        workflowsReadAt = now
        guard case .success(let found) = found else { return }
        workflows = Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
    }

    /// Takes in a workflow as it is saved now; nil where there is none any more.
    package mutating func set(_ workflow: WorkflowInfo?, of id: WorkflowID) { workflows?[id] = workflow }

    /// Takes in the tags of an execution.
    package mutating func note(tags found: [AnnotationTag], of id: ExecutionID) {
        unanswered[.tags(id)] = nil
        tags[id] = found
        unreadableTags[id] = nil
    }

    /// Forgets the tags of an execution, which were changed.
    package mutating func forgetTags(of id: ExecutionID) { tags[id] = nil }

    /// Takes in the data of an execution, and answers what is wrong with it where that was not known before.
    package mutating func note(_ detail: ExecutionDetail, of id: ExecutionID, at now: ServerTime) -> String? {
        unanswered[.detail(id)] = nil
        unansweredDetails[id] = nil
        details[id] = detail.sharing(&pool)
        guard let trouble = detail.readability.trouble else {
            unreadableDetails[id] = nil
            return nil
        }
        let isNew = unreadableDetails[id] == nil
        unreadableDetails[id] = UnreadableFact(after: unreadableDetails[id], at: now)
        return isNew ? trouble : nil
    }

    /// Takes in that n8n answered 404 for an execution that its lists show: its data is unknown, and asked for again later.
    /// Answers what is wrong where that was not known before.
    package mutating func noteUnfound(_ need: Need, of row: Execution, at now: ServerTime) -> String? {
        unanswered[need] = nil
        switch need {
        case .detail(let id):
            let detail = ExecutionDetail(readability: .unfound, status: row.status, createdAt: row.createdAt)
            return note(detail, of: id, at: now)
        case .tags(let id):
            unreadableTags[id] = UnreadableFact(after: unreadableTags[id], at: now)
            return nil
        }
    }

    /// Whether a fact was known to be unreadable, and is asked for again.
    package func wasUnreadable(_ need: Need) -> Bool {
        switch need {
        case .detail(let id): unreadableDetails[id] != nil
        case .tags(let id): unreadableTags[id] != nil
        }
    }

    /// What a failure to read a fact means.
    package enum FailedRead: Sendable, Hashable {
        /// It is asked for again at the next tick.
        case again
        /// The tags are unknown from now on.
        case tagsUnknown
        /// The data is unknown from now on, for this reason where it was not known before.
        case detailUnknown(String?)
    }

    /// What this row alone cannot tell, or the key may not read, is unknown from now on, which is a fact too. What was not
    /// answered is asked for again, a few times.
    package mutating func note(
        _ failure: ReadFailure, for need: Need, of row: Execution?, at now: ServerTime
    ) -> FailedRead {
        let tries = unanswered[need, default: 0] + 1
        guard failure.concernsOneRow || failure.kind == .forbidden || tries >= FactStore.mostTries else {
            unanswered[need] = tries
            return .again
        }
        unanswered[need] = nil
        switch need {
        case .detail(let id):
            guard let row else { return .again }
            let detail = ExecutionDetail(
                readability: .unreadable(failure.description), status: row.status, createdAt: row.createdAt)
            let trouble = note(detail, of: id, at: now)
            unansweredDetails[id] = failure.description
            return .detailUnknown(trouble)
        case .tags(let id):
            unreadableTags[id] = UnreadableFact(after: unreadableTags[id], at: now)
            return .tagsUnknown
        }
    }
}

/// A fact that could not be read: how often it was asked for, and when to ask again.
private struct UnreadableFact: Sendable {
    private(set) var tries: Int
    private(set) var askAgain: ServerTime

    /// After 5 minutes, then 10, up to 160: a passing fault must not hold an execution for ever.
    init(after earlier: UnreadableFact?, at now: ServerTime) {
        tries = min((earlier?.tries ?? 0) + 1, 6)
        askAgain = now + .minutes(Int64(5 << (tries - 1)))
    }
}
