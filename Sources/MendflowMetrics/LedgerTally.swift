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
    /// A request that is not settled.
    struct Open: Sendable, Hashable {
        var instance: InstanceKey, policy: String, action: ActionKind, state: IntentState
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
    /// Requests of the present epochs that are not settled.
    private(set) var open: [IntentID: Open] = [:]
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
        for intent in state.intents(in: [.reserved, .sending, .unresolved])
        where instances.contains(intent.draft.instance) {
            open[intent.id] = Open(intent.draft, intent.state)
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
        case .latched(let key, let latch, shadow: false): note(key, latch)
        // What was under way before is settled in no other epoch: the inbox has it no more.
        case .began(let baseline, _):
            let key = baseline.instance
            open = open.filter { $0.value.instance.name != key.name || $0.value.instance == key }
        case .outcome(let ref, let settlement): count(ref, settlement.state)
        case .resolved(let ref, let ran, _, _): count(ref, ran ? .applied : .void)
        default: break
        }
        for (id, state) in entry.event.intents(number: number) { note(id, state) }
    }

    /// Takes in which state a request is in by now.
    private mutating func note(_ id: IntentID, _ state: IntentState) {
        if state == .superseded, let old = open[id] { count(old.instance.name, old.policy, old.action, state) }
        if state.isOpen || state == .unresolved { open[id]?.state = state } else { open[id] = nil }
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
        acted[
            Acted(
                instance: draft.instance.name, policy: draft.policy, action: draft.action,
                mode: draft.isShadow ? .dryRun : .enforce),
            default: 0] += 1
        guard !draft.isShadow else { return }
        open[id] = Open(draft, .reserved)
        if draft.action == .retry { awaited[Root(instance: draft.instance, root: draft.root)] = draft.policy }
    }

    private mutating func count(_ ref: IntentRef, _ state: IntentState) {
        count(ref.instance.name, ref.policy, ref.action, state)
        guard state == .unresolved else { return }
        if ref.action == .retry { count(ref.instance.name, ref.policy, .unresolved) }
        // It may have been done, then, and turns out not to have been: what was closed is open again.
        open[ref.id] = Open(instance: ref.instance, policy: ref.policy, action: ref.action, state: state)
    }

    private mutating func count(_ instance: String, _ policy: String, _ action: ActionKind, _ outcome: IntentState) {
        settled[Settled(instance: instance, policy: policy, action: action, outcome: outcome), default: 0] += 1
    }

    private mutating func note(_ key: InstanceKey, _ latch: Latch) {
        let root = Root(instance: key, root: latch.execution)
        switch latch.fact {
        case .healed:
            if let policy = awaited.removeValue(forKey: root) { count(key.name, policy, .healed) }
        case .exhausted(let policy):
            guard awaited[root] == policy else { return }
            awaited[root] = nil
            count(key.name, policy, .givenUp)
        default: break
        }
    }

    private mutating func count(_ instance: String, _ policy: String, _ outcome: ChainOutcome) {
        chains[Chain(instance: instance, policy: policy, outcome: outcome), default: 0] += 1
    }
}

extension LedgerTally.Open {
    fileprivate init(_ draft: IntentDraft, _ state: IntentState) {
        self.init(instance: draft.instance, policy: draft.policy, action: draft.action, state: state)
    }
}

extension Intent {
    /// Whether it retries a run, and was not proven to have done nothing.
    fileprivate var isRetry: Bool { draft.action == .retry && !draft.isShadow && state != .void }
}
