package import MendflowCore

/// A page of what is older than the look-back, as it was read.
package struct OldPage: Sendable {
    /// Its rows, with data and tags as far as they were asked for; a row that turned out to be gone is taken out.
    package var rows: [Execution]
    package var details: [ExecutionID: ExecutionDetail] = [:]
    package var tags: [ExecutionID: [AnnotationTag]] = [:]

    package init(rows: [Execution]) { self.rows = rows }
}

/// Goes through what is older than the look-back, which only policies that delete may act on: one page of n8n's list per
/// tick, and from the top again once the end was reached.
enum DeletionWalk {
    /// How many facts about rows of a page are asked for per tick.
    static let detailsPerPage = 20

    /// Decides about the rows of a page; everything else stays as the step found it.
    /// `held` are deletions that are not done, which are shown and not written down: each round would do so again.
    static func decide(
        _ page: OldPage, _ policies: PolicySet, _ step: Step
    ) -> (decided: Decided, held: [Decision], heldInDryRun: [Decision]) {
        var snapshot = step.snapshot
        for row in page.rows where snapshot.executions[row.id] == nil { snapshot.executions[row.id] = row }
        snapshot.details.merge(page.details) { known, _ in known }
        snapshot.tags.merge(page.tags) { known, _ in known }
        let longest = policies.policies.compactMap(\.guards.giveUpAfter).max() ?? .zero
        snapshot.coverage.lookBack = max(snapshot.coverage.lookBack, longest)
        let onPage = Set(page.rows.map(\.id))
        // What is not on the page was decided by the step, and does nothing in this tick.
        var decided = Decided(deleting: onPage, policies.deletionsOnly, snapshot, step.view, step.dryRunView)
        let held = decided.plan.heldDeletions(of: onPage)
        let heldInDryRun = decided.dryRunPlan.heldDeletions(of: onPage)
        decided.plan.keepDeletions(of: onPage)
        decided.dryRunPlan.keepDeletions(of: onPage)
        return (decided, held, heldInDryRun)
    }
}

extension Plan {
    /// What policies that delete want of old rows, and what something speaks against.
    fileprivate func heldDeletions(of page: Set<ExecutionID>) -> [Decision] {
        decisions.filter { decision in
            guard case .held = decision.verdict else { return false }
            return page.contains(decision.execution) && decision.policy?.remediation?.kind == .delete
        }
    }

    /// Leaves what the walk is for: nothing but deleting may happen to old rows.
    fileprivate mutating func keepDeletions(of page: Set<ExecutionID>) {
        decisions = decisions.filter { page.contains($0.execution) && $0.isDeletion }
        latches = []
    }
}

extension Decision {
    /// Whether it is about deleting.
    fileprivate var isDeletion: Bool {
        switch verdict {
        case .act(let action), .wait(let action, _, _): action.draft.action == .delete
        case .held: false
        }
    }
}
