/// What one piece of evidence says, whatever executions left it; worked out when it is asked for.
final class Judgement {
    private let status: ExecutionStatus
    private let detail: ExecutionDetail
    private var classification: Fact<Classification>?
    private var risk: RepeatRiskVerdict?
    /// Verdicts of tests that look at nothing else, by their number in the program.
    private var verdicts: [Ternary?] = []

    init(_ status: ExecutionStatus, _ detail: ExecutionDetail) {
        self.status = status
        self.detail = detail
    }

    /// The class of the failure.
    func classification(_ tables: JudgementTables) -> Fact<Classification> {
        if let classification { return classification }
        let found = tables.classifier.classify(status: status, detail: detail)
        classification = found
        return found
    }

    /// The repeat risk of the failure.
    func risk(_ tables: JudgementTables) -> RepeatRiskVerdict {
        if let risk { return risk }
        let found = tables.risks.judge(status: status, detail: detail)
        risk = found
        return found
    }

    /// A test's verdict, where it was found before.
    func verdict(ofTest number: Int) -> Ternary? { number < verdicts.count ? verdicts[number] : nil }

    /// Keeps a test's verdict.
    func keep(_ verdict: Ternary, ofTest number: Int) {
        while verdicts.count <= number { verdicts.append(nil) }
        verdicts[number] = verdict
    }
}

extension Judgement {
    /// Hashes what tells most apart; `isOf` looks at the rest.
    static func hash(_ status: ExecutionStatus, _ detail: ExecutionDetail) -> Int {
        var hasher = Hasher()
        hasher.combine(status)
        detail.hashEvidence(into: &hasher)
        return hasher.finalize()
    }

    /// Whether a failure left the same evidence.
    func isOf(_ status: ExecutionStatus, _ other: ExecutionDetail) -> Bool {
        self.status == status && detail.isSameEvidence(as: other)
    }
}
