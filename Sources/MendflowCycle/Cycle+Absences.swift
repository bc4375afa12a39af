import MendflowCore
import MendflowLedger

// Workflows that did not run: found before anything is planned, since what they are tagged by is planned for.
extension Cycle {
    /// What policies that look for what did not happen find; nil where there is none.
    func absences(_ input: Input) -> AbsenceWatch? {
        guard !input.policies.absencePolicies.isEmpty else { return nil }
        let view = input.ledger.view(of: instance, shadow: true, at: input.poll.clockOffset.agent(input.now))
        let snapshot = snapshot(input)
        let before = input.previous?.absences
        if let before, input.previous?.policies.isSame(as: input.policies) ?? false, before.holds(snapshot, view) {
            return before
        }
        return AbsenceWatch(input.policies, snapshot, view, acts: acts, since: before)
    }

    /// What begins and ends by that: each is written down once, and not again by the next process.
    func absencesToTell(_ watch: AbsenceWatch?, _ input: Input) -> [LedgerEvent] {
        let open = input.ledger.absences(of: instance)
        guard let watch else {
            // No policy looks for any.
            return open.sorted { $0.key < $1.key }.map { .absenceEnded(instance, AbsenceEnd($0.value, .unwatched)) }
        }
        let (ended, began) = watch.changes(open, input.policies)
        return ended.map { .absenceEnded(instance, $0) } + began.map { .absenceBegan(instance, $0) }
    }

    /// Says of each workflow once that it is missed, and that it is not any more.
    func absenceRemarks(_ events: [LedgerEvent]) -> [Remark] {
        events.compactMap { event in
            switch event {
            case .absenceBegan(_, let absence):
                Remark(
                    .warning, absence.isShadow ? "absence.would_tell" : "absence.began", absence.words,
                    [("policy", absence.key.policy), ("workflow", absence.key.workflow.text)])
            case .absenceEnded(_, let end):
                Remark(
                    .info, "absence.ended", "'\(end.workflowName)' is not missed any more: \(end.cause.words)",
                    [("policy", end.key.policy), ("workflow", end.key.workflow.text)])
            default: nil
            }
        }
    }
}
