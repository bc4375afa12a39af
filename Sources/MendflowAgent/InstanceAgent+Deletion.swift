import MendflowCore

extension InstanceAgent {
    /// How many details of old rows are fetched per tick.
    private static let detailsPerPage = 20

    /// Reads one page per tick of what is older than the look-back, round after round, and lets the deleting policies
    /// decide about it: nothing else may happen to such rows.
    func decideDeletions(_ report: inout TickReport) async {
        // Caps are counted from what is written down: what this tick does already is not yet.
        guard policies.deletesSome, report.completeness == .complete, progress.coverage.holes.isEmpty,
            report.plan.actions.isEmpty, !isKilled
        else { return }
        // Somebody who wants to see what would be deleted sees a whole round, as far as is polite.
        for _ in 0..<(isPreview ? configuration.pagesPerTick : 1) {
            await walkOn(&report)
            guard walk != nil, report.plan.actions.isEmpty else { return }
        }
    }

    private func walkOn(_ report: inout TickReport) async {
        guard let query = walk ?? start(report.now) else { return }
        let page: ExecutionPage
        do throws(ReadFailure) { page = try await reader.list(query) } catch {
            // The round begins anew, and with what the server can do now.
            walk = nil
            if capabilities?.contradiction(by: error) != nil { mustProbeServer = true }
            return emit(error)
        }
        report.requests += 1
        var next = query
        next.cursor = page.nextCursor
        walk = page.nextCursor == nil ? nil : next
        await judge(page, &report)
    }

    /// Where a round begins: at the look-back's edge, or where the server cannot bound lists at the top.
    private func start(_ now: Timestamp) -> ListQuery? {
        guard let capabilities else { return nil }
        return capabilities.boundsByStart
            ? ListQuery(startedBefore: now - configuration.lookBack) : ListQuery()
    }

    private func judge(_ page: ExecutionPage, _ report: inout TickReport) async {
        var snapshot = snapshot(report)
        for row in page.executions where snapshot.executions[row.id] == nil { snapshot.executions[row.id] = row }
        let longest = policies.policies.compactMap(\.guards.giveUpAfter).max() ?? .zero
        snapshot.lookBack = max(snapshot.lookBack, longest)
        guard let view = view(also: page.executions) else { return }
        let set = policies.deletionsOnly
        let dryRunView = set.policies.contains { $0.mode == .dryRun } ? shadowView(also: page.executions) : nil
        var plans = plan(set, snapshot, view, dryRunView)
        let needs = Set(plans.enforced.needs + plans.dryRun.needs).sorted()
        for need in needs.prefix(InstanceAgent.detailsPerPage) {
            report.details += 1
            switch await FetchedFact.fetch(need, reader) {
            case .success(.detail(let found)): snapshot.details[need.execution] = found.detail
            case .success(.tags(let found)): snapshot.tags[need.execution] = found
            case .success(.gone): snapshot.executions[need.execution] = nil
            case .failure(let failure): emit(failure)
            }
        }
        if !needs.isEmpty { plans = plan(set, snapshot, view, dryRunView) }
        let onPage = Set(page.executions.map(\.id))
        plans.enforced.keepDeletions(of: onPage)
        plans.dryRun.keepDeletions(of: onPage)
        guard !plans.enforced.actions.isEmpty || !plans.dryRun.actions.isEmpty else { return }
        for action in plans.enforced.actions {
            old[action.draft.execution] = snapshot.executions[action.draft.execution]
        }
        var deletions = TickReport()
        deletions.now = report.now
        deletions.plan = plans.enforced
        deletions.dryRunPlan = plans.dryRun
        record(&deletions, view, dryRunView)
        report.started += deletions.started
        report.plan.decisions += plans.enforced.decisions
        report.dryRunPlan.decisions += plans.dryRun.decisions
        report.ledgerFailed = report.ledgerFailed || deletions.ledgerFailed
    }

    private func plan(
        _ set: PolicySet, _ snapshot: Snapshot, _ view: LedgerView, _ dryRunView: LedgerView?
    ) -> (enforced: Plan, dryRun: Plan) {
        (
            Planner(set).plan(snapshot, view),
            dryRunView.map { Planner(set, pass: .dryRun).plan(snapshot, $0) } ?? Plan()
        )
    }
}

extension Plan {
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
