/// The live matcher, asked of a past: which policies match an execution at any moment of its life.
///
/// It stands on the same index and the same compiled program that `MatchStage` runs. What status, workflow and mode decide is
/// decided once for all executions of a kind; what the evidence of a failure decides once for all that left it; what is left
/// are bounds of times, which cost a few comparisons for each execution. Conditions that come down to none of these are
/// evaluated by the program itself, at each moment at which they may turn out otherwise.
package struct PastMatching {
    private let set: PolicySet
    private let runTimes: [WorkflowID: RunTimes]
    private let workflows: [WorkflowID: WorkflowInfo]
    private var index: MatchIndex
    /// What left each piece of evidence, by the caller's number of it.
    private var witnesses: [Int: Subject] = [:]

    /// What executions of the past have in common.
    package struct Kind: Sendable, Hashable {
        /// The status, the workflow, and how the first run of the chain was started; nil where nobody can tell.
        package var status: ExecutionStatus, workflow: WorkflowID, mode: ExecutionMode?

        /// Makes a kind.
        package init(status: ExecutionStatus, workflow: WorkflowID, mode: ExecutionMode?) {
            self.status = status
            self.workflow = workflow
            self.mode = mode
        }
    }

    /// Makes one for policies in a past with these workflows, whose successful runs took so long.
    package init(_ set: PolicySet, workflows: [WorkflowID: WorkflowInfo], runTimes: [WorkflowID: RunTimes]) {
        self.set = set
        self.workflows = workflows
        self.runTimes = runTimes
        index = MatchIndex(workflows: workflows)
    }

    /// What is left of the policies for executions of a kind that nobody retried and that retry none. `isEvidenceOpen` says
    /// whether they have evidence of their own, on which `verdict` judges what is left of it.
    package mutating func policies(of kind: Kind, isEvidenceOpen: Bool) -> [OpenPolicy] {
        let model = subject(kind.status, kind.workflow, kind.mode ?? .unread, nil)
        return candidates(of: kind).compactMap { open($0, model, kind, isEvidenceOpen ? .evidence : .none) }
    }

    /// What is left of the policies for one execution in a state of its chain.
    package mutating func policies(of subject: Subject) -> [OpenPolicy] {
        let kind = Kind(
            status: subject.row.status, workflow: subject.row.workflow, mode: subject.chain.originMode)
        return candidates(of: kind).compactMap { open($0, subject, kind, .none) }
    }

    /// Whether the evidence of a failure is as a policy wants it. The same number must always stand for the same evidence.
    package mutating func verdict(
        _ policy: OpenPolicy, onEvidence number: Int, _ detail: ExecutionDetail
    ) -> Ternary {
        guard !policy.evidence.isEmpty else { return .yes }
        let witness = witnesses[number] ?? subject(detail.status, "", .unread, detail)
        witnesses[number] = witness
        index.begin()
        var verdict = Ternary.yes
        for part in policy.evidence {
            verdict = verdict.and(index.verdict(of: part, witness))
            if verdict == .no { break }
        }
        return verdict
    }

    /// A policy's verdict on an execution at the moment of its snapshot, all conditions asked.
    package mutating func verdict(_ policy: OpenPolicy, _ subject: Subject) -> Ternary {
        index.begin()
        return index.verdict(policy.candidate, subject)
    }

    private mutating func candidates(of kind: Kind) -> [MatchIndex.Candidate] {
        let kind = MatchIndex.Kind(status: kind.status, workflow: kind.workflow, mode: kind.mode)
        return index.candidates(kind, of: set.byStatus[kind.status], in: set.shared)
    }

    /// An execution by itself. Nothing is asked of it but what does not depend on its times.
    private func subject(
        _ status: ExecutionStatus, _ workflow: WorkflowID, _ mode: ExecutionMode, _ detail: ExecutionDetail?
    ) -> Subject {
        let (start, end) = (ServerTime(milliseconds: 0), ServerTime(milliseconds: 1))
        let row = Execution(
            id: "1", workflow: workflow, status: status, mode: mode, startedAt: start,
            stoppedAt: status.isLive ? nil : end)
        var snapshot = Snapshot(instance: InstanceKey(name: set.instance, epoch: 1), now: end)
        snapshot.executions = [row.id: row]
        snapshot.workflows = workflows
        snapshot.tags[row.id] = []
        snapshot.details[row.id] = detail
        let view = LedgerView()
        return Subject(
            snapshot: snapshot, view: view, tables: set.tables, chain: Chains(snapshot, view).chain(of: row.id),
            row: row)
    }
}

