import MendflowCore
import MendflowOperations
import MendflowWorkspace

/// What `init` did, as JSON.
struct SetupJSON: Encodable {
    var made: [String], kept: [String], since: String?, failure: String?, mode: String, enforced: [String],
        unheeded: [String]

    init(_ outcome: Initialise.Outcome) {
        made = outcome.made
        kept = outcome.kept
        since = outcome.since?.rfc3339
        failure = outcome.failure?.message
        mode = outcome.mode.rawValue
        enforced = outcome.enforced
        unheeded = outcome.unheeded
    }
}
