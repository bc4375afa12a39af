import MendflowBacktest
import MendflowCore
import MendflowOperations
import MendflowWorkspace

/// What `init` did, as JSON.
struct SetupJSON: Encodable {
    var made: [String], kept: [String], since: String?, failure: String?, mode: String, enforced: [String],
        unheeded: [String], found: [Found], suggested: [Suggested]

    struct Found: Encodable { var topic: String, level: String, words: String }

    struct Suggested: Encodable { var policy: String, workflow: String, why: [String] }

    init(_ outcome: Initialise.Outcome, _ checks: [Doctor.Check], _ policies: [Suggestion]) {
        suggested = policies.map { Suggested(policy: $0.name, workflow: $0.workflow, why: $0.why) }
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
