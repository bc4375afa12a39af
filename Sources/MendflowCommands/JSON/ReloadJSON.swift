import MendflowCore
import MendflowOperations

/// What waits for a person's word, for programs.
struct ReloadJSON: Encodable {
    var waits: Bool, confirmed: Bool, since: String?, losses: [String]

    init(_ pending: PendingReload?) {
        (waits, confirmed) = (pending != nil, pending?.isConfirmed ?? false)
        since = pending?.since.rfc3339
        losses = pending?.losses ?? []
    }
}
