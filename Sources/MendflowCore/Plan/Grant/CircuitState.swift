/// A circuit breaker's state, recomputed from what the ledger keeps of our own actions.
struct CircuitState {
    /// What became of one action.
    enum Outcome {
        case failed(ServerTime)
        case succeeded(ServerTime)
        /// Its end is not seen yet.
        case pending
        /// Nothing is known, or nothing was done.
        case none
    }
    /// When a trial may be made; nil where it is closed.
    private(set) var openUntil: ServerTime?
    /// When the failures were that count towards opening it.
    private(set) var recent: [ServerTime] = []
    /// Whether a trial is on its way.
    private(set) var isTrying = false

    /// Replays the actions of one policy and group.
    init(_ breaker: CircuitBreaker, _ actions: [(reservedAt: ServerTime, outcome: Outcome)]) {
        var ends: [(at: ServerTime, reservedAt: ServerTime, failed: Bool)] = []
        for action in actions {
            switch action.outcome {
            case .failed(let at): ends.append((at, action.reservedAt, true))
            case .succeeded(let at): ends.append((at, action.reservedAt, false))
            case .pending, .none: break
            }
        }
        for end in ends.sorted(by: { ($0.at, $0.reservedAt) < ($1.at, $1.reservedAt) }) {
            if let until = openUntil {
                // What began before it opened says nothing of the trial.
                guard end.reservedAt >= until else { continue }
                openUntil = end.failed ? end.at + breaker.openFor : nil
                recent = []
            } else if end.failed {
                recent = recent.filter { $0 > end.at - breaker.window } + [end.at]
                if recent.count >= breaker.failureThreshold { (openUntil, recent) = (end.at + breaker.openFor, []) }
            }
        }
        if let until = openUntil {
            isTrying = actions.contains { action in
                if case .pending = action.outcome { action.reservedAt >= until } else { false }
            }
        }
    }

    /// Whether an action may not be sent now, and when it may; nil where a trial has to end first.
    func holds(at now: ServerTime) -> (isHeld: Bool, until: ServerTime?) {
        guard let until = openUntil else { return (false, nil) }
        if now < until { return (true, until) }
        return (isTrying, nil)
    }

    /// A trial was granted.
    mutating func granted() { if openUntil != nil { isTrying = true } }
}

extension Intent {
    /// How long after its answer a retry's run may not be seen yet: the next polls show it, unless it was not kept.
    private static let timeToShow = Period.minutes(15)

    /// What became of it, as far as rows and ledger tell. Refusals of one execution (404, 409) are no failures of ours; a
    /// retry whose run nobody can see (any more) is one, unless the chain is known to have healed: a breaker must not
    /// close because rows fall out of sight.
    func outcome(_ view: LedgerView, _ snapshot: Snapshot) -> CircuitState.Outcome {
        let settled = snapshot.clockOffset.server(settledAt ?? reservedAt)
        switch state {
        case .reserved, .sending: return .pending
        case .unresolved, .ineffective: return .failed(settled)
        case .superseded, .shadow: return .none
        case .void:
            return wasNeverSent || view.isClosed(draft.execution, for: draft.action)
                ? .none : .failed(settled)
        case .applied: break
        }
        guard draft.action == .retry else { return .succeeded(settled) }
        guard let child, let seen = snapshot.executions[child] else {
            if view.healed.contains(draft.root) { return .succeeded(settled) }
            if let child, !view.gone.contains(child), mayYetShow(snapshot) { return .pending }
            return .failed(settled)
        }
        let end = seen.endedAt ?? settled
        if seen.status == .success { return .succeeded(end) }
        return seen.status.isFailed ? .failed(end) : .pending
    }

    /// Whether it was answered so lately that its run, where no row is there, may only not be seen yet.
    func mayYetShow(_ snapshot: Snapshot) -> Bool {
        snapshot.clockOffset.server(settledAt ?? reservedAt) + Intent.timeToShow > snapshot.now
    }
}
