import MendflowCore

extension Decision {
    /// How much longer than the look-back the agent keeps what it saw.
    private static let kept = Period.hours(1)

    /// The same, not done where no tick judges the run: what ended longer ago than the agent looks back is nobody's but
    /// deleting policies', and a live run that began earlier and is in no list is found by nobody.
    func withinReach(of snapshot: Snapshot, _ row: Execution, isFetched: Bool) -> Decision {
        let lookBack = snapshot.coverage.lookBack
        let why: String
        if row.status.isLive {
            guard isFetched, let began = row.createdAt ?? row.startedAt, began + lookBack < snapshot.now else {
                return self
            }
            why = "no list of this n8n shows it, and ids are asked for as far as the agent looks back, \(lookBack)"
        } else {
            guard let end = row.endedAt, end + lookBack + Decision.kept < snapshot.now else { return self }
            why = "it ended at \(end), and the agent looks back \(lookBack)"
        }
        switch verdict {
        case .act(let action) where action.draft.action != .delete,
            .wait(let action, _, _) where action.draft.action != .delete:
            var decision = self
            decision.verdict = .held(.beyondLookBack, "\(why): no tick judges it")
            return decision
        default: return self
        }
    }
}
