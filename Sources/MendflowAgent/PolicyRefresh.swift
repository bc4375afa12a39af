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

/// Asked at the start of each tick; nil where nothing changed since it was asked last.
public typealias PolicyRefresh = @Sendable () async -> FreshPolicies?
