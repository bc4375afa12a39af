/// What planning may know of the past: a value, folded from the ledger for one instance and epoch.
public struct LedgerView: Sendable, Hashable {
    /// The intents that matter still: open ones, unresolved ones, and those within the longest window, oldest first.
    public var intents: [Intent]
    /// Roots whose chain succeeded once.
    public var healed: Set<ExecutionID>
    /// Roots whose chain is exhausted, with the policies that exhausted it.
    public var exhausted: [ExecutionID: Set<String>]
    /// Executions to which n8n said that these actions cannot be done.
    public var closed: [ExecutionID: Set<ActionKind>]
    /// Rows that were there and are gone.
    public var gone: Set<ExecutionID>
    /// Known children by parent, also of rows that are gone.
    public var children: [ExecutionID: Set<ExecutionID>]
    /// The newest end of a person's child, by its parent.
    public var personRetried: [ExecutionID: ServerTime]
    /// Executions that went to their end although n8n calls them failed.
    public var outcomeUnknown: Set<ExecutionID> = []
    /// Retries that succeeded without running a node: they are no part of their chains.
    public var ranNothing: Set<ExecutionID> = []
    /// The policy that owns a chain since its first intent, by root.
    public var owners: [ExecutionID: String]
    /// Roots whose owner owns in dry-run only.
    public var shadowOwned: Set<ExecutionID> = []
    /// Replays by their names, those that are over included.
    public var replays: [String: Replay] = [:]
    /// The newest ask for approval of each execution, action and policy.
    public var approvals: [ApprovalTopic: Approval] = [:]
    /// Whether nobody is asked for approval: it is dry-run's view.
    public var asksNobody = false
    /// Policies that went back to dry-run by themselves at least once, by name.
    public var standings: [String: PolicyStanding] = [:]
    /// Workflows that did not run as a policy wants them to, now.
    public var absences: [AbsenceKey: Absence] = [:]
    /// Failures that belong together, as long as they go on, by key.
    public var incidents: [String: Incident] = [:]
    /// Kinds of actions that the key may not do, with n8n's words.
    public var suspended: [ActionKind: String]
    /// Why acting is paused; nil where it is not.
    public var paused: String?
    /// Whether it is because the ledger may not know all that was sent.
    public var isInDoubt = false
    /// Why n8n's database seems to be another one; nothing is done until an operator adopts it.
    public var alarm: String?
    /// Ids of annotation tags that were learned from executions, by name.
    public var learnedTags: [String: String]
    /// Last recorded verdicts by leaf.
    public var verdicts: [ExecutionID: RecordedVerdict]
    /// True where there is no ledger: a plan of such a view cannot be applied.
    public var isMemoryless: Bool

    /// Makes a view; empty unless told otherwise.
    public init(
        intents: [Intent] = [], healed: Set<ExecutionID> = [], exhausted: [ExecutionID: Set<String>] = [:],
        closed: [ExecutionID: Set<ActionKind>] = [:], gone: Set<ExecutionID> = [],
        children: [ExecutionID: Set<ExecutionID>] = [:],
        personRetried: [ExecutionID: ServerTime] = [:], owners: [ExecutionID: String] = [:],
        suspended: [ActionKind: String] = [:], paused: String? = nil, alarm: String? = nil,
        learnedTags: [String: String] = [:],
        verdicts: [ExecutionID: RecordedVerdict] = [:], isMemoryless: Bool = false
    ) {
        self.intents = intents
        self.healed = healed
        self.exhausted = exhausted
        self.closed = closed
        self.gone = gone
        self.children = children
        self.personRetried = personRetried
        self.owners = owners
        self.suspended = suspended
        self.paused = paused
        self.alarm = alarm
        self.learnedTags = learnedTags
        self.verdicts = verdicts
        self.isMemoryless = isMemoryless
    }

    /// Takes a latch in.
    public mutating func apply(_ latch: Latch) {
        switch latch.fact {
        case .healed: healed.insert(latch.execution)
        case .exhausted(let policy): exhausted[latch.execution, default: []].insert(policy)
        case .closed(let action): closed[latch.execution, default: []].insert(action)
        case .gone: gone.insert(latch.execution)
        case .child(let child): children[latch.execution, default: []].insert(child)
        case .personRetried(let child):
            children[latch.execution, default: []].insert(child)
            personRetried[latch.execution] = max(personRetried[latch.execution] ?? latch.at, latch.at)
        case .outcomeUnknown: outcomeUnknown.insert(latch.execution)
        case .ranNothing: ranNothing.insert(latch.execution)
        }
    }
}

extension LedgerView {
    /// Whether n8n said that an action cannot be done to an execution.
    public func isClosed(_ execution: ExecutionID, for action: ActionKind) -> Bool {
        closed[execution]?.contains(action) == true
    }

    /// Executions among some rows whose past may be older than `since`, so that a ledger must be asked about their
    /// chains by id: retries and what they retry, and runs that are live or began before.
    public static func chainsToRead(_ rows: ExecutionTable, since: ServerTime) -> Set<ExecutionID> {
        // An hour, for the offset of the clocks may have been another one when the ledger was written.
        let limit = since + .hours(1)
        var ids = Set(rows.settled(startedBefore: limit).map(\.id))
        for row in rows.notable.values {
            if let parent = row.retryOf { ids.formUnion([row.id, parent]) }
            let isYoung = (row.startedAt ?? row.createdAt).map { $0 >= limit } ?? false
            if row.status.isLive || !isYoung { ids.insert(row.id) }
        }
        return ids
    }
}
