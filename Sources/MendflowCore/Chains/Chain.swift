/// A tree of retries: the first run and everything that was started to run it again.
public struct Chain: Sendable, Hashable {
    /// One run of the chain; the row is nil where it is known to have been made and cannot be seen (any more).
    public struct Node: Sendable, Hashable {
        /// Its id.
        public var id: ExecutionID
        /// The run that it retries; nil for the root.
        public var parent: ExecutionID?
        /// The row as last seen.
        public var row: Execution?
        /// Whether a known child retries it.
        public var hasChildren: Bool
        /// Whether n8n names a retry of it that succeeded, and nothing is known against that.
        var namesSuccess = false
    }
    /// The first run; its row may be missing where it was pruned.
    public var root: ExecutionID
    /// All runs, oldest first.
    public var nodes: [Node]

    /// The first run's row.
    public var rootRow: Execution? { nodes.first?.row }
    /// Runs that may still go on; one whose status nobody knows may, too.
    public var live: [Execution] { nodes.compactMap(\.row).filter(\.mayGoOn) }
    /// The oldest of them.
    var firstLive: Execution? { nodes.first { $0.row?.mayGoOn ?? false }?.row }
    /// Whether all that is seen of it has ended.
    var hasEnded: Bool { !nodes.contains { $0.row?.mayGoOn ?? false } }
    /// Whether a run that nobody retried cannot be seen: it may go on, or have succeeded.
    public var hasHiddenLeaf: Bool { nodes.contains { !$0.hasChildren && $0.row == nil } }
    /// Whether a run of the chain is seen to have succeeded; the ledger's latch remembers more.
    public var hasSuccess: Bool {
        nodes.contains { $0.row?.status == .success || $0.namesSuccess }
    }
    /// The newest run that nobody retried.
    public var newestLeaf: Node? { nodes.last { !$0.hasChildren } }
    /// Children that were seen, anybody's, those that are gone included.
    public var childrenSeen: Int { nodes.count { $0.parent != nil } }
    /// When the chain failed first: the root's end, else the oldest end that is known.
    public var firstFailure: ServerTime? {
        rootRow?.endedAt ?? nodes.compactMap { $0.row?.endedAt }.min()
    }
    /// Whether a run belongs to it.
    public func contains(_ id: ExecutionID) -> Bool { nodes.contains { $0.id == id } }
}

extension Execution {
    fileprivate var mayGoOn: Bool { status.isLive || status == .unrecognised }
}
