public import MendflowCore
public import MendflowLedger

/// What the records of a ledger add up to since the agent started, whoever wrote them: one record at a time, so that a scrape
/// costs what happened since the last one.
public struct LedgerTally: Sendable {
    /// A decision as it is counted.
    struct Decided: Sendable, Hashable {
        var instance: String, policy: String, mode: Mode, verdict: String, reason: String
    }
    /// An action as it is counted.
    struct Acted: Sendable, Hashable { var instance: String, policy: String, action: ActionKind, mode: Mode }
    /// What became of an action.
    struct Settled: Sendable, Hashable {
        var instance: String, policy: String, action: ActionKind, outcome: IntentState
    }
    /// How it went with a chain.
    struct Chain: Sendable, Hashable { var instance: String, policy: String, outcome: ChainOutcome }
    /// How it can go with a chain that was retried.
    enum ChainOutcome: String, Sendable, Hashable, CaseIterable {
        case healed
        case givenUp = "given_up"
        case unresolved
    }

    private(set) var decided: [Decided: Int] = [:]
    private(set) var acted: [Acted: Int] = [:]
    private(set) var settled: [Settled: Int] = [:]
    private(set) var chains: [Chain: Int] = [:]
    /// Intents that are not settled.
    private(set) var open: [IntentID: (instance: String, state: IntentState)] = [:]
    /// What somebody should know of.
    private(set) var concerns: ConcernTally
    /// How many records the ledger has.
    public private(set) var records: Int64

    private struct Root: Hashable { var instance: InstanceKey, root: ExecutionID }
    /// Chains that a policy has retried and of which nobody knows yet how it went.
    private var awaited: [Root: String] = [:]

    /// Begins with a ledger as it is: what stands in it is known and not counted.
    public init(_ state: LedgerState, instances: [InstanceKey]) {
        records = state.head.sequence
        concerns = ConcernTally(state, instances: instances)
        for intent in state.intents(in: [.reserved, .sending, .unresolved]) {
            open[intent.id] = (intent.draft.instance.name, intent.state)
        }
        for key in instances {
            let view = state.view(of: key, shadow: false)
            let over = view.healed.union(view.exhausted.keys)
            for intent in view.intents where intent.isRetry && !over.contains(intent.draft.root) {
                awaited[Root(instance: key, root: intent.draft.root)] = intent.draft.policy
            }
        }
    }

    /// Counts the record behind the last one.
    public mutating func note(_ entry: LedgerEntry, number: Int64) {
        records = number
        concerns.note(entry.event, number: number)
        switch entry.event {
        case .decided(let decided): note(decided)
        case .reserved(let reservation): note(reservation.draft, IntentID(number))
        case .sending(let ref, _, _, _, _): open[ref.id]?.state = .sending
        case .outcome(let ref, let settlement): note(ref, settlement.state)
        case .resolved(let ref, let ran, _, _): note(ref, ran ? .applied : .void)
        case .latched(let key, let latch, shadow: false): note(key, latch)
        default: break
        }
    }

    private mutating func note(_ decision: DecidedExecution) {
        for part in decision.parts {
            let verdict = part.label == "act" ? "act" : part.request == nil ? "held" : "wait"
            decided[
                Decided(
                    instance: decision.instance.name, policy: part.verdict.policy ?? "",
                    mode: decision.isShadow ? .dryRun : .enforce, verdict: verdict,
                    reason: verdict == "act" ? "" : part.label), default: 0] += 1
        }
    }

    private mutating func note(_ draft: IntentDraft, _ id: IntentID) {
        let name = draft.instance.name
        acted[
            Acted(
                instance: name, policy: draft.policy, action: draft.action, mode: draft.isShadow ? .dryRun : .enforce),
            default: 0] += 1
        guard !draft.isShadow else { return }
        open[id] = (name, .reserved)
        if draft.action == .retry { awaited[Root(instance: draft.instance, root: draft.root)] = draft.policy }
    }

    private mutating func note(_ ref: IntentRef, _ state: IntentState) {
        let name = ref.instance.name
        settled[Settled(instance: name, policy: ref.policy, action: ref.action, outcome: state), default: 0] += 1
        if state == .unresolved {
            open[ref.id] = (name, state)
            if ref.action == .retry { count(name, ref.policy, .unresolved) }
        } else {
            open[ref.id] = nil
        }
    }

    private mutating func note(_ key: InstanceKey, _ latch: Latch) {
        let root = Root(instance: key, root: latch.execution)
        switch latch.kind {
        case .healed:
            if let policy = awaited.removeValue(forKey: root) { count(key.name, policy, .healed) }
        case .exhausted:
            guard awaited[root] == latch.policy else { return }
            awaited[root] = nil
            count(key.name, latch.policy, .givenUp)
        default: break
        }
    }

    private mutating func count(_ instance: String, _ policy: String, _ outcome: ChainOutcome) {
        chains[Chain(instance: instance, policy: policy, outcome: outcome), default: 0] += 1
    }
}

extension Intent {
    /// Whether it retries a run, and was not proven to have done nothing.
    fileprivate var isRetry: Bool { draft.action == .retry && !draft.isShadow && state != .void }
}
