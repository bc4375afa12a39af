public import MendflowCore
import MendflowText
public import MendflowYAML

/// What is worth knowing of policies together and is no fault of theirs: for `validate`, not for every command.
public enum PolicyAdvice {
    /// The notes, in the order of the policies.
    public static func notes(on policies: [Policy]) -> [Finding] {
        let deleting = policies.filter { $0.remediation == .delete && $0.mode != .off }
        var told: Set<String> = []
        return policies.filter { $0.mode != .off }.flatMap { policy -> [Finding] in
            let tags = Set(policy.tags + policy.onExhausted.tags).sorted().filter { tag in
                !deleting.contains { $0.deletes(what: policy, tagged: tag) } && told.insert(tag).inserted
            }
            return tags.map { kept($0, by: policy) }
        }
    }

    private static func kept(_ tag: String, by policy: Policy) -> Finding {
        finding(
            "kept-for-ever",
            "n8n never prunes an execution with a tag, and no policy deletes what \(policy.name.inBackticks) tags "
                + tag.inBackticks, at: policy.place,
            "take the tag off when it was looked at, or pair it with a policy like "
                + "`match: {status: error, execution_tag: \(tag), execution_mode: any, older_than: 90d}` with `delete`")
    }

    private static func finding(_ id: String, _ message: String, at place: SourcePlace, _ note: String) -> Finding {
        Finding(
            .note, id, message, file: place.file,
            range: SourceRange(at: SourcePosition(line: place.line, column: place.column)),
            notes: [Finding.Note(note)])
    }
}

extension Policy {
    private static let ofWorkflows: Set<Field> = [.workflowName, .workflowID, .workflowTag, .workflowProject]

    /// Whether it may delete what another policy tags, where it deletes at all.
    fileprivate func deletes(what other: Policy, tagged tag: String) -> Bool {
        guard let match else { return false }
        let ended: Set<ExecutionStatus> = [.error, .crashed, .canceled, .success]
        let statuses = (match.statuses ?? ended).intersection(other.match?.statuses ?? ended)
        let operators = match.required.filter { $0.field == .executionTag }.flatMap(\.operators)
        // One that deletes runs of other workflows takes no tag of this one away.
        let ofWorkflows = match.required.filter { Policy.ofWorkflows.contains($0.field) && !$0.isImplicit }
        guard ofWorkflows.allSatisfy({ other.match?.implies(.test($0)) ?? false }) else { return false }
        return !statuses.isEmpty && operators.allSatisfy { FieldOperator.holds($0, .set([tag])) }
    }
}
