import MendflowCore
import MendflowPolicy
import MendflowText

// What works today and bites later, each with what to do.
extension DoctorChecks {
    /// How long before its end a key is to be seen to.
    private static let notice = Period.days(14)

    /// When the key ends.
    static func expiry(_ expiry: KeyExpiry, at now: ServerTime) -> [Doctor.Check] {
        let remedy = "make another one in n8n (Settings, n8n API) and put it in the same place"
        switch expiry {
        case .untold: return []
        case .never: return [.init(.key, .ok, "it never expires")]
        case .at(let time) where time <= now:
            return [.init(.key, .wrong, "it expired at \(time.rfc3339Seconds): \(remedy)")]
        case .at(let time):
            let words = "it expires in \(days(time - now)), at \(time.rfc3339Seconds)"
            guard time - now <= notice else { return [.init(.key, .ok, words)] }
            return [.init(.key, .warning, "\(words), and then nothing is read or done: \(remedy)")]
        }
    }

    private static func days(_ period: Period) -> String {
        let days = period.milliseconds / Period.days(1).milliseconds
        return days > 0 ? "\(days.words("day", "days"))" : "\(period)"
    }

    /// Workflows whose saved text is not the published one, and those of which nobody can tell what they keep.
    static func settings(_ workflows: [WorkflowID: WorkflowInfo], _ set: PolicySet) -> [Doctor.Check] {
        var checks: [Doctor.Check] = []
        let drafts = workflows.values.filter { workflow in
            workflow.active && workflow.draftVersion != nil && workflow.publishedVersion != nil
                && workflow.draftVersion != workflow.publishedVersion
        }
        if !drafts.isEmpty {
            let loads = set.policies.filter { policy in
                if case .retry(let retry)? = policy.remediation {
                    retry.loadWorkflow && !retry.allowDraft
                } else {
                    false
                }
            }.map(\.name)
            let whose = loads.isEmpty ? "" : " (here: \(loads.joined(separator: ", ")))"
            checks.append(
                .init(
                    .workflows, loads.isEmpty ? .note : .warning,
                    "\(named(drafts)): what was saved last is not published; a retry with `load_workflow`\(whose) would run it, and is "
                        + "held unless the policy says `allow_draft`: publish it, or take it back"))
        }
        let unknown = workflows.values.filter { $0.active && ($0.savesFailures == nil || $0.savesSuccesses == nil) }
        if !unknown.isEmpty {
            checks.append(
                .init(
                    .workflows, .note,
                    "\(named(unknown)): n8n's own default decides whether runs are saved, which its API does not tell; see that "
                        + "EXECUTIONS_DATA_SAVE_ON_ERROR and EXECUTIONS_DATA_SAVE_ON_SUCCESS are `all`"))
        }
        return checks
    }

    /// Names of some workflows, the first in their order.
    static func named(_ some: [WorkflowInfo]) -> String {
        let shown = some.map { "'\($0.name)'" }.sorted().prefix(3).joined(separator: ", ")
        return some.count > 3 ? "\(shown) and \(some.count - 3) more" : shown
    }

    /// Whether n8n removes runs before somebody stops looking back at them.
    static func kept(_ kept: KeptRuns?, lookBack: Period) -> [Doctor.Check] {
        guard let kept, kept.since < lookBack else { return [] }
        let hours = Period.hours(max(1, kept.since.milliseconds / Period.hours(1).milliseconds))
        return [
            .init(
                .coverage, .note,
                "n8n has no run older than \(hours) (the oldest is \(kept.oldest)), and `look_back` is \(lookBack): what it removes while no "
                    + "agent looks is never seen; where that is little, raise EXECUTIONS_DATA_MAX_AGE and "
                    + "EXECUTIONS_DATA_PRUNE_MAX_COUNT")
        ]
    }

    /// How soon after a failure a person is hardly there yet, and how many such retries are no accident.
    private static let (soon, several) = (Period.minutes(2), 3)

    /// Retries that are not ours and that began so soon after the failure that hardly a person sent them: another agent, or a
    /// script.
    static func elsewhere(_ snapshot: Snapshot, _ view: LedgerView) -> [Doctor.Check] {
        let ours = Set(view.intents.compactMap(\.child))
        let asked = Set(view.intents.filter { $0.draft.action == .retry && !$0.draft.isShadow }.map(\.draft.execution))
        var (foreign, quick): (Int, [ExecutionID]) = (0, [])
        for row in snapshot.executions.values {
            guard let parent = row.retryOf, !ours.contains(row.id), !asked.contains(parent) else { continue }
            foreign += 1
            guard let began = row.startedAt, let failed = snapshot.executions[parent]?.stoppedAt else { continue }
            if began >= failed, began - failed <= soon { quick.append(row.id) }
        }
        guard quick.count >= several, quick.count * 2 >= foreign else { return [] }
        let shown = quick.sorted().suffix(3).map(\.text).joined(separator: ", ")
        return [
            .init(
                .coverage, .warning,
                "\(quick.count) of \(foreign) retries that are not ours began within \(soon) of the failure (\(shown)): does another "
                    + "Mendflow, a script or a workflow retry here? Two that do so retry one failure twice: let one of them act"
            )
        ]
    }
}
