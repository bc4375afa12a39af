public import MendflowCore

/// Policies that were read anew, with what follows from them for the poll.
public struct FreshPolicies: Sendable {
    /// The policies and all that decisions depend on.
    public var policies: PolicySet
    /// How far back ended executions are looked at: no policy may look back further.
    public var lookBack: Period

    /// Makes them.
    public init(policies: PolicySet, lookBack: Period) {
        self.policies = policies
        self.lookBack = lookBack
    }
}

/// Asked at the start of each tick, with the replays that may still do something; nil where nothing changed since it was
/// asked last.
public typealias PolicyRefresh = @Sendable (_ replays: [Replay]) async -> FreshPolicies?

/// Where an agent's policies come from while it runs.
struct PolicyFeed: Sendable {
    let refresh: PolicyRefresh?
    /// The replays that may still do something: policies of their own.
    private(set) var replays: [Replay] = []

    init(_ refresh: PolicyRefresh?) { self.refresh = refresh }

    /// Takes in the replays that the ledger has now. One that cannot be read says nothing of them: those that are known stay.
    mutating func learn(_ open: [Replay]?) { replays = open ?? replays }
}
