/// The intents of a view, by what planning asks for.
struct IntentIndex: Sendable {
    private let byExecution: [ExecutionID: [Intent]]
    private let clockOffset: ClockOffset

    init(_ intents: [Intent], _ clockOffset: ClockOffset) {
        self.clockOffset = clockOffset
        var byExecution = Dictionary(grouping: intents, by: \.draft.execution)
        // A bulk stop is a stop of each execution that it was expected to stop.
        for intent in intents {
            for id in intent.draft.bulk?.predicted ?? [] where id != intent.draft.execution {
                byExecution[id, default: []].append(intent)
            }
        }
        self.byExecution = byExecution.mapValues { $0.sorted { $0.id < $1.id } }
    }

    /// Intents of one kind for one execution, oldest first.
    func all(_ action: ActionKind, _ execution: ExecutionID) -> [Intent] {
        byExecution[execution]?.filter { intent in
            intent.draft.action == action || action == .stop && intent.draft.action == .bulkStop
        } ?? []
    }

    /// Retry intents of all runs of a chain, oldest first.
    func retries(_ chain: Chain) -> [Intent] {
        if chain.nodes.count == 1 { return all(.retry, chain.root) }
        return chain.nodes.flatMap { all(.retry, $0.id) }.sorted { $0.id < $1.id }
    }

    /// Until when a refused action waits: the backoff from the answer, or the server's own wish (semantics 15, 17).
    func refusedUntil(_ action: ActionKind, _ execution: ExecutionID, _ backoff: Backoff) -> ServerTime? {
        let refusals = refusals(action, execution)
        guard let last = refusals.last, let answered = last.settledAt else { return nil }
        return clockOffset.server(
            max(answered + backoff.interval(after: refusals.count - 1), last.notBefore ?? answered))
    }

    /// Until when an action waits that the last look before sending objected to: the backoff from then, by how often in
    /// a row that was so. Without it the same row would be first again at each tick, in front of all that could be done.
    func droppedUntil(_ action: ActionKind, _ execution: ExecutionID) -> ServerTime? {
        let drops = all(action, execution).filter { $0.draft.action == action }.reversed().prefix(while: \.wasDropped)
        guard let last = drops.first, let dropped = last.settledAt else { return nil }
        return clockOffset.server(dropped + Backoff().interval(after: drops.count - 1))
    }

    /// Tries of an action that a server refused, oldest first; what never left us was not refused, and what was said to a
    /// bulk stop was not said of a single one.
    func refusals(_ action: ActionKind, _ execution: ExecutionID) -> [Intent] {
        all(action, execution).filter { $0.draft.action == action && $0.state == .void && !$0.wasNeverSent }
    }

    /// Retries made in a chain, anybody's: children seen, and sends of ours without a child to see (semantics 15).
    func retriesMade(_ chain: Chain) -> Int {
        chain.childrenSeen
            + retries(chain).count { $0.spendsAttempt && $0.child == nil && !$0.hasLikelyChild(in: chain) }
    }
}

extension Intent {
    /// Whether its retry was made or may have been. A shadow's never was.
    fileprivate var spendsAttempt: Bool {
        switch state {
        case .applied, .unresolved, .reserved, .sending: true
        case .void, .superseded, .ineffective, .shadow: false
        }
    }

    /// Whether the chain shows a child above the watermark, which is counted by itself.
    fileprivate func hasLikelyChild(in chain: Chain) -> Bool {
        guard let watermark else { return false }
        return chain.nodes.contains { $0.parent == draft.execution && $0.id > watermark }
    }
}
