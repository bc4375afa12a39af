import MendflowCore
import MendflowLedger

/// The decisions of one planning that are to be written down, with the evidence that they were made from.
struct DecisionRecords {
    /// The decisions, by execution.
    private(set) var all: [DecidedExecution] = []
    private let decided: Decided
    private let acts: Bool
    private let instance: InstanceKey
    private var collector: EvidenceCollector
    /// What slices are cut from, made when the first decision has changed.
    private var enforced: SnapshotSlices?, dryRun: SnapshotSlices?
    /// A slice of the planning, which has the numbers that are the same in all.
    private var slice: Snapshot?

    /// Picks what has changed; `isKnown` tells which evidence need not be written again.
    init(
        _ decided: Decided, acts: Bool, _ instance: InstanceKey, isKnown: @escaping (EvidenceHash) -> Bool
    ) {
        self.decided = decided
        self.acts = acts
        self.instance = instance
        collector = EvidenceCollector(isKnown: isKnown)
        let (first, second) = (decided.plan.decisions, decided.dryRunPlan.decisions)
        // In dry-run both passes write the same verdicts: apart, each would take the other's for a transition.
        add(first, acts ? [] : second, decided.view)
        if acts { add([], second, decided.dryRunView) }
    }

    /// The planning that they follow; nil where nothing is to be written down.
    mutating func planning(at place: Planning.Place) -> Planning? {
        guard let slice else { return nil }
        let policies = collector.note(decided.policies.evidence)
        return Planning(
            slice, at: place, acts: acts, deletesOld: decided.deletesOld, policies: policies,
            terms: decided.policies.terms, pieces: collector.pieces)
    }

    /// All decisions about one execution are compared together with what was recorded of it last. What acts is recorded each
    /// time: a request is never without the decision behind it.
    private mutating func add(_ first: [Decision], _ second: [Decision], _ view: LedgerView) {
        // On an idle tick nothing is new, and there may be thousands of decisions.
        if let unrecorded = decided.unrecorded, unrecorded.isEmpty { return }
        let enforced = Dictionary(grouping: first.filter(mayHaveChanged), by: \.execution)
        let dryRun = Dictionary(grouping: second.filter(mayHaveChanged), by: \.execution)
        for execution in Set(enforced.keys).union(dryRun.keys).sorted() {
            let decisions = (enforced[execution] ?? []) + (dryRun[execution] ?? [])
            let isDue = decisions.contains { if case .act = $0.verdict { true } else { false } }
            guard isDue || view.verdicts[execution] != LedgerView.RecordedVerdict(decisions) else { continue }
            let evidence = DecisionEvidence(
                enforced: enforced[execution].map { source($0[0], .enforced) },
                dryRun: dryRun[execution].map { source($0[0], .dryRun) })
            all.append(
                DecidedExecution(
                    decisions, instance: instance, isShadow: !acts || enforced[execution] == nil,
                    now: decided.snapshot.now, evidence: evidence))
        }
    }

    private func mayHaveChanged(_ decision: Decision) -> Bool {
        decided.unrecorded?.contains(decision.execution) ?? true && decision.isWorthRecording
    }

    private mutating func source(_ decision: Decision, _ pass: Planner.Pass) -> DecisionEvidence.Source {
        let cut =
            switch pass {
            case .enforced: slice(decision, pass, decided.enforced, decided.view, &enforced)
            case .dryRun: slice(decision, pass, decided.dryRun, decided.dryRunView, &dryRun)
            }
        slice = cut
        return collector.source(cut)
    }

    private func slice(
        _ decision: Decision, _ pass: Planner.Pass, _ plan: StandingPlan, _ view: LedgerView,
        _ slices: inout SnapshotSlices?
    ) -> Snapshot {
        if slices == nil {
            slices = SnapshotSlices(Planner(decided.policies, pass: pass), plan, decided.snapshot, view)
        }
        return slices?.slice(for: decision) ?? decided.snapshot
    }
}
