/// What one piece of evidence says, whatever executions left it; worked out when it is asked for.
final class Judgement {
    private let status: ExecutionStatus
    private let detail: ExecutionDetail
    private let hash: Int
    private var ruled: RuledEvidence?
    /// Verdicts of tests that look at nothing else, by their number in the program.
    private var verdicts: [Ternary?] = []

    /// `hash` is that of the evidence.
    init(_ status: ExecutionStatus, _ detail: ExecutionDetail, _ hash: Int) {
        self.status = status
        self.detail = detail
        self.hash = hash
    }

    /// The class of the failure.
    func classification(_ tables: JudgementTables) -> Fact<Classification> { ruled(tables).classification(tables) }

    /// The repeat risk of the failure.
    func risk(_ tables: JudgementTables) -> RepeatRiskVerdict { ruled(tables).risk(tables) }

    private func ruled(_ tables: JudgementTables) -> RuledEvidence {
        if let ruled { return ruled }
        let found = tables.ruled.evidence(status, detail, hash)
        ruled = found
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
