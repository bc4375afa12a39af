/// What one n8n server can do, learned by asking it, never from a version (semantics 25).
public struct ServerCapabilities: Sendable, Hashable {
    /// How the server's API behaves (n8n facts 0.3, 17).
    public enum Era: String, Sendable, Hashable, CaseIterable {
        /// Refuses unknown query keys, ignores some status filters and lists no waiting rows (recorded: 2.27.5).
        case a
        /// Refuses unknown query keys (recorded: 2.35.7).
        case b
        /// Ignores unknown query keys (recorded: 2.41.1).
        case c
    }
    /// How the API behaves.
    public var era: Era
    /// Whether the list can be bounded by `startedAfter` (2.37 and later).
    public var boundsByStart: Bool
    /// Whether the filter for `crashed`, `new` and `unknown` answers those rows only. Where not, n8n ignores or refuses
    /// these filters, and the one for `error` brings crashed rows too.
    public var filtersExactly: Bool
    /// Whether `ignoreDataSizeLimit` is not refused, which asks for data in spite of n8n's own limit on its size.
    public var ignoresSizeLimit: Bool
    /// Whether waiting rows are in no list, so that only asking by id finds them.
    public var hidesWaiting: Bool
    /// Whether a queued row was met that no list shows, as in queue mode. That one is listed proves nothing: n8n hides what
    /// the main process that answers has put into the queue, and lists what others have (n8n facts 2.6).
    public var hidesQueued: Bool
    /// The actions for which the server has no request at all, as releases before 2.10 have none to stop a run. An action
    /// that only the key lacks a scope for is offered.
    public var notOffered: Set<ActionKind>
    /// The scopes of the key, where the server tells.
    public var scopes: [String]?
    /// Scopes of reading requests that were tried and refused.
    public var missingScopes: [String]
    /// Whether the server listed no execution, so that some of its answers could not be judged: what stands here is then the
    /// reading that misses nothing, and asking again once there are rows may tell more.
    public var isProvisional: Bool

    /// Makes capabilities; those of era C unless told otherwise.
    public init(
        era: Era = .c, boundsByStart: Bool = true, filtersExactly: Bool = true, ignoresSizeLimit: Bool = true,
        hidesWaiting: Bool = false, hidesQueued: Bool = false, notOffered: Set<ActionKind> = [],
        scopes: [String]? = nil, missingScopes: [String] = [], isProvisional: Bool = false
    ) {
        self.era = era
        self.boundsByStart = boundsByStart
        self.filtersExactly = filtersExactly
        self.ignoresSizeLimit = ignoresSizeLimit
        self.hidesWaiting = hidesWaiting
        self.hidesQueued = hidesQueued
        self.notOffered = notOffered
        self.scopes = scopes
        self.missingScopes = missingScopes
        self.isProvisional = isProvisional
    }
}

extension ServerCapabilities {
    /// Whether another answer says the same, however sure it was.
    public func isAsGood(as other: ServerCapabilities) -> Bool {
        var same = other
        same.isProvisional = isProvisional
        return same == self
    }

    /// What a page says against these capabilities, as when n8n was changed while we ran; nil where it fits them.
    ///
    /// A page that shows more than it was asked for is whole and may be used once its rows are filtered again.
    public func contradiction(by page: ExecutionPage, of query: ListQuery) -> String? {
        if filtersExactly, let status = query.status,
            let row = page.executions.first(where: { $0.status != status && $0.status != .unrecognised })
        {
            return "the list of \(status.rawValue) runs brought \(row.id), which is \(row.status.rawValue)"
        }
        // A tenth of a second is more than n8n's own rounding of times.
        if boundsByStart, let bound = query.startedAfter.map({ $0 - .milliseconds(100) }),
            let row = page.executions.first(where: { row in row.startedAt.map { $0 < bound } ?? true })
        {
            return "the list bounded by startedAfter brought \(row.id), which started before"
        }
        return nil
    }

    /// What a failure says against these capabilities; nil where nothing.
    public func contradiction(by failure: ReadFailure) -> String? {
        failure.unknownQueryKey.map { "n8n refused the query key \($0)" }
    }
}
