import MendflowCore
import MendflowLedger

/// Goes through a ledger and notes what it tells of runs: their workflows, when they ended, and why they failed.
struct FailureReading {
    /// What the data of a failed run tells.
    struct Failure {
        var errorClass: ErrorClass, node: String?, message: String?
        /// When the error happened, as the data says.
        var at: ServerTime?
    }

    private let classifier: ErrorClassifier
    /// The names of workflows, by instance: two n8n may have copies of one.
    private var names: [String: [WorkflowID: String]] = [:]
    private var failures: [RunKey: Failure] = [:]
    /// The same by the data's hash: runs that leave the same data share it.
    private var failuresOfData: [EvidenceHash: Failure] = [:]
    /// When runs had ended, by the rows of what was decided about them.
    private var ends: [RunKey: ServerTime] = [:]
    /// The workflows of chains, by their first runs, and of runs, by the rows of what was decided about them.
    private var workflowsOfChains: [RunKey: WorkflowID] = [:], workflowsOfRuns: [RunKey: WorkflowID] = [:]

    init(_ classifier: ErrorClassifier) { self.classifier = classifier }

    mutating func note(_ event: LedgerEvent) {
        switch event {
        case .planned(let key, let planning): for piece in planning.pieces { note(piece, of: key) }
        case .decided(let decided):
            noteData(of: decided)
            // A chain may be given up of which its policy never tried anything, for its time was over.
            let run = RunKey(decided.instance, decided.execution)
            workflowsOfRuns[run].map { workflowsOfChains[RunKey(decided.instance, decided.root)] = $0 }
        case .reserved(let reservation):
            let draft = reservation.draft
            workflowsOfChains[RunKey(draft.instance, draft.root)] = draft.workflow
        default: break
        }
    }

    private mutating func note(_ piece: EvidencePiece, of key: InstanceKey) {
        if let id = piece.execution {
            if let row = piece.row {
                ends[RunKey(key, id)] = row.endedAt
                workflowsOfRuns[RunKey(key, id)] = row.workflow
                return
            }
            guard let detail = try? ExecutionDetail(piece.value),
                case .known(let found) = classifier.classify(status: detail.status, detail: detail)
            else { return }
            let failure = Failure(
                errorClass: found.errorClass, node: detail.lastNode?.name, message: detail.error?.message)
            failures[RunKey(key, id)] = failure
            failuresOfData[piece.hash] = failure
        } else if let workflow = try? WorkflowInfo(piece.value) {
            names[key.name, default: [:]][workflow.id] = workflow.name
        }
    }

    /// Which data a decision was made from.
    private mutating func noteData(of decided: DecidedExecution) {
        for case .own(let slice)? in [decided.evidence?.enforced, decided.evidence?.dryRun] {
            for facts in slice.facts {
                guard var found = facts.detail.flatMap({ failuresOfData[$0] }) else { continue }
                found.at = facts.failedAt
                failures[RunKey(decided.instance, facts.execution)] = found
            }
        }
    }

    /// The workflow of a chain, by its first run; nil where nothing tells.
    func workflow(ofChain root: RunKey) -> WorkflowID? { workflowsOfChains[root] ?? workflowsOfRuns[root] }

    /// A workflow's name on an instance; nil where nothing tells.
    func name(of workflow: WorkflowID, on instance: String) -> String? { names[instance]?[workflow] }

    /// Why a run failed, and when it had ended.
    func failure(of run: RunKey) -> Failure? {
        guard var failure = failures[run] else { return nil }
        // An error tells a time of its own, which is that of a node's try, and may be long before the run was over.
        failure.at = ends[run] ?? failure.at
        return failure
    }
}
