import Synchronization

/// What the rules say of one piece of evidence; they are asked once.
final class RuledEvidence: Sendable {
    private struct Found {
        var classification: Fact<Classification>?
        var risk: RepeatRiskVerdict?
    }
    private let status: ExecutionStatus
    private let detail: ExecutionDetail
    private let found = Mutex(Found())

    init(_ status: ExecutionStatus, _ detail: ExecutionDetail) {
        self.status = status
        self.detail = detail
    }

    /// The class of the failure.
    func classification(_ tables: JudgementTables) -> Fact<Classification> {
        if let known = found.withLock({ $0.classification }) { return known }
        let classification = tables.classifier.classify(status: status, detail: detail)
        found.withLock { $0.classification = classification }
        return classification
    }

    /// The repeat risk of the failure.
    func risk(_ tables: JudgementTables) -> RepeatRiskVerdict {
        if let known = found.withLock({ $0.risk }) { return known }
        let risk = tables.risks.judge(status: status, detail: detail)
        found.withLock { $0.risk = risk }
        return risk
    }

    fileprivate func isOf(_ status: ExecutionStatus, _ other: ExecutionDetail) -> Bool {
        self.status == status && detail.isSameEvidence(as: other)
    }
}

/// Keeps what rules said of evidence, so that the next plan need not ask them again.
///
/// It changes no result: the same rules say the same of the same evidence, whoever asks.
final class RuledEvidenceKeeper: Sendable {
    private struct Kept {
        var byHash: [Int: [RuledEvidence]] = [:]
        var count = 0
    }
    private let kept = Mutex(Kept())

    /// Failures come in storms that leave the same evidence; what differs in each must not fill the memory.
    private static let most = 128

    /// What is known of evidence with a hash (`Judgement.hash`), to be added to.
    func evidence(_ status: ExecutionStatus, _ detail: ExecutionDetail, _ hash: Int) -> RuledEvidence {
        kept.withLock { kept in
            if let known = kept.byHash[hash]?.first(where: { $0.isOf(status, detail) }) { return known }
            if kept.count == RuledEvidenceKeeper.most { kept = Kept() }
            let fresh = RuledEvidence(status, detail)
            kept.byHash[hash, default: []].append(fresh)
            kept.count += 1
            return fresh
        }
    }
}
