/// What a policy judges: one execution within its chain, with everything that is known of it.
public struct Subject {
    let facts: SharedFacts
    let cache: FactCache
    /// The chain.
    public var chain: Chain { cache.chain }
    /// The execution: the newest failed leaf, or a live one.
    public var row: Execution { cache.row }
    /// The snapshot.
    public var snapshot: Snapshot { facts.snapshot }
    /// The past.
    public var view: LedgerView { facts.view }
    /// The tables that classify errors and risks.
    public var tables: JudgementTables { facts.tables }
    /// The workflow, where it is known.
    public var workflow: WorkflowInfo? { facts.snapshot.workflows?[cache.row.workflow] }
    /// The execution's data; `needs` before it was fetched for the present status.
    public var detail: Fact<ExecutionDetail> { cache.detail.map { .known($0) } ?? .needs(.detail(cache.row.id)) }

    /// Makes a subject by itself; planning makes its own, which share their facts.
    public init(snapshot: Snapshot, view: LedgerView, tables: JudgementTables, chain: Chain, row: Execution) {
        let intents = IntentIndex(view.intents, snapshot.clockOffset)
        self.init(
            facts: SharedFacts(snapshot: snapshot, view: view, intents: intents, tables: tables), chain: chain, row: row
        )
    }

    /// The same where it was worked out of the past already what planning works out of it.
    package init(
        snapshot: Snapshot, view: LedgerView, tables: JudgementTables, past: PastActions, chain: Chain, row: Execution
    ) {
        let facts = SharedFacts(snapshot: snapshot, view: view, intents: past.intents, tables: tables)
        self.init(facts: facts, chain: chain, row: row)
    }

    init(facts: SharedFacts, chain: Chain, row: Execution) {
        self.facts = facts
        cache = FactCache(row, chain, facts)
    }

    /// Why its data cannot be read; nil where it can, or was not asked for.
    var trouble: String? { cache.detail?.readability.trouble }
    /// Whether n8n shows it in lists and denies it by id.
    var isUnfound: Bool { cache.detail?.readability == .unfound }

    /// Whether the chain was ever healed, as far as rows and ledger tell.
    public var isHealed: Bool { facts.view.healed.contains(chain.root) || chain.hasSuccess }
    /// Whether all retries of the chain are known.
    public var knowsAllRetries: Bool { facts.snapshot.coverage.knowsAllRetries(ofRoot: chain.root) }
    /// Retries made in the chain, anybody's (semantics 15).
    public var retriesMade: Int { cache.retriesMade }

    /// The error's class and the rule that gave it.
    public var classification: Fact<Classification> {
        guard cache.row.status.isFailed else { return .absent }
        return cache.judgement.map { $0.classification(facts.tables) } ?? .needs(.detail(cache.row.id))
    }

    /// Whether a retry may do again what was done already.
    public var repeatRisk: Fact<RepeatRiskVerdict> {
        guard cache.row.status.isFailed else { return .absent }
        return cache.judgement.map { .known($0.risk(facts.tables)) } ?? .needs(.detail(cache.row.id))
    }

    /// The type of the failed node, where it is known.
    var failedNodeType: String? { cache.failedNodeType }
    /// What the evidence of a failure says; nil before it was fetched.
    var judgement: Judgement? { cache.row.status.isFailed ? cache.judgement : nil }

    /// When the present status began (semantics 6); nil where the row does not tell.
    public var statusSince: ServerTime? {
        switch cache.row.status {
        case .error, .crashed, .canceled, .success: return cache.row.endedAt
        case .waiting: return cache.row.stoppedAt
        case .running, .unknown: return hasSlept ? seenRunningSince : cache.row.startedAt
        case .queued:
            return [cache.row.createdAt, facts.snapshot.firstSeen[cache.row.id]].compactMap { $0 }.max()
        case .unrecognised: return nil
        }
    }

    /// Whether a run that goes on has waited before: n8n keeps when it went to sleep, and not when it woke.
    var hasSlept: Bool {
        cache.row.stoppedAt != nil || facts.snapshot.lastSeenWaiting[cache.row.id] != nil
    }

    /// Since when a run that slept has gone on at least; nil at the first look.
    var seenRunningSince: ServerTime? {
        guard let seen = facts.snapshot.firstSeen[cache.row.id] else { return nil }
        guard seen < facts.snapshot.now else {
            _ = facts.validity.momentary()
            return nil
        }
        return seen
    }
}

extension Chain {
    /// How the chain was started; nil where its first run is gone, is a retry itself, or does not tell.
    var originMode: ExecutionMode? {
        rootRow.flatMap { $0.mode == .retry || !$0.mode.isKnown ? nil : $0.mode }
    }
}

extension ExecutionDetail {
    /// Whether what is missing from it is known to be absent.
    var isFullyReadable: Bool { readability == .readable }
}

extension Fact where Value == RepeatRiskVerdict {
    /// Risk `unknown` is the unknown of conditions.
    var asRiskFact: Fact<FieldValue> {
        if case .known(let verdict) = self, verdict.risk == .unknown { return .unknown }
        return map { .text($0.risk.rawValue) }
    }
}

/// The tables by which errors and risks are judged.
public struct JudgementTables: Sendable {
    /// Error classes.
    public let classifier: ErrorClassifier
    /// Repeat risk.
    public let risks: RepeatRiskJudge
    /// What both said at earlier plans.
    let ruled = RuledEvidenceKeeper()
    /// Makes the tables.
    public init(classifier: ErrorClassifier, risks: RepeatRiskJudge) {
        self.classifier = classifier
        self.risks = risks
    }
}
