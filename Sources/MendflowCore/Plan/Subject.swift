/// What a policy judges: one execution within its chain, with everything that is known of it.
public struct Subject: FactSource {
    /// The snapshot.
    public let snapshot: Snapshot
    /// The past.
    public let view: LedgerView
    /// The tables that classify errors and risks.
    public let tables: JudgementTables
    /// The chain.
    public let chain: Chain
    /// The execution: the newest failed leaf, or a live one.
    public let row: Execution
    /// The workflow, where it is known.
    public let workflow: WorkflowInfo?
    /// The execution's data; `needs` before it was fetched for the present status.
    public let detail: Fact<ExecutionDetail>
    let intents: IntentIndex

    /// Makes a subject.
    public init(snapshot: Snapshot, view: LedgerView, tables: JudgementTables, chain: Chain, row: Execution) {
        self.init(
            snapshot: snapshot, view: view, tables: tables, chain: chain, row: row,
            intents: IntentIndex(view.intents))
    }

    /// Makes a subject with the view's intents indexed already.
    init(
        snapshot: Snapshot, view: LedgerView, tables: JudgementTables, chain: Chain, row: Execution,
        intents: IntentIndex
    ) {
        self.intents = intents
        workflow = snapshot.workflows?[row.workflow]
        if let found = snapshot.details[row.id], found.status == row.status {
            detail = .known(found)
        } else {
            detail = .needs(.detail(row.id))
        }
        self.snapshot = snapshot
        self.view = view
        self.tables = tables
        self.chain = chain
        self.row = row
    }

    /// Whether the chain was ever healed, as far as rows and ledger tell.
    public var isHealed: Bool { view.healed.contains(chain.root) || chain.hasSuccess }
    /// Retries made in the chain, anybody's (semantics 15).
    public var retriesMade: Int { intents.retriesMade(chain) }

    /// The error's class and the rule that gave it.
    public var classification: Fact<Classification> {
        guard row.status.isFailed else { return .absent }
        switch detail {
        case .known(let detail): return tables.classifier.classify(status: row.status, detail: detail)
        case .needs(let need): return .needs(need)
        case .absent, .unknown: return .unknown
        }
    }

    /// Whether a retry may do again what was done already.
    public var repeatRisk: Fact<RepeatRiskVerdict> {
        guard row.status.isFailed else { return .absent }
        switch detail {
        case .known(let detail):
            var errorClass: ErrorClass?
            if case .known(let known) = classification { errorClass = known.errorClass }
            return .known(tables.risks.judge(status: row.status, detail: detail, errorClass: errorClass))
        case .needs(let need): return .needs(need)
        case .absent, .unknown: return .unknown
        }
    }

    /// When the present status began (semantics 6); nil where the row does not tell.
    public var statusSince: Timestamp? {
        switch row.status {
        case .error, .crashed, .canceled, .success, .waiting: return row.stoppedAt
        case .running, .unknown:
            return [row.startedAt, row.stoppedAt, snapshot.lastSeenWaiting[row.id]].compactMap { $0 }.max()
        case .queued:
            return [row.createdAt, snapshot.firstSeen[row.id]].compactMap { $0 }.max()
        case .unrecognised: return nil
        }
    }

    /// The fact of one field (DESIGN 3, semantics 1 to 8).
    public func fact(_ field: Field) -> Fact<FieldValue> {
        switch field {
        case .status: return .known(.text(row.status.rawValue))
        case .workflowID: return .known(.text(row.workflow.text))
        case .workflowName, .workflowTag, .workflowProject, .workflowActive: return workflowFact(field)
        case .executionMode:
            guard let mode = chain.rootRow?.mode, mode != .retry else { return .unknown }
            return .known(.text(mode.word))
        case .age, .startedAgo, .endedAt, .ranFor, .overdue: return timeFact(field)
        case .waitingFor: return waitingFor
        case .retries: return .known(.number(Int64(retriesMade)))
        case .isRetry: return .known(.flag(row.retryOf != nil))
        case .healed: return .known(.flag(isHealed))
        case .succeededSince: return succeededSince
        case .customData(let key):
            return fromDetail { detail in
                detail.customData[key].map { .known(.text($0)) } ?? (detail.isWhole ? .absent : .unknown)
            }
        case .executionTag:
            guard let tags = snapshot.tags[row.id] else { return .needs(.tags(row.id)) }
            return .known(.set(tags.map(\.name).sorted()))
        case .errorClass: return classification.map { .text($0.errorClass.rawValue) }
        case .repeatRisk: return repeatRisk.asRiskFact
        case .errorName, .errorMessage, .errorHTTPCode, .errorHTTPMethod, .errorNode, .errorNodeType, .errorCause,
            .errorItems:
            return row.status.isFailed ? fromDetail { errorFact(field, $0) } : .absent
        }
    }

