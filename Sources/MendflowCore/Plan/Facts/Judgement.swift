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
        hasher.combine(detail.itemsToRepeat)
        hasher.combine(detail.lastNode?.name)
        hasher.combine(detail.lastNode?.method)
        hasher.combine(detail.error?.httpCode)
        hasher.combine(detail.error?.message)
        return hasher.finalize()
    }

    /// Whether a failure left the same evidence: all of its data but what differs between any two runs.
    func isOf(_ status: ExecutionStatus, _ other: ExecutionDetail) -> Bool {
        self.status == status && detail.status == other.status && detail.readability == other.readability
            && detail.itemsToRepeat == other.itemsToRepeat && detail.finishedNodes == other.finishedNodes
            && detail.resumesAtNode == other.resumesAtNode && detail.lastNode == other.lastNode
            && detail.startNode == other.startNode && detail.hasEmptyStack == other.hasEmptyStack
            && detail.ranToItsEnd == other.ranToItsEnd
            && detail.ranPastStack == other.ranPastStack
            && detail.tools == other.tools
            && detail.reachedTimeLimit == other.reachedTimeLimit
            && detail.error?.isSame(as: other.error) ?? (other.error == nil)
    }
}

extension ErrorEvidence {
    fileprivate func isSame(as other: ErrorEvidence?) -> Bool {
        guard let other else { return false }
        return httpCode == other.httpCode && message == other.message && name == other.name
            && description == other.description && cause == other.cause && messages == other.messages
            && status == other.status && codes == other.codes && answerCodes == other.answerCodes
            && details == other.details
            && itemIndex == other.itemIndex
    }
}
