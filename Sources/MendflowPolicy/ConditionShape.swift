internal import MendflowCore

extension Condition {
    /// The tests that must hold whenever the tree holds, that is, those that are reached through ANDs alone.
    var required: [FieldTest] {
        switch self {
        case .test(let test): [test]
        case .all(let parts): parts.flatMap(\.required)
        case .any(let parts): parts.count == 1 ? parts[0].required : []
        case .not: []
        }
    }

    /// Whether the form of the tree alone shows that it holds for every execution, so that a policy with it would act
    /// on everything.
    var matchesEverything: Bool {
        switch self {
        case .test(let test): test.isImplicit || test.operators.allSatisfy { $0.isTrivial(of: test.field) }
        case .all(let parts): parts.allSatisfy(\.matchesEverything)
        case .any(let parts): parts.contains(where: \.matchesEverything)
        case .not(let part): part.matchesNothing
        }
    }

    /// Whether the form of the tree alone shows that it can never hold.
    var matchesNothing: Bool {
        switch self {
        case .test(let test): test.field == .status && !test.operators.isEmpty && statuses?.isEmpty == true
        case .all(let parts): parts.contains(where: \.matchesNothing) || statuses?.isEmpty == true
        case .any(let parts): parts.allSatisfy(\.matchesNothing)
        case .not(let part): part.matchesEverything
        }
    }

    /// Adds an implied condition wherever the author said nothing about its subject: to the whole tree, or only to
    /// those branches of an `any` that do not mention it. So in `any: [{execution_mode: manual}, {status: error}]` only
    /// the second branch is limited to production runs.
    func adding(
        _ implied: (_ namesWorkflow: Bool) -> FieldTest, unlessAbout isAbout: (Field) -> Bool,
        namesWorkflow: Bool = false
    ) -> Condition {
        guard !speaks(of: isAbout) else { return self }
        let named = namesWorkflow || self.namesWorkflow
        switch self {
        case .any(let parts) where parts.contains(where: { $0.mentions(isAbout) }):
            return .any(parts.map { $0.adding(implied, unlessAbout: isAbout, namesWorkflow: named) })
        case .all(let parts):
            guard let index = parts.firstIndex(where: { $0.isGroup && $0.mentions(isAbout) }) else {
                return .all(parts + [.test(implied(named))])
            }
            var changed = parts
            changed[index] = parts[index].adding(implied, unlessAbout: isAbout, namesWorkflow: named)
            return .all(changed)
        default: return .all([self, .test(implied(named))])
        }
    }

    private var isGroup: Bool {
        switch self {
        case .any, .all: true
        case .not, .test: false
        }
    }

    private func mentions(_ isAbout: (Field) -> Bool) -> Bool { fields.contains(where: isAbout) }

    /// Whether everything that the tree lets through was chosen with the field in mind.
    private func speaks(of isAbout: (Field) -> Bool) -> Bool {
        switch self {
        case .test(let test): isAbout(test.field)
        case .all(let parts): parts.contains { $0.speaks(of: isAbout) }
        case .any(let parts): parts.allSatisfy { $0.speaks(of: isAbout) }
        // `not: {a, b}` also lets through what is not a, whatever its b is. So it speaks of a field only if all of its
        // parts do.
        case .not(let part): part.fields.allSatisfy(isAbout)
        }
    }

    /// Whether it can hold only for workflows that the author named, by a literal name, an id or a tag.
    private var namesWorkflow: Bool {
        switch self {
        case .test(let test):
            [.workflowName, .workflowID, .workflowTag].contains(test.field)
                && test.operators.contains { operation in
                    if case .anyOf(let matches) = operation { matches.allSatisfy(\.isLiteral) } else { false }
                }
        case .all(let parts): parts.contains(where: \.namesWorkflow)
        case .any(let parts): parts.allSatisfy(\.namesWorkflow)
        case .not: false
        }
    }
}

extension FieldOperator {
    /// Whether the operator holds for every value that the field can have.
    func isTrivial(of field: Field) -> Bool {
        switch self {
        case .anyOf where field == .status:
            FieldCatalogue.statuses.allSatisfy { FieldOperator.holds(self, .text($0)) }
        case .anyOf(let matches): matches.contains(where: \.isOnlyStars)
        case .period(let comparison, let period): comparison == .gte && period <= .zero
        case .number(let comparison, let number): comparison == .gte && number <= 0
        case .exists(let wanted): wanted && [.status, .workflowID, .workflowName, .executionMode].contains(field)
        default: false
        }
    }
}

extension TextMatch {
    fileprivate var isOnlyStars: Bool {
        switch self {
        case .wildcard(let text), .glob(let text): text.utf8.allSatisfy { $0 == UInt8(ascii: "*") }
        case .contains, .expression: false
        }
    }
}

/// What the language adds by itself (semantics 46).
enum ImpliedConditions {
    /// Production roots, where the author says nothing of `execution_mode`.
    static let productionRoots = FieldTest(
        .executionMode, [.anyOf(FieldCatalogue.productionModes.map(TextMatch.wildcard))], isImplicit: true)

    /// Workflows that are switched on, where a policy with a remediation says nothing of that: people switch one off to end
    /// what it does, and look at what is left of it themselves; n8n runs a retry of it all the same.
    static let activeWorkflows = FieldTest(.workflowActive, [.flag(true)], isImplicit: true)

    /// Failures that trying again can help, where a retry says nothing of `error`.
    static func helpedByRetry(namesWorkflow: Bool) -> FieldTest {
        let left = ErrorClass.allCases.filter {
            ErrorClass.notHelpedByRetry.contains($0) || ($0 == .unknown && !namesWorkflow)
        }
        return FieldTest(.errorClass, [.noneOf(left.map { .wildcard($0.rawValue) })], isImplicit: true)
    }

    /// The fields of `error`.
    static func isAboutError(_ field: Field) -> Bool { FieldCatalogue.error.contains { $0.field == field } }
}
