/// What all subjects of one planning share, with what is worked out once for all of them.
final class Scene {
    let snapshot: Snapshot
    let view: LedgerView
    let tables: JudgementTables
    let intents: IntentIndex
    private var judgements: [Int: [Judgement]] = [:]
    private var remembered = 0
    private var seesDefault: Bool?
    private var seenRunTimes: [WorkflowID: RunTimes]?
    /// The oldest run that ended within the look-back, else the newest id known: what is newer and was kept is a row.
    private(set) lazy var oldestSeen: ExecutionID? = {
        let edge = snapshot.now - snapshot.lookBack
        let young = snapshot.executions.values.lazy.filter { $0.stoppedAt.map { $0 > edge } ?? false }
        return young.map(\.id).min() ?? snapshot.highest
    }()

    /// How much different evidence is remembered; a flood of different texts must not fill the memory.
    private static let rememberedEvidence = 4096

    init(snapshot: Snapshot, view: LedgerView, tables: JudgementTables, intents: IntentIndex) {
        self.snapshot = snapshot
        self.view = view
        self.tables = tables
        self.intents = intents
    }

    /// What is known of a failure by its evidence; the same evidence costs the rules only once, as failures come in
    /// storms. `detail` is the place of the data in the snapshot.
    func judgement(_ status: ExecutionStatus, _ detail: Dictionary<ExecutionID, ExecutionDetail>.Index) -> Judgement {
        let hash = Judgement.hash(status, snapshot.details.values[detail])
        let same = judgements[hash, default: []]
        for known in same where known.isOf(status, snapshot.details.values[detail]) { return known }
        let found = Judgement(status, snapshot.details.values[detail])
        if remembered < Scene.rememberedEvidence {
            judgements[hash] = same + [found]
            remembered += 1
        }
        return found
    }

    /// How long a workflow's successful runs took; retries, which start in the middle, left out.
    func runTimes(of workflow: WorkflowID) -> RunTimes? {
        if let told = snapshot.runTimes[workflow] { return told }
        if let known = seenRunTimes { return known[workflow] }
        var periods: [WorkflowID: [Period]] = [:]
        for row in snapshot.executions.values where row.status == .success && row.retryOf == nil {
            if let start = row.startedAt, let end = row.stoppedAt {
                periods[row.workflow, default: []].append(end - start)
            }
        }
        let found = periods.compactMapValues { RunTimes($0) }
        seenRunTimes = found
        return found[workflow]
    }

    /// Whether a success of a workflow that leaves saving to the instance's default was seen.
    var seesDefaultSuccesses: Bool {
        if let known = seesDefault { return known }
        let workflows = snapshot.workflows ?? [:]
        let sees = snapshot.newestSuccess.keys.contains { workflows[$0].map { $0.savesSuccesses == nil } ?? false }
        seesDefault = sees
        return sees
    }
}

/// What one piece of evidence says, whatever executions left it; worked out when it is asked for.
final class Judgement {
    private let status: ExecutionStatus
    private let detail: ExecutionDetail
    private var classification: Fact<Classification>?
    private var risk: RepeatRiskVerdict?
    /// Verdicts of tests that look at nothing else, by their number in the program.
    private var verdicts: [Ternary?] = []

    init(_ status: ExecutionStatus, _ detail: ExecutionDetail) {
        self.status = status
        self.detail = detail
    }

    /// The class of the failure.
    func classification(_ tables: JudgementTables) -> Fact<Classification> {
        if let classification { return classification }
        let found = tables.classifier.classify(status: status, detail: detail)
        classification = found
        return found
    }

    /// The repeat risk of the failure.
    func risk(_ tables: JudgementTables) -> RepeatRiskVerdict {
        if let risk { return risk }
        var errorClass: ErrorClass?
        if case .known(let known) = classification(tables) { errorClass = known.errorClass }
        let found = tables.risks.judge(status: status, detail: detail, errorClass: errorClass)
        risk = found
        return found
    }

    /// A test's verdict, where it was found before.
    func verdict(ofTest number: Int) -> Ternary? { number < verdicts.count ? verdicts[number] : nil }

    /// Keeps a test's verdict.
    func keep(_ verdict: Ternary, ofTest number: Int) {
        while verdicts.count <= number { verdicts.append(nil) }
        verdicts[number] = verdict
    }
}

extension Judgement {
    /// Hashes what tells most apart; `isOf` looks at the rest.
    static func hash(_ status: ExecutionStatus, _ detail: ExecutionDetail) -> Int {
        var hasher = Hasher()
        hasher.combine(status)
        hasher.combine(detail.itemsToRepeat)
        hasher.combine(detail.lastNode?.name)
        hasher.combine(detail.lastNode?.method)
        hasher.combine(detail.error?.httpCode)
        hasher.combine(detail.error?.message)
        return hasher.finalize()
    }

    /// Whether a failure left the same evidence: all of its data but what differs between any two runs.
    func isOf(_ status: ExecutionStatus, _ other: ExecutionDetail) -> Bool {
        self.status == status && detail.status == other.status && detail.readability == other.readability
            && detail.itemsToRepeat == other.itemsToRepeat && detail.finishedNodes == other.finishedNodes
            && detail.resumesAtNode == other.resumesAtNode && detail.lastNode == other.lastNode
            && detail.error?.isSame(as: other.error) ?? (other.error == nil)
    }
}

extension ErrorEvidence {
    fileprivate func isSame(as other: ErrorEvidence?) -> Bool {
        guard let other else { return false }
        return httpCode == other.httpCode && message == other.message && name == other.name
            && description == other.description && cause == other.cause && messages == other.messages
            && itemIndex == other.itemIndex
    }
}
