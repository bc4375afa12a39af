/// A failure's class and the rule that gave it.
public struct Classification: Sendable, Hashable {
    /// The class.
    public var errorClass: ErrorClass
    /// The rule's id; `none` where no rule matched.
    public var ruleID: String

    /// Makes a classification.
    public init(_ errorClass: ErrorClass, ruleID: String) {
        self.errorClass = errorClass
        self.ruleID = ruleID
    }
    /// No rule knows the error.
    public static let unmatched = Classification(.unknown, ruleID: "none")
}

/// Finds the class of a failure: the first rule that matches gives it.
public struct ErrorClassifier: Sendable, Hashable {
    /// The rules, in the order in which they are tried.
    public let rules: [ErrorRule]
    private let index: ErrorRuleIndex

    /// Makes a classifier; users' rules stand before built-in ones (`ErrorRuleTable.rules`).
    public init(rules: [ErrorRule]) {
        self.rules = rules
        index = ErrorRuleIndex(rules)
    }

    /// Equal where the rules are.
    public static func == (one: ErrorClassifier, other: ErrorClassifier) -> Bool { one.rules == other.rules }
    /// Hashes the rules.
    public func hash(into hasher: inout Hasher) { hasher.combine(rules) }

    /// The class of a failure: absent where the run has not failed, unknown where its error cannot be read.
    ///
    /// An error that was read and that no rule knows is known to be of class `unknown`. Where parts of it were hidden, the
    /// class is known only if no rule before the one that gives it looks at a hidden part that might have matched.
    public func classify(status: ExecutionStatus, detail: ExecutionDetail) -> Fact<Classification> {
        guard status.isFailed else { return .absent }
        let isWhole = detail.readability == .readable
        guard detail.status == status, isWhole || detail.error != nil else { return .unknown }
        if !isWhole, let error = detail.error { return classify(detail, hidden: error) }
        let failure = ClassifiedFailure(detail)
        for place in index.candidates(for: failure) where rules[place].matches(failure) {
            return .known(Classification(rules[place].errorClass, ruleID: rules[place].id))
        }
        return detail.error != nil ? .known(.unmatched) : .unknown
    }

    private func classify(_ detail: ExecutionDetail, hidden error: ErrorEvidence) -> Fact<Classification> {
        for rule in rules {
            switch rule.verdict(of: detail, hidden: error) {
            case .no: continue
            case .yes: return .known(Classification(rule.errorClass, ruleID: rule.id))
            case .unknown, .needs: return .unknown
            }
        }
        return .unknown
    }
}

/// A failure as rules look at it: what they need of the evidence, worked out once for all of them.
struct ClassifiedFailure {
    let detail: ExecutionDetail
    /// What rules on codes look at.
    let codes: [String]
    /// What users' rules on words look at.
    let texts: [String]
    /// What built-in rules on words look at.
    let spoken: [String]

    init(_ detail: ExecutionDetail) {
        self.detail = detail
        codes = detail.error?.knownCodes ?? []
        texts = detail.error?.texts ?? []
        spoken = detail.error?.spokenTexts(ofNode: detail.lastNode?.type) ?? []
    }
}

extension ErrorRule {
    /// Whether all parts that the rule names match; a rule that names no part matches nothing.
    public func matches(_ detail: ExecutionDetail) -> Bool { matches(ClassifiedFailure(detail)) }

    func matches(_ failure: ClassifiedFailure) -> Bool {
        let detail = failure.detail
        if let statuses, !statuses.contains(detail.status) { return false }
        if let reachedTimeLimit, reachedTimeLimit != detail.reachedTimeLimit { return false }
        guard nodeTypes.isEmpty || nodeTypes.match(detail.lastNode?.type) else { return false }
        guard let error = detail.error else { return withoutError }
        guard !withoutError else { return false }
        if let cause, cause != error.cause { return false }
        guard httpCodes.isEmpty || failure.codes.contains(where: httpCodes.match),
            codes.isEmpty || error.allCodes.contains(where: codes.match), names.isEmpty || names.match(error.name)
        else { return false }
        guard let text else { return namesPart }
        return (spokenOnly ? failure.spoken : failure.texts).contains(where: text.matches)
    }

    /// Whether there is anything that the rule looks for.
    private var namesPart: Bool {
        statuses != nil || cause != nil || text != nil || reachedTimeLimit != nil || !httpCodes.isEmpty
            || !codes.isEmpty || !names.isEmpty || !nodeTypes.isEmpty
    }
}

extension ErrorRule {
    /// The same of an error of which n8n showed only some parts: unknown where a part that is not there decides.
    func verdict(of detail: ExecutionDetail, hidden error: ErrorEvidence) -> Ternary {
        if let statuses, !statuses.contains(detail.status) { return .no }
        if let reachedTimeLimit, reachedTimeLimit != detail.reachedTimeLimit { return .no }
        guard !withoutError, namesPart else { return .no }
        var verdict = nodeTypes.verdict(detail.lastNode?.type).and(httpCodes.verdict(error.httpCode))
            .and(codes.isEmpty ? .yes : .unknown).and(names.verdict(error.name))
        if let cause { verdict = verdict.and(error.cause.map { Ternary($0 == cause) } ?? .unknown) }
        if let text {
            let seen = spokenOnly ? error.spokenTexts(ofNode: detail.lastNode?.type) : error.texts
            // What of the texts is seen may not be all of them.
            verdict = verdict.and(seen.contains(where: text.matches) ? .yes : .unknown)
        }
        return verdict
    }
}

extension [TextMatch] {
    /// Whether any matches a text that may have been hidden; none at all match everything.
    fileprivate func verdict(_ text: String?) -> Ternary {
        if isEmpty { return .yes }
        return text == nil ? .unknown : Ternary(match(text))
    }

    /// Whether any of them matches a text that is there.
    func match(_ text: String?) -> Bool {
        guard let text else { return false }
        return contains { $0.matches(text) }
    }
}