    private func fromDetail(_ read: (ExecutionDetail) -> Fact<FieldValue>) -> Fact<FieldValue> {
        switch detail {
        case .known(let detail): read(detail)
        case .needs(let need): .needs(need)
        case .absent: .absent
        case .unknown: .unknown
        }
    }

    private func workflowFact(_ field: Field) -> Fact<FieldValue> {
        guard let workflow else { return .unknown }
        switch field {
        case .workflowName: return .known(.text(workflow.name))
        case .workflowTag: return .known(.set(workflow.tags.sorted()))
        case .workflowProject: return .known(.set(workflow.projects.sorted()))
        default: return .known(.flag(workflow.active))
        }
    }

    private func timeFact(_ field: Field) -> Fact<FieldValue> {
        func since(_ time: Timestamp?) -> Fact<FieldValue> {
            time.map { .known(.period(snapshot.now - $0)) } ?? .unknown
        }
        let isEnded = row.status.isFailed || row.status == .success
        switch field {
        case .age: return since(statusSince)
        case .startedAgo: return row.status == .queued && row.startedAt == nil ? .absent : since(row.startedAt)
        case .endedAt: return isEnded ? row.stoppedAt.map { .known(.time($0)) } ?? .unknown : .absent
        case .ranFor:
            if row.status == .queued { return .absent }
            guard isEnded else { return since(row.startedAt) }
            guard let start = row.startedAt, let end = row.stoppedAt else { return .unknown }
            return .known(.period(end - start))
        default: return row.status == .waiting ? since(row.waitTill) : .absent
        }
    }

    private var waitingFor: Fact<FieldValue> {
        guard row.status == .waiting else { return .absent }
        if let till = row.waitTill, till >= Subject.indefinite {
            return .known(.text(ExecutionDetail.WaitKind.event.rawValue))
        }
        return fromDetail { $0.waitKind.map { .known(.text($0.rawValue)) } ?? .unknown }
    }

    /// n8n's sentinel is the year 3000; community nodes use 2099-12-31.
    static let indefinite = Timestamp(rfc3339: "2099-01-01T00:00:00Z") ?? Timestamp(milliseconds: .max)

    private var succeededSince: Fact<FieldValue> {
        if let newest = snapshot.newestSuccess[row.workflow], newest > row.id { return .known(.flag(true)) }
        if let from = snapshot.listedFrom, row.id < from { return .unknown }
        return savesSuccesses ? .known(.flag(false)) : .unknown
    }

    /// Whether a success of the workflow would be seen: it says so, or one was seen, or one of a workflow that leaves
    /// it to the instance's default as this one does.
    private var savesSuccesses: Bool {
        guard let workflows = snapshot.workflows, let workflow else { return false }
        if let saves = workflow.savesSuccesses { return saves }
        return snapshot.newestSuccess[row.workflow] != nil
            || snapshot.newestSuccess.keys.contains { workflows[$0].map { $0.savesSuccesses == nil } ?? false }
    }

    private func errorFact(_ field: Field, _ detail: ExecutionDetail) -> Fact<FieldValue> {
        func text(_ value: String?) -> Fact<FieldValue> {
            value.map { .known(.text($0)) } ?? (detail.isWhole ? .absent : .unknown)
        }
        switch field {
        case .errorName: return text(detail.error?.name)
        case .errorMessage: return text(detail.error?.message)
        case .errorHTTPCode: return text(detail.error?.httpCode)
        // A run fails at some node, so one that is not told is unknown: a crash must not slip past a protection.
        case .errorHTTPMethod: return detail.lastNode == nil ? .unknown : text(detail.lastNode?.method)
        case .errorNode: return detail.lastNode.map { .known(.text($0.name)) } ?? .unknown
        case .errorNodeType: return detail.lastNode?.type.map { .known(.text($0)) } ?? .unknown
        case .errorCause: return text(detail.error?.cause)
        default: return detail.itemsToRepeat.map { .known(.number(Int64($0))) } ?? .unknown
        }
    }
}

extension ExecutionDetail {
    /// Whether what is missing from it is known to be absent.
    var isWhole: Bool { readability == .readable }
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
    public var classifier: ErrorClassifier
    /// Repeat risk.
    public var risks: RepeatRiskJudge
    /// Makes the tables.
    public init(classifier: ErrorClassifier, risks: RepeatRiskJudge) {
        self.classifier = classifier
        self.risks = risks
    }
}
