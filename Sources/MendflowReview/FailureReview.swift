public import MendflowCore

/// How one failed execution is judged, and by what: for a person with its data in hand.
public struct FailureReview: Sendable {
    /// The execution with what its data says.
    public let failure: DetailedExecution
    /// The class and the rule that gave it.
    public let classification: Fact<Classification>
    /// The built-in stage in which that rule stands; nil for a user's rule.
    public let stage: ErrorStage?
    /// What the rule saw of the error, part by part.
    public let seen: [String]
    /// What a retry may do again.
    public let risk: RepeatRiskVerdict
    /// Before when the service asked not to be called; nil where it named no time.
    public let earliestRetry: ServerTime?

    /// Judges a failure.
    public init(_ failure: DetailedExecution, tables: JudgementTables) {
        let (status, detail) = (failure.execution.status, failure.detail)
        self.failure = failure
        classification = tables.classifier.classify(status: status, detail: detail)
        var rule: ErrorRule?
        if case .known(let known) = classification {
            rule = tables.classifier.rules.first { $0.id == known.ruleID && $0.matches(detail) }
        }
        seen = rule?.parts(seenIn: detail) ?? []
        stage = rule.flatMap { rule in ErrorStage.allCases.first { $0.rules.contains { $0.isSource(of: rule) } } }
        risk = tables.risks.judge(status: status, detail: detail)
        earliestRetry = (failure.execution.stoppedAt ?? detail.error?.at).flatMap {
            detail.error?.earliestRetry(after: $0)
        }
    }
}

extension ErrorRuleSpec {
    /// Whether a rule was made from this one: the forms of an id differ in what they look at.
    fileprivate func isSource(of rule: ErrorRule) -> Bool {
        id == rule.id && errorClass == rule.errorClass && codes.count == rule.httpCodes.count
            && names.count == rule.names.count && nodeTypes.count == rule.nodeTypes.count
            && (text == nil) == (rule.text == nil)
    }
}
