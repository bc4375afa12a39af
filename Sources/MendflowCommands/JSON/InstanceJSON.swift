import MendflowCore
import MendflowOperations
import MendflowText

/// `instance list` as JSON.
struct KnownInstancesJSON: Encodable {
    struct Instance: Encodable {
        var instance: String, url: String, mode: String, epoch: Int?, since: String?, alarm: String?
    }

    var instances: [Instance]

    init(_ all: [KnownInstance]) {
        instances = all.map {
            Instance(
                instance: $0.instance, url: $0.url.description, mode: $0.mode.rawValue, epoch: $0.epoch,
                since: $0.since?.rfc3339, alarm: $0.alarm)
        }
    }
}

/// A new epoch as JSON.
struct AdoptionJSON: Encodable {
    var instance: String, from: Int, epoch: Int, since: String, highest: String?, fingerprints: Int, alarm: String?
    var leftUnanswered: Int

    init(_ outcome: Adopt.Outcome) {
        instance = outcome.instance
        from = outcome.from
        epoch = outcome.epoch
        since = outcome.since.rfc3339
        highest = outcome.highest?.text
        fingerprints = outcome.fingerprints
        alarm = outcome.alarm
        leftUnanswered = outcome.leftUnanswered
    }
}
