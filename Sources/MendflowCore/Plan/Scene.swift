/// What all subjects of one planning share, with what is worked out once for all of them.
final class Scene {
    let snapshot: Snapshot
    let view: LedgerView
    let tables: JudgementTables
    let intents: IntentIndex
    private var judgements: [Evidence: Judgement] = [:]
    private var seesDefault: Bool?

    /// Errors whose class is remembered; a flood of different texts must not fill the memory.
    private static let rememberedErrors = 4096

    init(snapshot: Snapshot, view: LedgerView, tables: JudgementTables, intents: IntentIndex) {
        self.snapshot = snapshot
        self.view = view
        self.tables = tables
        self.intents = intents
    }

    /// What the tables say of a failure; the same evidence costs the rules only once, as failures come in storms.
    func judgement(_ status: ExecutionStatus, _ detail: ExecutionDetail) -> Judgement {
        let evidence = Evidence(status, detail)
        if let known = judgements[evidence] { return known }
        let found = Judgement()
        if judgements.count < Scene.rememberedErrors { judgements[evidence] = found }
        return found
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

/// What the tables say of one piece of evidence, worked out when it is asked for.
final class Judgement {
    private var classification: Fact<Classification>?
    private var risk: RepeatRiskVerdict?

    /// The class of the failure; status and data are those of the evidence.
    func classification(
        _ tables: JudgementTables, _ status: ExecutionStatus, _ detail: ExecutionDetail
    ) -> Fact<Classification> {
        if let classification { return classification }
        let found = tables.classifier.classify(status: status, detail: detail)
        classification = found
        return found
    }

    /// The repeat risk of the failure; status and data are those of the evidence.
    func risk(_ tables: JudgementTables, _ status: ExecutionStatus, _ detail: ExecutionDetail) -> RepeatRiskVerdict {
        if let risk { return risk }
        var errorClass: ErrorClass?
        if case .known(let known) = classification(tables, status, detail) { errorClass = known.errorClass }
        let found = tables.risks.judge(status: status, detail: detail, errorClass: errorClass)
        risk = found
        return found
    }
}

/// All that the tables look at: the data but for what differs between any two runs.
private struct Evidence: Hashable {
    let status: ExecutionStatus
    let detail: ExecutionDetail

    init(_ status: ExecutionStatus, _ detail: ExecutionDetail) {
        self.status = status
        self.detail = detail
    }

    static func == (one: Evidence, other: Evidence) -> Bool {
        let (a, b) = (one.detail, other.detail)
        return one.status == other.status && a.status == b.status && a.readability == b.readability
            && a.itemsToRepeat == b.itemsToRepeat && a.finishedNodes == b.finishedNodes
            && a.resumesAtNode == b.resumesAtNode && a.lastNode == b.lastNode && isSame(a.error, b.error)
    }

    private static func isSame(_ one: ErrorEvidence?, _ other: ErrorEvidence?) -> Bool {
        guard let one, let other else { return (one == nil) == (other == nil) }
        return one.httpCode == other.httpCode && one.message == other.message && one.name == other.name
            && one.description == other.description && one.cause == other.cause && one.messages == other.messages
            && one.itemIndex == other.itemIndex
    }

    /// Hashes what tells most apart; equality looks at the rest.
    func hash(into hasher: inout Hasher) {
        hasher.combine(status)
        hasher.combine(detail.itemsToRepeat)
        hasher.combine(detail.lastNode?.name)
        hasher.combine(detail.lastNode?.method)
        hasher.combine(detail.error?.httpCode)
        hasher.combine(detail.error?.message)
    }
}
