/// How much of what a server has was seen, so that nothing is concluded from what was not.
///
/// Each bound is the lowest id from which on something is known of everything; nil where it is known of the whole
/// look-back (`idsKnownFrom`: of nothing).
public struct Coverage: Sendable, Hashable {
    /// How far back ended runs are looked at. What ended earlier concerns only policies that delete.
    public var lookBack: Period
    /// Chains whose first run has this id or a higher one have all their retries among the rows.
    public var retriesKnownFrom: ExecutionID?
    /// Every row that n8n's list shows from this id on is among the rows.
    public var rowsKnownFrom: ExecutionID?
    /// Every id from this one on is a row or known to be missing, but for `unknownIDs`; nil where ids were not asked for.
    public var idsKnownFrom: ExecutionID?
    /// Ids between known ones that are neither rows nor known to be missing: runs that no list shows may be among them.
    public var unknownIDs: Int
    /// Whether waiting runs are in no list of this server.
    public var hidesWaiting: Bool

    /// Makes a coverage; everything within the look-back is known unless told otherwise, but for hidden ids.
    public init(
        lookBack: Period = .hours(48), retriesKnownFrom: ExecutionID? = nil, rowsKnownFrom: ExecutionID? = nil,
        idsKnownFrom: ExecutionID? = nil, unknownIDs: Int = 0, hidesWaiting: Bool = false
    ) {
        self.lookBack = lookBack
        self.retriesKnownFrom = retriesKnownFrom
        self.rowsKnownFrom = rowsKnownFrom
        self.idsKnownFrom = idsKnownFrom
        self.unknownIDs = unknownIDs
        self.hidesWaiting = hidesWaiting
    }
}

extension Coverage {
    /// Whether all retries of a chain are known, by its first run.
    public func knowsAllRetries(ofRoot root: ExecutionID) -> Bool { retriesKnownFrom.map { root >= $0 } ?? true }

    /// Whether every success that a list shows and that is newer than an execution is known.
    public func knowsAllSuccesses(after id: ExecutionID) -> Bool { rowsKnownFrom.map { id >= $0 } ?? true }

    /// Whether everything within the look-back is known; with live runs, whether none can hide behind an unknown id.
    func knowsAll(withLive: Bool) -> Bool {
        retriesKnownFrom == nil && rowsKnownFrom == nil && (!withLive || unknownIDs == 0)
    }

    /// Whether the server may have an execution in a list that it does not show.
    func mayHide(_ id: ExecutionID) -> Bool { hidesWaiting && (idsKnownFrom.map { id < $0 } ?? true) }

    /// Whether the server may have waiting runs that nobody has seen.
    var mayHideWaitingRuns: Bool { hidesWaiting && (idsKnownFrom?.number.map { $0 > 1 } ?? true) }
}
