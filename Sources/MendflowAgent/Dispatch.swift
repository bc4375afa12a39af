import MendflowCore
import MendflowCycle
import MendflowLedger

/// By what requests leave, and what is known of how the server takes them.
struct Dispatch: Sendable {
    /// Nil in dry-run: there is nothing that could change the instance.
    let writer: (any ExecutionWriter)?
    /// Marks requests that are about to leave; nil where nobody does, and a request that may have left counts as one.
    let hold: (any LedgerHold)?
    /// What is known of whether the server honours keys.
    var keys = KeyKnowledge()
}

/// What a test does to an agent between two of its steps.
struct Fate: Sendable {
    let hook: StepHook?
    /// Set by the hook: this agent is dead and must not write another word.
    var isKilled = false
}
