/// What a policy judges: one execution within its chain, with everything that is known of it.
public struct Subject: FactSource {
    let scene: Scene
    private let file: SubjectFile
    /// The chain.
    public let chain: Chain
    /// The execution: the newest failed leaf, or a live one.
    public var row: Execution { file.row }
    /// The snapshot.
    public var snapshot: Snapshot { scene.snapshot }
    /// The past.
    public var view: LedgerView { scene.view }
    /// The tables that classify errors and risks.
    public var tables: JudgementTables { scene.tables }
    /// The workflow, where it is known.
    public var workflow: WorkflowInfo? { scene.snapshot.workflows?[file.row.workflow] }
    /// The execution's data; `needs` before it was fetched for the present status.
    public var detail: Fact<ExecutionDetail> { file.detail.map { .known($0) } ?? .needs(.detail(file.row.id)) }

    /// Makes a subject.
    public init(snapshot: Snapshot, view: LedgerView, tables: JudgementTables, chain: Chain, row: Execution) {
        let scene = Scene(snapshot: snapshot, view: view, tables: tables, intents: IntentIndex(view.intents))
        self.init(scene: scene, chain: chain, row: row)
    }

    init(scene: Scene, chain: Chain, row: Execution) {
        self.scene = scene
        self.chain = chain
        file = SubjectFile(row, scene)
    }

    /// Whether the chain was ever healed, as far as rows and ledger tell.
    public var isHealed: Bool { scene.view.healed.contains(chain.root) || chain.hasSuccess }
    /// Whether all retries of the chain are known: of what began below the covered ids some may not be read yet.
    public var isWhole: Bool { scene.snapshot.coveredFrom.map { chain.root >= $0 } ?? true }
    /// Retries made in the chain, anybody's (semantics 15).
    public var retriesMade: Int { scene.intents.retriesMade(chain) }

    /// The error's class and the rule that gave it.
    public var classification: Fact<Classification> {
        guard file.row.status.isFailed else { return .absent }
        return file.judgement.map { $0.classification(scene.tables) } ?? .needs(.detail(file.row.id))
    }

    /// Whether a retry may do again what was done already.
    public var repeatRisk: Fact<RepeatRiskVerdict> {
        guard file.row.status.isFailed else { return .absent }
        return file.judgement.map { .known($0.risk(scene.tables)) } ?? .needs(.detail(file.row.id))
    }

    /// The error, where data of the present status has one.
    var error: ErrorEvidence? { file.error }
    /// The type of the failed node, where it is known.
    var failedNodeType: String? { file.failedNodeType }
    /// What the evidence of a failure says; nil before it was fetched.
    var judgement: Judgement? { file.row.status.isFailed ? file.judgement : nil }

    /// When the present status began (semantics 6); nil where the row does not tell.
    public var statusSince: Timestamp? {
        switch file.row.status {
        case .error, .crashed, .canceled, .success, .waiting: return file.row.stoppedAt
        case .running, .unknown:
            return [file.row.startedAt, file.row.stoppedAt, scene.snapshot.lastSeenWaiting[file.row.id]].compactMap {
                $0
            }.max()
        case .queued:
            return [file.row.createdAt, scene.snapshot.firstSeen[file.row.id]].compactMap { $0 }.max()
        case .unrecognised: return nil
        }
    }

    /// The fact of one field (semantics 1 to 8).
    public func fact(_ field: Field) -> Fact<FieldValue> {
        switch field {
        case .status: return .known(.text(file.row.status.rawValue))
        case .workflowID: return .known(.text(file.row.workflow.text))
        case .workflowName, .workflowTag, .workflowProject, .workflowActive: return workflowFact(field)
        case .executionMode:
            return chain.originMode.map { .known(.text($0.word)) } ?? .unknown
        case .age, .startedAgo, .endedAt, .ranFor, .overdue: return timeFact(field)
        case .ranForOfP95: return ranForOfP95
        case .waitingFor: return waitingFor
        case .retries: return isWhole ? .known(.number(Int64(retriesMade))) : .unknown
        case .isRetry: return file.row.hidesRetryOf ? .unknown : .known(.flag(file.row.retryOf != nil))
        case .healed: return isHealed || isWhole ? .known(.flag(isHealed)) : .unknown
        case .succeededSince: return succeededSince
        case .customData(let key):
            return fromDetail { detail in
                let note = detail.note(key)
                return note == .absent && !isStored ? .unknown : note
            }
        case .executionTag:
            guard let tags = scene.snapshot.tags[file.row.id] else {
                return scene.snapshot.unreadableTags.contains(file.row.id) ? .unknown : .needs(.tags(file.row.id))
            }
            return .known(.set(tags.map(\.name).sorted()))
        case .errorClass: return classification.map { .text($0.errorClass.rawValue) }
        case .repeatRisk: return repeatRisk.asRiskFact
        case .errorName, .errorMessage, .errorHTTPCode, .errorHTTPMethod, .errorNode, .errorNodeType, .errorCause,
            .errorItems:
            return file.row.status.isFailed ? fromDetail { errorFact(field, $0) } : .absent
        }
    }

