/// The facts that executions of one kind share.
struct KindFacts {
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
        default: .known(.flag(isSwitchedOn))
        }
    }

    /// Whether it is active; an archived one counts as switched off.
    package var isSwitchedOn: Bool { active && !isArchived }
}
