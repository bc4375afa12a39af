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
    /// Whether the filter for `crashed`, `new` and `unknown` answers those rows only.
    public var filtersExactly: Bool
    /// Whether detail can be asked for in spite of n8n's own limit on its size (`ignoreDataSizeLimit`).
    public var ignoresSizeLimit: Bool
    /// Whether waiting rows are in no list, so that only asking by id finds them.
    public var hidesWaiting: Bool
    /// Whether queued rows are in no list, as in queue mode; nil until one was met.
    public var hidesQueued: Bool?
    /// The scopes of the key, where the server tells.
    public var scopes: [String]?
    /// Scopes of reading requests that were tried and refused.
    public var missingScopes: [String]

    /// Makes capabilities; those of era C unless told otherwise.
    public init(
        era: Era = .c, boundsByStart: Bool = true, filtersExactly: Bool = true, ignoresSizeLimit: Bool = true,
        hidesWaiting: Bool = false, hidesQueued: Bool? = nil, scopes: [String]? = nil, missingScopes: [String] = []
    ) {
        self.era = era
        self.boundsByStart = boundsByStart
        self.filtersExactly = filtersExactly
        self.ignoresSizeLimit = ignoresSizeLimit
        self.hidesWaiting = hidesWaiting
        self.hidesQueued = hidesQueued
        self.scopes = scopes
        self.missingScopes = missingScopes
    }
}
