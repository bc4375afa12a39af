package import MendflowCore
package import MendflowHistory

extension History {
    /// What somebody who looked at n8n at a moment would have known of a workflow: its rows as they were, of ended ones as
    /// far back as is looked, and the data of those that had failed. What policies did since is not in it.
    package func snapshot(
        of workflow: WorkflowID, at now: ServerTime, lookBack: Period, instance: InstanceKey, baseline: ServerTime
    ) -> Snapshot {
        var snapshot = Snapshot(
            instance: instance, now: now, baseline: baseline, coverage: Coverage(lookBack: lookBack))
        let chains = RecordedChains(self)
        for row in rows where row.workflow == workflow {
            guard let shown = chains.withoutAgent(row)?.shown(at: now, in: self),
                shown.status.isLive || shown.endedAt.map({ $0 + lookBack >= now }) ?? false
            else { continue }
            snapshot.executions[row.id] = shown
            if let detail = details[row.id], detail.status == shown.status { snapshot.details[row.id] = detail }
            if shown.status == .success, shown.retryOf == nil { snapshot.newestSuccess[workflow] = row.id }
            snapshot.tags[row.id] = []
        }
        snapshot.highest = snapshot.executions.keys.max()
        snapshot.workflows = workflows
        return snapshot
    }
}
