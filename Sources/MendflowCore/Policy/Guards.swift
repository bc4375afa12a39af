/// What holds a policy back, beside its conditions.
public struct Guards: Sendable, Hashable {
    /// Caps on actions of this policy; all must hold.
    public var maxActions: [ActionCap]
    /// Caps on actions per key in a sliding window.
    public var rateLimits: [RateLimit]
    /// The most retries of this policy that run at once; nil leaves it to the instance.
    public var maxInFlight: Int?
    /// The shortest time between two actions of this policy on the same workflow.
    public var cooldown: Period?
    /// How long after a chain's first failure retrying ends.
    public var giveUpAfter: Period?
    /// How long after a person's own retry ended the chain is left to people.
    public var yieldToHumans: Period
    /// Stops the policy while its actions do not help; nil never.
    public var circuitBreaker: CircuitBreaker?
    /// When it may act; empty is always.
    public var activeDuring: [TimeWindow]
    /// When it may not act.
    public var notDuring: [TimeWindow]

    /// Makes guards with the defaults of semantics 49.
    public init(
        maxActions: [ActionCap] = [ActionCap(amount: 20, per: .window(.hours(1)))], rateLimits: [RateLimit] = [],
        maxInFlight: Int? = nil, cooldown: Period? = nil, giveUpAfter: Period? = nil,
        yieldToHumans: Period = .minutes(30), circuitBreaker: CircuitBreaker? = nil, activeDuring: [TimeWindow] = [],
        notDuring: [TimeWindow] = []
    ) {
        self.maxActions = maxActions
        self.rateLimits = rateLimits
        self.maxInFlight = maxInFlight
        self.cooldown = cooldown
        self.giveUpAfter = giveUpAfter
        self.yieldToHumans = yieldToHumans
        self.circuitBreaker = circuitBreaker
        self.activeDuring = activeDuring
        self.notDuring = notDuring
    }

    /// The longest time that any cap, limit or breaker looks back over. The ledger has to be read at least that far.
    public var longestWindow: Period {
        let caps = maxActions.compactMap { if case .window(let period) = $0.per { period } else { nil } }
        let breaker = circuitBreaker.map { $0.window + $0.openFor } ?? .zero
        return (caps + rateLimits.map(\.per) + [cooldown ?? .zero, breaker]).max() ?? .zero
    }

    /// Whether they compare n8n's time with anything but our own past: hours, and shares of what began within a time.
    var goByTheClock: Bool {
        let shares = maxActions.filter { $0.percent != nil && $0.per != .tick }
        return !activeDuring.isEmpty || !notDuring.isEmpty || !shares.isEmpty
    }
}

/// A cap on the number of actions.
public struct ActionCap: Sendable, Hashable, CustomStringConvertible {
    /// What it counts over.
    public enum Per: Sendable, Hashable {
        /// One tick.
        case tick
        /// A sliding window.
        case window(Period)
    }
    /// The most actions; `Int.max` where only the percentage counts.
    public var amount: Int
    /// The most actions as whole percent, rounded down, of the chains of the workflows that the policy looks at: all
    /// that are seen, or in a window those that started within it. The lower of the two counts. Only for policies.
    public var percent: Int?
    /// What it counts over.
    public var per: Per
    /// Makes a cap.
    public init(amount: Int = .max, percent: Int? = nil, per: Per) {
        self.amount = amount
        self.percent = percent
        self.per = per
    }
    /// `20 per 1h`, `20 or 10% per 1h`.
    public var description: String {
        let share = percent.map { "\($0)%" }
        let most = [amount == .max && share != nil ? nil : String(amount), share].compactMap { $0 }
        return switch per {
        case .tick: "\(most.joined(separator: " or ")) per tick"
        case .window(let period): "\(most.joined(separator: " or ")) per \(period)"
        }
    }
}

/// A cap on actions of a policy per key in a sliding window.
public struct RateLimit: Sendable, Hashable {
    /// The keys.
    public enum Group: String, Sendable, Hashable, CaseIterable {
        /// All actions of the policy together.
        case policy
        /// One count per workflow.
        case workflow
        /// One count per type of the failed node.
        case nodeType = "node_type"
    }
    /// The most actions.
    public var max: Int
    /// The window.
    public var per: Period
    /// What is counted apart.
    public var groupBy: Group
    /// Makes a limit.
    public init(max: Int, per: Period, groupBy: Group = .policy) {
        self.max = max
        self.per = per
        self.groupBy = groupBy
    }
}

/// Caps that an instance's configuration sets on everything; a policy that asks for more is a finding.
public struct InstanceLimits: Sendable, Hashable {
    /// The most retries that run at once.
    public var maxInFlight: Int
    /// Caps on all actions.
    public var maxActions: [ActionCap]
    /// Makes limits with the defaults of semantics 48.
    public init(
        maxInFlight: Int = 3,
        maxActions: [ActionCap] = [
            ActionCap(amount: 20, per: .tick), ActionCap(amount: 60, per: .window(.hours(1))),
        ]
    ) {
        self.maxInFlight = maxInFlight
        self.maxActions = maxActions
    }
}
