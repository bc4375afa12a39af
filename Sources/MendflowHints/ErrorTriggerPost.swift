public import MendflowCore
import MendflowN8N

/// Reads what an error workflow posts: the item of n8n's Error Trigger, whole or the part of it that matters (n8n facts 11.2).
public enum ErrorTriggerPost {
    /// The hint in it; nil where the bytes are no such item. A trigger that could not start names no execution and gives none.
    public static func read(_ bytes: [UInt8]) -> Hint? {
        guard let told = ToldFailure.read(bytes), let execution = ToldWord.execution(told.execution) else { return nil }
        return Hint(
            .errorTrigger, execution, told.errorName == "WorkflowCrashedError" ? .crashed : .error,
            workflow: ToldWord.workflow(told.workflow), at: ToldWord.time(told.timestamp),
            mode: ToldWord.mode(told.mode), retryOf: ToldWord.execution(told.retryOf))
    }
}
