import MendflowCore
import Synchronization

/// Passes reads on and remembers what they brought, so that a review judges the very facts that the loop judged.
final class WitnessReader: ExecutionReader {
    /// What was read.
    struct Facts: Sendable {
        var executions: [ExecutionID: Execution] = [:]
        var details: [ExecutionID: ExecutionDetail] = [:]
        var tags: [ExecutionID: [AnnotationTag]] = [:]
        var workflows: [WorkflowID: WorkflowInfo]?
        var gone: Set<ExecutionID> = []
        /// What could not be read: request and reason.
        var failures: [ReadFailure] = []

        mutating func note(_ row: Execution) {
            var row = row
            row.createdAt = row.createdAt ?? executions[row.id]?.createdAt
            executions[row.id] = row
            gone.remove(row.id)
        }
    }

    private let base: any ExecutionReader
    private let memory = Mutex(Facts())

    init(_ base: any ExecutionReader) { self.base = base }

    /// What was read so far.
    var facts: Facts { memory.withLock { $0 } }

    func list(_ query: ListQuery) async throws(ReadFailure) -> ExecutionPage {
        do throws(ReadFailure) {
            let page = try await base.list(query)
            memory.withLock { facts in page.executions.forEach { facts.note($0) } }
            return page
        } catch { throw failed(error) }
    }

    func execution(_ id: ExecutionID) async throws(ReadFailure) -> Execution? {
        do throws(ReadFailure) {
            let row = try await base.execution(id)
            memory.withLock { facts in
                if let row { facts.note(row) } else { facts.gone.insert(id) }
            }
            return row
        } catch { throw failed(error) }
    }

    func detail(_ id: ExecutionID) async throws(ReadFailure) -> DetailedExecution? {
        do throws(ReadFailure) {
            let detailed = try await base.detail(id)
            memory.withLock { facts in
                if let detailed {
                    facts.note(detailed.execution)
                    facts.details[id] = detailed.detail
                } else {
                    facts.gone.insert(id)
                }
            }
            return detailed
        } catch { throw failed(error) }
    }

    func workflows() async throws(ReadFailure) -> [WorkflowInfo] {
        do throws(ReadFailure) {
            let workflows = try await base.workflows()
            memory.withLock { facts in
                facts.workflows = Dictionary(workflows.map { ($0.id, $0) }) { first, _ in first }
            }
            return workflows
        } catch { throw failed(error) }
    }

    func tags(of id: ExecutionID) async throws(ReadFailure) -> [AnnotationTag]? {
        do throws(ReadFailure) {
            let tags = try await base.tags(of: id)
            memory.withLock { $0.tags[id] = tags }
            return tags
        } catch { throw failed(error) }
    }

    func capabilities() async throws(ReadFailure) -> ServerCapabilities { try await base.capabilities() }

    private func failed(_ failure: ReadFailure) -> ReadFailure {
        memory.withLock { $0.failures.append(failure) }
        return failure
    }
}

extension WitnessReader.Facts {
    /// The snapshot of what was read, on top of what the last tick left in the ledger.
    func snapshot(
        of baseline: InstanceBaseline, last: TickState?, now: Timestamp, completeness: Completeness
    ) -> Snapshot {
        var snapshot = Snapshot(
            instance: baseline.instance, now: now, completeness: completeness, baseline: baseline.since,
            details: details, tags: tags, workflows: workflows)
        for live in last?.live ?? [] where !gone.contains(live.execution.id) {
            snapshot.executions[live.execution.id] = live.execution
            snapshot.firstSeen[live.execution.id] = live.firstSeen
            snapshot.lastSeenWaiting[live.execution.id] = live.lastSeenWaiting
            snapshot.seenLive.insert(live.execution.id)
        }
        for row in executions.values where !gone.contains(row.id) {
            var row = row
            row.createdAt = row.createdAt ?? snapshot.executions[row.id]?.createdAt
            snapshot.executions[row.id] = row
            if row.status.isLive {
                snapshot.seenLive.insert(row.id)
                if snapshot.firstSeen[row.id] == nil { snapshot.firstSeen[row.id] = now }
                if row.status == .waiting { snapshot.lastSeenWaiting[row.id] = now }
            }
            if row.status == .success, row.retryOf == nil {
                snapshot.newestSuccess[row.workflow] = max(snapshot.newestSuccess[row.workflow] ?? row.id, row.id)
            }
        }
        snapshot.highest = snapshot.executions.keys.max()
        return snapshot
    }
}
