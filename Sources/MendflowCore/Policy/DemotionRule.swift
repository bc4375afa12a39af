/// When a policy goes back to dry-run by itself: it heals less than its author expects.
public struct DemotionRule: Sendable, Hashable {
    /// What is expected of a hundred chains that it retries.
    public var healRate: PolicyExpectation
    /// How many chains have to be settled before anything is concluded.
    public var chains: Int
    /// How far back they are counted, by when they were retried first.
    public var within: Period

    /// The longest time over which chains are counted: the ledger is read that far.
    public static let longest = Period.days(30)

    /// Makes a rule.
    public init(healRate: PolicyExpectation, chains: Int, within: Period) {
        self.healRate = healRate
        self.chains = chains
        self.within = within
    }
}
