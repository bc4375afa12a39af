import MendflowCore

extension InstanceAgent {
    /// How many details of old rows are fetched per tick.
    private static let detailsPerPage = 20

    /// Reads one page per tick of what is older than the look-back, round after round, and lets the deleting policies
    /// decide about it: nothing else may happen to such rows.
    func decideDeletions(_ report: inout TickReport) async {
        // Caps are counted from what is written down: what this tick does already is not yet.
        guard policies.deletesSome, report.completeness == .complete, progress.coverage.holes.isEmpty,
            report.plan.actions.isEmpty, !isKilled, let query = walk ?? start(report.now)
        else { return }
        let page: ExecutionPage
        do { page = try await reader.list(query) } catch {
            emit(error)
            return
        }
        report.requests += 1
        var next = query
        next.cursor = page.nextCursor
        walk = page.nextCursor == nil ? nil : next
        await judge(page, &report)
    }

    /// Where a round begins: at the look-back's edge.
    private func start(_ now: Timestamp) -> ListQuery? {
        guard let capabilities else { return nil }
        return capabilities.boundsByStart
            ? ListQuery(startedBefore: now - configuration.lookBack) : progress.coverage.beyond
    }

    private func judge(_ page: ExecutionPage, _ report: inout TickReport) async {
        var snapshot = snapshot(report)
        for row in page.executions where snapshot.executions[row.id] == nil { snapshot.executions[row.id] = row }
        let longest = policies.policies.compactMap(\.guards.giveUpAfter).max() ?? .zero
        snapshot.lookBack = max(snapshot.lookBack, longest)
        guard let view = view(report.now, also: page.executions) else { return }
        let planner = Planner(policies.deletionsOnly)
        var plan = planner.plan(snapshot, view)
        for need in plan.needs.prefix(InstanceAgent.detailsPerPage) {
            report.details += 1
            switch await FetchedFact.fetch(need, reader) {
            case .success(.detail(let found)): snapshot.details[need.execution] = found.detail
            case .success(.tags(let found)): snapshot.tags[need.execution] = found
            case .success(.gone): snapshot.executions[need.execution] = nil
            case .failure: break
            }
        }
        if !plan.needs.isEmpty { plan = planner.plan(snapshot, view) }
        let onPage = Set(page.executions.map(\.id))
        plan.decisions = plan.decisions.filter { onPage.contains($0.execution) && $0.isDeletion }
        plan.latches = []
        guard !plan.actions.isEmpty else { return }
        for action in plan.actions { old[action.draft.execution] = snapshot.executions[action.draft.execution] }
        var deletions = TickReport()
        deletions.now = report.now
        deletions.plan = plan
        record(&deletions, view, nil)
        report.started += deletions.started
        report.plan.decisions += plan.decisions
        report.ledgerFailed = report.ledgerFailed || deletions.ledgerFailed
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
