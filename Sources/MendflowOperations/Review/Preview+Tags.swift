import MendflowAgent
import MendflowCore
import MendflowReview
import MendflowWorkspace

extension Preview {
    /// For so many tag writes it is asked whether the tags are there already: each costs a request, and somebody waits.
    static let mostAskedForTags = 1000

    /// Says of tag writes that are due which of them would send nothing, for the tags are there, and of how many nobody looked.
    /// An agent looks just before. Of several policies only those writes are looked at that are shown.
    static func tellPresentTags(
        _ plan: inout PlanReport, _ snapshot: Snapshot, _ seen: InstanceSurvey, _ workspace: Workspace,
        of policy: String?, _ progress: @Sendable (ReadingProgress) -> Void
    ) async {
        let ids = workspace.policySet(seen.instance).tagIDs
        let due = plan.entries.indices.filter { index in
            let entry = plan.entries[index]
            guard entry.isDue, entry.action.draft.action == .tag else { return false }
            return policy.map(entry.action.draft.contributors.contains) ?? true
        }
        let end = workspace.clock.now() + InstanceSurvey.longest
        var told = ReadingProgress(rows: snapshot.executions.count, details: seen.survey.details)
        var isOver = false
        for index in due {
            let draft = plan.entries[index].action.draft
            if let known = snapshot.tags[draft.execution] {
                plan.entries[index].tellTags(known, ids)
                continue
            }
            isOver = isOver || told.tags >= mostAskedForTags || workspace.clock.now() > end
            guard !isOver else {
                plan.tagWritesNotLookedAt += 1
                continue
            }
            told.tags += 1
            progress(told)
            do throws(ReadFailure) {
                // What is gone meanwhile an agent finds so, too; there is nothing to compare.
                if let present = try await seen.reader.tags(of: draft.execution) {
                    plan.entries[index].tellTags(present, ids)
                }
            } catch {
                plan.tagWritesNotLookedAt += 1
                // Whatever is not of this execution alone would be answered so for each.
                isOver = error.kind != .serverError && error.kind != .tooLarge
            }
        }
    }
}

extension PlanReport.Entry {
    /// Takes in which tags the execution bears.
    fileprivate mutating func tellTags(_ present: [AnnotationTag], _ ids: [String: String]) {
        let borne = Set(present.map(\.id))
        isThereAlready = action.draft.tags.allSatisfy { ids[$0].map(borne.contains) ?? false }
    }
}
