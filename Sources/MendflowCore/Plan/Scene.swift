/// What all subjects of one planning share, with what is worked out once for all of them.
final class Scene {
    let snapshot: Snapshot
    let view: LedgerView
    let tables: JudgementTables
    let intents: IntentIndex
    private var classes: [ErrorContent: Fact<Classification>] = [:]
    private var seesDefault: Bool?

    /// Errors whose class is remembered; a flood of different texts must not fill the memory.
    private static let rememberedErrors = 4096

    init(snapshot: Snapshot, view: LedgerView, tables: JudgementTables, intents: IntentIndex) {
        self.snapshot = snapshot
        self.view = view
        self.tables = tables
        self.intents = intents
    }

    /// The class of a failure; the same error costs the rules only once, as failures come in storms.
    func classify(_ status: ExecutionStatus, _ detail: ExecutionDetail) -> Fact<Classification> {
        guard let error = detail.error else { return tables.classifier.classify(status: status, detail: detail) }
        let content = ErrorContent(status, detail, error)
        if let known = classes[content] { return known }
        let found = tables.classifier.classify(status: status, detail: detail)
        if classes.count < Scene.rememberedErrors { classes[content] = found }
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

/// All that the classifier looks at.
private struct ErrorContent: Hashable {
    let status: ExecutionStatus
    let dataStatus: ExecutionStatus
    let isWhole: Bool
    let nodeType: String?
    let cause: String?
    let httpCode: String?
    let name: String?
    let message: String?
    let description: String?
    let messages: [String]

    init(_ status: ExecutionStatus, _ detail: ExecutionDetail, _ error: ErrorEvidence) {
        self.status = status
        dataStatus = detail.status
        isWhole = detail.isWhole
        nodeType = detail.lastNode?.type
        cause = error.cause
        httpCode = error.httpCode
        name = error.name
        message = error.message
        description = error.description
        messages = error.messages
    }
}
