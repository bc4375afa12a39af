public import MendflowCore

/// The leases of a store that several agents share. A store judges nothing by itself: a turn is one transaction, in which it
/// reads its board, lets `LeaseTurn` decide, and keeps what that answers.
public protocol LeaseTable: Sendable {
    /// Says that an agent is there, looks whether the ledger still has what it knows of it (`LeaseBoard.doubt`), prolongs
    /// what it holds, gives back what it is done with, and takes what is its share.
    ///
    /// - Throws: why nobody knows whether it was done: then an agent goes by what it knew before.
    func turn(_ wish: LeaseWish) async throws(LedgerFailure) -> LeaseTurn
    /// Who holds what, and who is there.
    func board() async throws(LedgerFailure) -> LeaseBoard
    /// Takes the ledger for what it is from now on, whatever was in doubt: it was seen to.
    func settleDoubt() async throws(LedgerFailure)
    /// Yields whenever a lease was given back, as far as the store can tell; ends when the store cannot any more.
    func returns() -> AsyncStream<Void>
    /// Sees to it that the next leases have higher numbers than those of another store, from which the ledger was taken over.
    func outlast(_ epochs: [String: Int64]) async throws(LedgerFailure)
}

extension LeaseTable {
    /// Nothing, unless a kind of table is copied to.
    public func outlast(_ epochs: [String: Int64]) async throws(LedgerFailure) {}
}

/// What an agent wants of a turn.
public struct LeaseWish: Sendable, Hashable {
    /// Who it is, and where, for people.
    public var agent: AgentName, place: String
    /// The instances that it can lead.
    public var instances: Set<String>
    /// The leases that it holds and goes on with, by instance: their epochs.
    public var holds: [String: Int64]
    /// The leases that it gives back, by instance: their epochs. Nothing of what it did under them goes on.
    public var returns: [String: Int64]
    /// How long a lease lasts.
    public var period: Period
    /// The newest record that the agent has seen in the ledger.
    public var knows: AuditHead
    /// The instances whose n8n it does not reach, and those that it reaches though their leader does not.
    public var blind: Set<String>, sees: Set<String>
    /// Whether it takes its leave: it takes nothing more, and others need not reckon with it.
    public var isLeaving: Bool

    /// Makes a wish.
    public init(
        agent: AgentName, place: String, instances: Set<String>, holds: [String: Int64] = [:],
        returns: [String: Int64] = [:], period: Period, knows: AuditHead = .start, blind: Set<String> = [],
        sees: Set<String> = [], isLeaving: Bool = false
    ) {
        (self.blind, self.sees) = (blind, sees)
        self.agent = agent
        self.place = place
        self.instances = instances
        self.holds = holds
        self.returns = returns
        self.period = period
        self.knows = knows
        self.isLeaving = isLeaving
    }
}
