public import MendflowCore

/// How far an export is.
public struct HistoryProgress: Sendable, Hashable {
    /// Rows and data that the folder holds, and data that is still to be asked for.
    public internal(set) var rows = 0, details = 0, detailsLeft = 0
    /// How far back the rows reach.
    public internal(set) var oldest: ServerTime?
    /// About how long the rest takes; nil where nobody can tell yet.
    public internal(set) var left: Period?
    /// Whose the retries are, once all is written.
    public internal(set) var senders: RetrySenders?
}
