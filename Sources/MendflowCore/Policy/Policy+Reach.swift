extension Policy {
    /// The most that a policy can make `look_back` grow by itself; if more is needed it has to be written into the
    /// configuration.
    public static let longestReach = Period.days(30)

    /// How far back ended runs must be seen so that everything the policy says can come true; nil if that makes no
    /// difference to it.
    ///
    /// Older runs are looked at by deleting policies only, which read them page by page apart from the poll. Live runs
    /// are seen whatever their age.
    public var reach: Period? {
        // The last run that there was has to be in sight still when it is missed.
        let missed = absence.map { $0.within + Policy.timeToAct }
        var reaches = [match?.longestAge, when?.within, missed].compactMap { $0 }
        if case .retry(let action)? = remediation { reaches.append(retryReach(action)) }
        // A breaker counts a retry as failed by its run, so the run must stay in sight as long as the breaker counts
        // it.
        if let breaker = guards.circuitBreaker, remediation != nil { reaches.append(breaker.window + breaker.openFor) }
        if actsOnEnded, let age = match?.shortestAge { reaches.append(age + Policy.timeToAct) }
        return reaches.max()
    }

    /// Runs that must grow old before a policy matches have to stay in sight for a while after that.
    private static let timeToAct = Period.days(1)

    /// The time from a chain's first failure to its last retry: the chain's first run must stay in sight that long,
    /// because its end decides when to give up.
    private func retryReach(_ action: RetryAction) -> Period {
        if let limit = guards.giveUpAfter { return limit }
        return (0..<max(1, action.maxRetries)).reduce(.zero) { $0 + action.backoff.interval(after: $1) }
    }

    private var actsOnEnded: Bool {
        let acts = remediation?.kind == .retry || !tags.isEmpty || !onExhausted.tags.isEmpty
        return acts && match?.statuses?.contains { !$0.isLive } ?? true
    }
}

extension Condition {
    /// The largest age that the tree lets through, judged from its upper bounds; nil where it has none.
    public var longestAge: Period? {
        ages { operation in
            switch operation {
            case .period(.lt, let period), .period(.lte, let period): period
            default: nil
            }
        }
    }

    /// The largest age that some way through the tree asks for, judged from its lower bounds; nil where it has none.
    public var shortestAge: Period? {
        ages { operation in
            switch operation {
            case .period(.gt, let period), .period(.gte, let period): period
            default: nil
            }
        }
    }

    private func ages(_ bound: (FieldOperator) -> Period?) -> Period? {
        switch self {
        case .all(let parts), .any(let parts): parts.compactMap { $0.ages(bound) }.max()
        case .not: nil
        case .test(let test):
            test.field == .age || test.field == .startedAgo ? test.operators.compactMap(bound).max() : nil
        }
    }
}
