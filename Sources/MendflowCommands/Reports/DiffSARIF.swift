import MendflowBacktest
import MendflowCore
import MendflowHost
import MendflowText

/// What other policies would have done otherwise, beside the lines of the policies.
enum DiffSARIF {
    private static let rules = [
        ("workflow-reached", "a workflow is acted on that was not before"),
        ("protection-lost", "something is acted on that was left alone on purpose"),
        ("counters-reset", "a policy's counters begin anew"),
        ("actions-added", "more is done than before"),
    ]

    static func log(_ it: PolicyDiff) -> SARIFLog {
        var results = it.reached.map { one in
            SARIFLog.Result(
                "workflow-reached", "warning",
                "\(one.policies.joined(separator: ", ")) would have acted on \(one.executions.words("execution", "executions")) of "
                    + "'\(it.new.name(one.workflow))', which nothing acted on before",
                at: one.policies.first.flatMap { it.places[$0] })
        }
        results += it.exposed.map { one in
            SARIFLog.Result(
                "protection-lost", "error",
                "execution \(one.root) of '\(it.new.name(one.workflow))' was \(one.reason.rawValue) (\(one.why)) and would be acted on",
                at: one.policy.flatMap { it.places[$0] })
        }
        results += it.resets.map { one in
            SARIFLog.Result(
                "counters-reset", "warning",
                "'\(one.policy)' begins with empty counters; if it was \(one.gone.joined(separator: " or ")), say renamed_from",
                at: it.places[one.policy])
        }
        let added = Dictionary(grouping: it.added.compactMap(\.new)) { $0.policies.first ?? "" }
        results += added.sorted { $0.key < $1.key }.map { policy, actions in
            SARIFLog.Result(
                "actions-added", "note",
                "'\(policy)' would have sent \(actions.count.words("request that was", "requests that were")) not sent before",
                at: it.places[policy])
        }
        return SARIFLog(results, rules: rules, programVersion: Version.number)
    }
}
