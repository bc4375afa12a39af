import MendflowCore
import MendflowOperations
import MendflowWorkspace

/// What `init` did, as JSON.
struct SetupJSON: Encodable {
    var made: [String], kept: [String], since: String?, failure: String?, mode: String, enforced: [String],
        unheeded: [String], found: [Found]

    struct Found: Encodable { var topic: String, level: String, words: String }

    init(_ outcome: Initialise.Outcome, _ checks: [Doctor.Check]) {
        found = checks.map { Found(topic: $0.topic.rawValue, level: $0.level.rawValue, words: $0.message) }
        made = outcome.made
        kept = outcome.kept
        since = outcome.since?.rfc3339
        failure = outcome.failure?.message
        mode = outcome.mode.rawValue
        enforced = outcome.enforced
        unheeded = outcome.unheeded
    }
}