// What is left of a policy.
extension PastMatching {
    private enum Leaving { case none, evidence }

    /// What is left of a candidate once everything is decided that a subject tells; nil where it does not match.
    private mutating func open(
        _ candidate: MatchIndex.Candidate, _ subject: Subject, _ kind: Kind, _ leaving: Leaving
    ) -> OpenPolicy? {
        var policy = OpenPolicy(position: candidate.position, candidate: candidate)
        policy.isUnknown = candidate.isUnknown
        guard let rest = candidate.rest else { return policy }
        for part in index.conjuncts(of: rest) {
            let fields = index.tests(of: part).map(\.field)
            guard !fields.contains(where: { $0.changesByItself(of: kind.status) }) else {
                if !takeTimes(part, &policy, kind) { policy.isBounded = false }
                continue
            }
            if leaving == .evidence, fields.contains(where: \.isOfEvidence) {
                policy.evidence.append(part)
                continue
            }
            index.begin()
            switch index.verdict(of: part, subject) {
            case .yes: break
            case .no: return nil
            case .unknown, .needs: policy.isUnknown = true
            }
        }
        return policy
    }

    /// Whether a part comes down to bounds of times.
    private func takeTimes(_ part: TestProgram.Root, _ policy: inout OpenPolicy, _ kind: Kind) -> Bool {
        guard let (test, isNegated) = index.test(of: part) else { return false }
        let runTimes = runTimes[kind.workflow]
        if test.field == .ranForOfP95, kind.status != .queued, runTimes?.hundredths(.zero) == nil {
            policy.isUnknown = true
            return true
        }
        return policy.times.narrow(test, isNegated: isNegated, runTimes: runTimes)
    }

    /// Lengths of time by whose going by a policy's conditions may turn out otherwise.
    package func limits(of policy: OpenPolicy, _ workflow: WorkflowID) -> [Period] {
        guard let rest = policy.candidate.rest else { return [] }
        return index.tests(of: rest).flatMap { test in
            test.operators.flatMap { operation -> [Period] in
                switch operation {
                case .period(_, let period): return [period]
                case .number(_, let number) where test.field == .ranForOfP95:
                    guard let p95 = runTimes[workflow]?.p95 else { return [] }
                    return [number, number + 1].map { p95.share(inHundredths: $0) }
                default: return []
                }
            }
        }
    }
}

extension Field {
    /// Whether a fact of it may change while nothing but time goes on, or differs between executions by their times.
    fileprivate func changesByItself(of status: ExecutionStatus) -> Bool {
        switch self {
        case .age, .startedAgo, .ranFor, .ranForOfP95, .succeededSince: true
        case .endedAt: !status.isLive
        case .overdue: status == .waiting
        default: false
        }
    }

    /// Whether it stands in the data of an execution.
    fileprivate var isOfEvidence: Bool {
        if case .customData = self { return true }
        return isOfError
    }
}

/// A policy that may match an execution, and what is still to be asked.
package struct OpenPolicy: Sendable {
    /// Its position in the policy set.
    package let position: Int
    let candidate: MatchIndex.Candidate
    /// What only the evidence of a failure decides.
    var evidence: [TestProgram.Root] = []
    /// Whether something is unknown, so that it is a match that nobody can be sure of at the most.
    package internal(set) var isUnknown = false
    /// When it matches, if everything else holds.
    package internal(set) var times = TimeBounds()
    /// Whether times come down to bounds; where not, all conditions have to be asked at every moment at which they may turn out
    /// otherwise.
    package internal(set) var isBounded = true

    init(position: Int, candidate: MatchIndex.Candidate) {
        self.position = position
        self.candidate = candidate
    }

    /// Whether evidence is asked for.
    package var asksForEvidence: Bool { !evidence.isEmpty }
}
