import MendflowCore

/// Plannings that cannot be made again, because records that they or their decisions lean on were sealed.
struct LeaningDecisions: Sendable {
    /// The positions of their entries.
    private(set) var plannings: Set<Int> = []
    /// The positions of the decisions that came of them, and of those whose planning was sealed itself.
    private(set) var decisions: Set<Int> = []

    /// Looks through the entries behind record `floor`.
    init(_ entries: [LedgerEntry], behind floor: Int64, _ reader: EvidenceReader) {
        var newest: [InstanceKey: Int] = [:], made: [Int: [Int]] = [:]
        for (index, entry) in entries.enumerated() {
            switch entry.event {
            case .planned(let key, let planning):
                newest[key] = index
                let isWhole = planning.head >= floor && reader.piece(planning.policies) != nil
                if !isWhole || index - planning.between - planning.reconciled < 0 { plannings.insert(index) }
            case .decided(let decided) where decided.evidence != nil:
                guard let planning = newest[decided.instance] else {
                    decisions.insert(index)
                    continue
                }
                made[planning, default: []].append(index)
                // What one planning let be done counts for all that it decided.
                if !reader.holds(decided.evidence) { plannings.insert(planning) }
            default: break
            }
        }
        for planning in plannings { decisions.formUnion(made[planning] ?? []) }
    }

    /// None do.
    init() {}
}

extension EvidenceReader {
    /// Whether all pieces are there that a decision names.
    fileprivate func holds(_ evidence: DecisionEvidence?) -> Bool {
        [evidence?.enforced, evidence?.dryRun].compactMap { $0 }.allSatisfy { source in
            switch source {
            case .own(let slice): return slice.hashes.allSatisfy { piece($0) != nil }
            case .joint(let hash):
                guard let value = piece(hash)?.value, let slice = try? EvidenceSlice(value) else { return false }
                return slice.hashes.allSatisfy { piece($0) != nil }
            }
        }
    }
}
