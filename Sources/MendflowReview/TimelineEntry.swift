public import MendflowCore

/// Something that happened in a chain of retries: a run of n8n's, or a request of ours.
public struct TimelineEntry: Sendable, Hashable {
    /// Who did it.
    public enum Actor: String, Sendable, Hashable {
        /// Mendflow.
        case us
        /// A person, or another program.
        case person
        /// Mendflow or a person: no answer tells whose run it is.
        case somebody
        /// n8n itself: a trigger, a webhook.
        case n8n
    }
    /// What it is.
    public enum Kind: String, Sendable, Hashable {
        /// A run that n8n shows, or showed.
        case run
        /// A request of ours.
        case request
        /// A person was asked whether something may be done.
        case ask
        /// What was decided about a run, where it was decided otherwise than before.
        case decision
    }
    /// What it is.
    public var kind: Kind
    /// When it began by n8n's clock, a request of ours too; nil where that is not known.
    public var at: ServerTime?
    /// When it ended; nil where it goes on, or that is not known.
    public var endedAt: ServerTime?
    /// Who.
    public var actor: Actor
    /// The execution it is about.
    public var execution: ExecutionID
    /// A run's status, `gone` where n8n does not show it any more; a request's state.
    public var status: String
    /// The run that a run retries.
    public var retryOf: ExecutionID?
    /// A request's policy and its number in the ledger; the number of a decision's record.
    public var policy: String?, intent: IntentID?, record: Int64?
    /// The run that a request started, where n8n named it.
    public var child: ExecutionID?
    /// What, in words.
    public var summary: String

    /// Everything that rows and intents tell of a chain, oldest first.
    static func all(of chain: Chain, _ view: LedgerView, _ clockOffset: ClockOffset) -> [TimelineEntry] {
        let retries = Dictionary(grouping: view.intents.filter { $0.draft.action == .retry }, by: \.draft.execution)
        let origins = RetryOrigins.all(of: chain) { retries[$0] ?? [] }
        var entries = chain.nodes.map { node in
            TimelineEntry(node, node.parent.flatMap { origins[$0]?[node.id] })
        }
        entries += view.intents.filter { chain.contains($0.draft.execution) }.map { TimelineEntry($0, clockOffset) }
        entries += view.approvals.values.filter { chain.contains($0.ask.draft.execution) }.sorted { $0.id < $1.id }
            .map { TimelineEntry($0, clockOffset) }
        return sorted(entries)
    }

    /// The entries, oldest first; what has no time stands in front.
    static func sorted(_ entries: [TimelineEntry]) -> [TimelineEntry] {
        entries.enumerated().sorted { one, other in
            let unknown = ServerTime(milliseconds: 0)
            let (a, b) = (one.element.at ?? unknown, other.element.at ?? unknown)
            return a != b ? a < b : one.offset < other.offset
        }.map(\.element)
    }

    /// A decision that is on record.
    public init(decidedAt time: ServerTime, about execution: ExecutionID, record: Int64, isDryRun: Bool, words: String)
    {
        kind = .decision
        (at, actor, status) = (time, .us, isDryRun ? "dry_run" : "decided")
        self.execution = execution
        self.record = record
        summary = "decided\(isDryRun ? " (dry-run)" : ""): \(words), record \(record)"
    }

    private init(_ node: Chain.Node, _ origin: RetryOrigins.Origin?) {
        kind = .run
        at = node.row?.startedAt ?? node.row?.createdAt ?? node.row?.stoppedAt
        actor =
            switch origin {
            case .ours: .us
            case .somebodys: .somebody
            case .person: .person
            case nil: .n8n
            }
        execution = node.id
        retryOf = node.parent
        let whose = actor == .somebody ? TimelineEntry.somebodys : ""
        let origin = node.parent.map { "retry of \($0)\(whose)" }
        guard let row = node.row else {
            status = "gone"
            summary = "\(origin ?? "first run"), gone: n8n does not show it any more"
            return
        }
        status = row.status.rawValue
        summary = "\(origin ?? "run by \(row.mode)"): \(row.status.rawValue)"
        if let end = row.stoppedAt, !row.status.isLive {
            endedAt = end
            summary += " at \(end)"
        }
        if let till = row.waitTill, row.status == .waiting { summary += " until \(till)" }
    }

    private static let somebodys = " by somebody: ours or a person's"
    /// Of a run that the ledger may not know to be ours: it ran before the ledger begins, or in a time that is missing in it.
    private static let unknown = " by somebody: a person's, or ours, which the ledger does not know"

    /// Takes a run that counts as a person's for one of which nobody can tell whose it is.
    mutating func becomeSomebodys() {
        guard let retryOf, actor == .person else { return }
        actor = .somebody
        summary = summary.replacing(
            "retry of \(retryOf)", with: "retry of \(retryOf)\(TimelineEntry.unknown)", maxReplacements: 1)
    }

    /// An ask, however it stands.
    public init(_ approval: Approval, _ clockOffset: ClockOffset) {
        kind = .ask
        at = clockOffset.server(approval.askedAt)
        endedAt = approval.state == .open ? nil : clockOffset.server(approval.since)
        actor = .us
        execution = approval.ask.draft.execution
        status = approval.state.rawValue
        policy = approval.ask.draft.policy
        record = approval.id.number
        summary =
            "asked whether to \(approval.ask.draft.action.rawValue) it: \(approval.standing), policy \(approval.ask.draft.policy)"
    }

    private init(_ intent: Intent, _ clockOffset: ClockOffset) {
        kind = .request
        at = clockOffset.server(intent.reservedAt)
        endedAt = intent.settledAt.map(clockOffset.server)
        actor = .us
        execution = intent.draft.execution
        status = intent.state.rawValue
        policy = intent.draft.policy
        self.intent = intent.id
        summary = "\(intent.draft.action.rawValue) request: \(intent.state.rawValue)"
        if !intent.draft.tags.isEmpty { summary += " [\(intent.draft.tags.joined(separator: ", "))]" }
        if let note = intent.note { summary += " (\(note))" }
        child = intent.child
        if let child { summary += ", its run \(child)" }
        summary += ", policy \(intent.draft.policy), intent \(intent.id)"
    }
}
