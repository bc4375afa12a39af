extension Policy {
    /// How far back a policy makes the agent look by itself: where more is needed, `look_back` has to be written down.
    public static let longestReach = Period.days(30)

    /// How far back ended runs must be seen for all that it says to work; nil where that makes no difference.
    ///
    /// What ended earlier is nobody's but deleting policies', which walk it apart; live runs are seen whatever their age.
    public var reach: Period? {
        var reaches = [match?.longestAge, when?.within].compactMap { $0 }
        if case .retry(let action)? = remediation { reaches.append(retryReach(action)) }
        // The breaker forgets a failure whose run is seen no more.
        if let breaker = guards.circuitBreaker, remediation != nil { reaches.append(breaker.window + breaker.openFor) }
        if actsOnEnded, let age = match?.shortestAge { reaches.append(age + Policy.timeToAct) }
        return reaches.max()
    }

    /// What must grow old first has to stay in sight for a while then.
    private static let timeToAct = Period.days(1)

    /// From the first failure to the last retry: the first run decides how long it goes on.
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