    /// Whether n8n has stored what the run noted: it does so when a run ends or goes to sleep. A queued one has noted
    /// nothing yet.
    private var isStored: Bool {
        !file.row.status.isLive || file.row.status == .waiting || file.row.status == .queued
    }

    private func fromDetail(_ read: (ExecutionDetail) -> Fact<FieldValue>) -> Fact<FieldValue> {
        guard let detail = file.detail else { return .needs(.detail(file.row.id)) }
        return read(detail)
    }

    private func workflowFact(_ field: Field) -> Fact<FieldValue> {
        workflow.map { $0.fact(field) } ?? .unknown
    }

    private func timeFact(_ field: Field) -> Fact<FieldValue> {
        func since(_ time: Timestamp?) -> Fact<FieldValue> {
            time.map { .known(.period(scene.snapshot.now - $0)) } ?? .unknown
        }
        let isEnded = file.row.status.isFailed || file.row.status == .success
        switch field {
        case .age: return since(statusSince)
        case .startedAgo:
            return file.row.status == .queued && file.row.startedAt == nil ? .absent : since(file.row.startedAt)
        case .endedAt: return isEnded ? file.row.stoppedAt.map { .known(.time($0)) } ?? .unknown : .absent
        case .ranFor:
            if file.row.status == .queued { return .absent }
            guard isEnded else { return since(file.row.startedAt) }
            guard let start = file.row.startedAt, let end = file.row.stoppedAt else { return .unknown }
            return .known(.period(end - start))
        default: return file.row.status == .waiting ? since(file.row.waitTill) : .absent
        }
    }

    private var ranForOfP95: Fact<FieldValue> {
        switch timeFact(.ranFor) {
        case .known(.period(let period)):
            scene.runTimes(of: file.row.workflow)?.hundredths(period).map { .known(.number($0)) } ?? .unknown
        case .absent: .absent
        default: .unknown
        }
    }

    private var waitingFor: Fact<FieldValue> {
        guard file.row.status == .waiting else { return .absent }
        if let till = file.row.waitTill, till >= Subject.indefinite {
            return .known(.text(ExecutionDetail.WaitKind.event.rawValue))
        }
        return fromDetail { $0.waitKind.map { .known(.text($0.rawValue)) } ?? .unknown }
    }

    /// n8n's sentinel is the year 3000; community nodes use 2099-12-31.
    static let indefinite = Timestamp(rfc3339: "2099-01-01T00:00:00Z") ?? Timestamp(milliseconds: .max)

    private var succeededSince: Fact<FieldValue> {
        if let newest = scene.snapshot.newestSuccess[file.row.workflow], newest > file.row.id {
            return .known(.flag(true))
        }
        if let from = scene.snapshot.listedFrom, file.row.id < from { return .unknown }
        return savesSuccesses ? .known(.flag(false)) : .unknown
    }

    /// Whether a success of the workflow would be seen: it says so, or one was seen, or one of a workflow that leaves
    /// it to the instance's default as this one does.
    private var savesSuccesses: Bool {
        guard let workflow else { return false }
        if let saves = workflow.savesSuccesses { return saves }
        return scene.snapshot.newestSuccess[file.row.workflow] != nil || scene.seesDefaultSuccesses
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

/// What is read for one subject at most once.
private final class SubjectFile {
    let row: Execution
    private let scene: Scene
    /// Where the data of the present status stands in the snapshot; nil before it was fetched.
    private lazy var place: Dictionary<ExecutionID, ExecutionDetail>.Index? = {
        guard let found = scene.snapshot.details.index(forKey: row.id) else { return nil }
        return scene.snapshot.details.values[found].status == row.status ? found : nil
    }()
    /// What the evidence of a failure says.
    private(set) lazy var judgement = place.map { scene.judgement(row.status, $0) }

    init(_ row: Execution, _ scene: Scene) {
        self.row = row
        self.scene = scene
    }

    /// The data of the present status; nil before it was fetched.
    var detail: ExecutionDetail? { place.map { scene.snapshot.details.values[$0] } }
    var hasDetail: Bool { place != nil }
    var error: ErrorEvidence? { place.flatMap { scene.snapshot.details.values[$0].error } }
    var failedNodeType: String? { place.flatMap { scene.snapshot.details.values[$0].lastNode?.type } }
}

extension Chain {
    /// How the chain was started; nil where its first run is gone, is a retry itself, or does not tell.
    var originMode: ExecutionMode? {
        rootRow.flatMap { $0.mode == .retry || !$0.mode.isKnown ? nil : $0.mode }
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
