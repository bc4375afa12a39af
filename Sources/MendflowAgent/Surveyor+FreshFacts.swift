import MendflowCore
import MendflowCycle

/// A workflow as a last look read it; nil where n8n says that there is none.
struct FreshWorkflow: Sendable {
    let found: WorkflowInfo?
    /// When it was asked for, in monotonic time, which goes on while the machine sleeps.
    let askedAt: Period

    /// How long it serves the actions of a tick that begin together: many of them concern the same workflow.
    private static let lifetime = Period.seconds(10)

    func isFresh(at now: Period) -> Bool { now - askedAt < FreshWorkflow.lifetime }
}

/// What an action was decided from may be minutes old: workflows are listed once in `workflowRefresh`, tags kept as long. A
/// last look asks again, so that what somebody has protected a moment ago is left alone.
extension Surveyor {
    /// What an action was decided from, as it is now. What has changed is kept, so that the next tick decides by it.
    func presentFacts(_ facts: ChangeableFacts) async throws(LookFailure) -> ChangeableFacts {
        var present = ChangeableFacts()
        for (id, was) in facts.workflows.sorted(by: { $0.key < $1.key }) {
            let found = try await freshWorkflow(id)
            present.workflows[id] = found.map(WorkflowStanding.init)
            if present.workflows[id] != was { memory.facts.set(found, of: id) }
        }
        for (id, was) in facts.tags.sorted(by: { $0.key < $1.key }) {
            let found: [AnnotationTag]?
            do throws(ReadFailure) {
                found = try await twice { () throws(ReadFailure) in try await reader.tags(of: id) }
            } catch {
                throw LookFailure("the last look failed: \(error)")
            }
            // A run that is gone bears nothing any more; whether that matters is told by the rows.
            guard let found else {
                present.tags[id] = was
                continue
            }
            let names = Set(found.map(\.name))
            present.tags[id] = names
            if names != was { memory.facts.note(tags: found, of: id) }
        }
        return present
    }

    /// What a retry with `load_workflow` would run, asked for now. What is found is kept, so that the next tick holds what
    /// this look objects to.
    func savedWorkflow(_ intent: Intent) async throws(LookFailure) -> PreFlight.SavedWorkflow? {
        guard intent.draft.action == .retry, intent.draft.loadWorkflow else { return nil }
        let id = intent.draft.workflow
        let found = try await freshWorkflow(id)
        memory.facts.set(found, of: id)
        let policy = policies.policies.first { $0.name == intent.draft.policy }
        return PreFlight.SavedWorkflow(
            found, of: memory.facts.details[intent.draft.execution], allowsDraft: policy?.allowsDraft == true)
    }

    /// One workflow as it is now, asked for once for all actions that begin together.
    private func freshWorkflow(_ id: WorkflowID) async throws(LookFailure) -> WorkflowInfo? {
        while true {
            let now = clock.monotonic()
            if let known = looks.workflows[id], known.isFresh(at: now) { return known.found }
            guard looks.readingWorkflows.contains(id) else { break }
            await withCheckedContinuation { looks.waiting.append($0) }
        }
        looks.readingWorkflows.insert(id)
        defer {
            looks.readingWorkflows.remove(id)
            looks.wake()
        }
        let askedAt = clock.monotonic()
        looks.workflows = looks.workflows.filter { $0.value.isFresh(at: askedAt) }
        do throws(ReadFailure) {
            let found = try await twice { () throws(ReadFailure) in try await readWorkflow(id, askedAt) }
            looks.workflows[id] = FreshWorkflow(found: found, askedAt: askedAt)
            return found
        } catch {
            throw LookFailure("the last look failed: \(error)")
        }
    }

    /// One workflow by its id, or where the key may not ask so, out of the list of all.
    private func readWorkflow(_ id: WorkflowID, _ askedAt: Period) async throws(ReadFailure) -> WorkflowInfo? {
        do throws(ReadFailure) { return try await reader.workflow(id) } catch {
            guard error.kind == .forbidden else { throw error }
            for workflow in try await reader.workflows() {
                looks.workflows[workflow.id] = FreshWorkflow(found: workflow, askedAt: askedAt)
            }
            return looks.workflows[id]?.found
        }
    }
}

extension Policy {
    /// Whether it lets a retry run a draft that is not published.
    fileprivate var allowsDraft: Bool { if case .retry(let retry)? = remediation { retry.allowDraft } else { false } }
}
