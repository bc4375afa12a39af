/// The policies that may match, by what many executions share: status, workflow and mode.
///
/// What those three decide of a policy's conditions is decided once for all of them; only what is left of the tree is
/// evaluated for each execution. Kleene's logic makes that safe: a part that is decided stays so, whatever the rest is.
struct MatchIndex {
    /// What the executions of one entry share.
    struct Kind: Hashable {
        var status: ExecutionStatus
        var workflow: WorkflowID
        /// The root's mode; nil where it is unknown.
        var mode: ExecutionMode?
    }
    /// A policy that may match, and what is left to evaluate; nil where it matches in any case.
    struct Candidate {
        var position: Int
        var rest: TestProgram.Root?
        /// Whether nobody can tell: that is no match, but counts in the policy's group.
        var isUnknown = false
    }
    private var candidates: [Kind: [Candidate]] = [:]
    private var program = TestProgram()

    /// The policies of a set, out of `positions`, that may match executions of a kind, in order.
    mutating func candidates(
        _ kind: Kind, of positions: [Int], in set: PolicySet, _ snapshot: Snapshot
    ) -> [Candidate] {
        if let known = candidates[kind] { return known }
        let facts = KindFacts(kind: kind, workflow: snapshot.workflows?[kind.workflow])
        var found: [Candidate] = []
        for position in positions {
            guard let match = set.policies[position].match else {
                found.append(Candidate(position: position, rest: nil))
                continue
            }
            switch facts.remainder(of: match) {
            case .decided(.yes): found.append(Candidate(position: position, rest: nil))
            case .decided(.unknown) where set.policies[position].when != nil:
                found.append(Candidate(position: position, rest: nil, isUnknown: true))
            case .decided: break
            case .open(let rest): found.append(Candidate(position: position, rest: program.add(rest)))
            }
        }
        candidates[kind] = found
        return found
    }

    /// Whether a policy can match any execution of a workflow.
    static func sees(_ workflow: WorkflowID, _ policy: Policy, _ snapshot: Snapshot) -> Bool {
        guard let match = policy.match else { return true }
        let kind = Kind(status: .unrecognised, workflow: workflow, mode: nil)
        let facts = KindFacts(kind: kind, workflow: snapshot.workflows?[workflow], knowsWorkflowOnly: true)
        if case .decided(let verdict) = facts.remainder(of: match) { return verdict == .yes }
        return true
    }

    /// Forgets the verdicts of the execution before.
    mutating func begin() { program.begin() }

    /// The verdict of what is left of a policy's conditions; where it is `needs`, `missing` says which facts.
    mutating func verdict(_ rest: TestProgram.Root, _ subject: Subject) -> Ternary {
        program.verdict(rest, subject, subject.judgement)
    }

    /// The facts that the last verdict lacks.
    var missing: [Need] { program.missing }
}

/// The facts that executions of one kind share.
private struct KindFacts {
    let kind: MatchIndex.Kind
    let workflow: WorkflowInfo?
    var knowsWorkflowOnly = false

    /// What is left of a condition.
    enum Remainder {
        case decided(Ternary)
        case open(Condition)
    }

    func remainder(of condition: Condition) -> Remainder {
        switch condition {
        case .test(let test):
            guard let fact = fact(test.field) else { return .open(condition) }
            return .decided(test.operators.reduce(Ternary.yes) { $0.and($1.verdict(on: fact)) })
        case .not(let part):
            switch remainder(of: part) {
            case .decided(let verdict): return .decided(verdict.negated)
            case .open(let rest): return .open(.not(rest))
            }
        case .all(let parts): return remainder(of: parts, decisive: .no, neutral: .yes, Condition.all)
        case .any(let parts): return remainder(of: parts, decisive: .yes, neutral: .no, Condition.any)
        }
    }

    private func remainder(
        of parts: [Condition], decisive: Ternary, neutral: Ternary, _ group: ([Condition]) -> Condition
    ) -> Remainder {
        var open: [Condition] = []
        var isUnknown = false
        for part in parts {
            switch remainder(of: part) {
            case .decided(decisive): return .decided(decisive)
            case .decided(neutral): break
            // Unknown parts stay, for they decide as long as no other does.
            case .decided:
                isUnknown = true
                open.append(part)
            case .open(let rest): open.append(rest)
            }
        }
        if open.isEmpty { return .decided(neutral) }
        let isDecided = isUnknown && open.allSatisfy { if case .decided = remainder(of: $0) { true } else { false } }
        if isDecided { return .decided(.unknown) }
        return .open(open.count == 1 ? open[0] : group(open))
    }

    private func fact(_ field: Field) -> Fact<FieldValue>? {
        if knowsWorkflowOnly, field == .status || field == .executionMode { return nil }
        return switch field {
        case .status: .known(.text(kind.status.rawValue))
        case .workflowID: .known(.text(kind.workflow.text))
        case .executionMode: kind.mode.map { .known(.text($0.word)) } ?? .unknown
        case .workflowName, .workflowTag, .workflowProject, .workflowActive:
            workflow.map { $0.fact(field) } ?? .unknown
        default: nil
        }
    }
}

extension WorkflowInfo {
    /// The fact of one of the fields about workflows.
    func fact(_ field: Field) -> Fact<FieldValue> {
        switch field {
        case .workflowName: .known(.text(name))
        case .workflowTag: hidesTags ? .unknown : .known(.set(tags.sorted()))
        case .workflowProject: hidesProjects ? .unknown : .known(.set(projects.sorted()))
        default: .known(.flag(active))
        }
    }
}
