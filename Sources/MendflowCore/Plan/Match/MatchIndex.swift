/// The policies that may match, by what many executions share: status, workflow and mode.
///
/// What those three decide of a policy's conditions is decided once for all of them; only what is left of the tree is
/// evaluated for each execution. Kleene's logic makes that safe: a part that is decided stays so, whatever the rest is.
struct MatchIndex: Sendable {
    /// What the executions of one entry share.
    struct Kind {
        var status: ExecutionStatus
        var workflow: WorkflowID
        /// The root's mode; nil where it is unknown.
        var mode: ExecutionMode?
    }
    /// A policy that may match the executions of a kind.
    struct Candidate: Sendable {
        /// Its position in the policy set.
        var position: Int
        /// The conditions that are left to evaluate; nil where status, workflow and mode decided all of them.
        var rest: TestProgram.Root?
        /// True if status, workflow and mode alone leave the conditions unknown: never a match, but no plain no either. It
        /// may be a member of the policy's `when` group, and what the policy excepts is left alone.
        var isUnknown = false
    }
    /// What was found for the executions of one kind.
    private struct Found: Sendable {
        var mode: ExecutionMode?
        var matching: [Candidate], excepting: [Candidate]
    }
    /// The workflows by which candidates were found.
    let workflows: [WorkflowID: WorkflowInfo]?
    private var kinds = StatusTable<[WorkflowID: [Found]]> { _ in [:] }
    var program = TestProgram()

    init(workflows: [WorkflowID: WorkflowInfo]?) { self.workflows = workflows }

    /// The policies, out of those at `positions`, that may match executions of a kind, in order.
    mutating func candidates(_ kind: Kind, of positions: [Int], in policies: [SharedPolicy]) -> [Candidate] {
        found(kind, positions, policies).matching
    }

    /// The policies whose exceptions may be about executions of a kind: by what their authors wrote alone, without what is
    /// implied (semantics 11).
    mutating func excepting(_ kind: Kind, of positions: [Int], in policies: [SharedPolicy]) -> [Candidate] {
        found(kind, positions, policies).excepting
    }

    private mutating func found(_ kind: Kind, _ positions: [Int], _ policies: [SharedPolicy]) -> Found {
        if let known = kinds[kind.status][kind.workflow]?.first(where: { $0.mode == kind.mode }) { return known }
        let facts = KindFacts(kind: kind, workflow: workflows?[kind.workflow])
        let found = Found(
            mode: kind.mode,
            matching: positions.compactMap { candidate($0, policies[$0].policy.match, facts) },
            excepting: positions.filter { !policies[$0].policy.sharedExceptions.isEmpty }
                .compactMap { candidate($0, policies[$0].policy.match?.written, facts) })
        kinds[kind.status][kind.workflow, default: []].append(found)
        return found
    }

    private mutating func candidate(_ position: Int, _ match: Condition?, _ facts: KindFacts) -> Candidate? {
        guard let match else { return Candidate(position: position) }
        return switch facts.remainder(of: match) {
        case .decided(.yes): Candidate(position: position)
        case .decided(.unknown): Candidate(position: position, isUnknown: true)
        case .decided: nil
        case .open(let rest): Candidate(position: position, rest: program.add(rest))
        }
    }

    /// Whether a policy can match any execution of a workflow.
    static func sees(_ workflow: WorkflowID, _ policy: Policy, _ workflows: [WorkflowID: WorkflowInfo]?) -> Bool {
        guard let match = policy.match else { return true }
        let kind = Kind(status: .unrecognised, workflow: workflow, mode: nil)
        let facts = KindFacts(kind: kind, workflow: workflows?[workflow], knowsWorkflowOnly: true)
        if case .decided(let verdict) = facts.remainder(of: match) { return verdict == .yes }
        return true
    }

    /// Forgets the verdicts of the execution before.
    mutating func begin() { program.begin() }

    /// A candidate's verdict on an execution; where it is `needs`, `missing` says which facts.
    mutating func verdict(_ candidate: Candidate, _ subject: Subject) -> Ternary {
        guard !candidate.isUnknown else { return .unknown }
        guard let rest = candidate.rest else { return .yes }
        return program.verdict(rest, subject, subject.judgement)
    }

    /// The facts that the last verdict lacks.
    var missing: [Need] { program.missing }
}
