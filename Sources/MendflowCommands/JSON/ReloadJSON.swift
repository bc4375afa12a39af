import MendflowCore
import MendflowLedger
import MendflowOperations

/// What became of the files, and what waits for a person's word, for programs.
struct ReloadJSON: Encodable {
    var waits: Bool, confirmed: Bool, since: String?, losses: [String], lostAtStart: [String]
    var running: Bool, unread: Bool, errors: Int, needsRestart: [String], looksWithinMs: Int64?
    var otherLedger: String?, overruled: [String: String]?

    init(_ standing: FilesStanding) {
        let pending = standing.pending
        (waits, confirmed) = (pending != nil, pending?.isConfirmed ?? false)
        since = pending?.since.rfc3339
        losses = pending?.losses.map(\.words) ?? []
        lostAtStart = standing.lostAtStart.map(\.words)
        (running, unread, errors) = (standing.isRunning, standing.isUnread, standing.errors)
        needsRestart = standing.needsRestart.map(\.description)
        overruled = standing.overruled.isEmpty ? nil : standing.overruled.mapValues(\.rawValue)
        otherLedger = standing.elsewhere?.ledger
        looksWithinMs = standing.looksWithin?.milliseconds
    }
}
