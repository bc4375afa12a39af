import MendflowCore
import MendflowText

// The one way that a row is stored, whether as evidence, as live, or as a fingerprint.

extension Execution {
    var stored: JSONValue {
        var members = Members()
        members.set("id", id)
        members.set("workflow", workflow)
        members.set("status", status)
        members.set("status_word", unrecognisedWord)
        members.set("mode", mode.word)
        members.set("retry_of", retryOf)
        members.set("retry_of_unread", hidesRetryOf)
        members.set("retry_success", retrySuccess)
        members.set("created", createdAt)
        members.set("started", startedAt)
        members.set("stopped", stoppedAt)
        members.set("wait", waitTill)
        return members.value
    }

    init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            id: try fields.id("id"), workflow: WorkflowID(try fields.text("workflow")),
            status: try fields.word("status"), mode: ExecutionMode(try fields.text("mode")),
            retryOf: try fields.idIfAny("retry_of"), retrySuccess: try fields.idIfAny("retry_success"),
            createdAt: try fields.timeIfAny("created"), startedAt: try fields.timeIfAny("started"),
            stoppedAt: try fields.timeIfAny("stopped"), waitTill: try fields.timeIfAny("wait"),
            hidesRetryOf: try fields.flag("retry_of_unread"), unrecognisedWord: try fields.textIfAny("status_word"))
    }
}

extension TickState.Live {
    var stored: JSONValue {
        var members = Members()
        members.set("row", value: execution.stored)
        members.set("first_seen", firstSeen)
        members.set("last_waiting", lastSeenWaiting)
        return members.value
    }

    init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        var row = try fields.object("row")
        let execution = try Execution(&row)
        try row.finish()
        self.init(
            execution: execution, firstSeen: try fields.time("first_seen"),
            lastSeenWaiting: try fields.timeIfAny("last_waiting"))
        try fields.finish()
    }
}

extension TickState.Sighting {
    var stored: JSONValue { .object(["id": .text(id.text), "at": .integer(at.milliseconds)]) }

    init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        self.init(id: try fields.id("id"), at: try fields.time("at"))
        try fields.finish()
    }
}

extension InstanceBaseline.Fingerprint {
    var stored: JSONValue {
        var members = Members()
        members.set("id", id)
        members.set("workflow", workflow)
        members.set("started", startedAt)
        return members.value
    }

    init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        self.init(
            id: try fields.id("id"), workflow: WorkflowID(try fields.text("workflow")),
            startedAt: try fields.timeIfAny("started"))
        try fields.finish()
    }
}

extension InstanceBaseline {
    /// All but the instance and the time, which the record has.
    func write(into members: inout Members) {
        members.set("url", url)
        members.set("since", since)
        members.set("highest", highest)
        members.set("fingerprints", fingerprints.map(\.stored))
        members.set("made", at)
    }

    init(_ instance: InstanceKey, _ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            instance: instance, url: try fields.text("url"), since: try fields.time("since"),
            highest: try fields.idIfAny("highest"),
            fingerprints: try fields.all("fingerprints", Fingerprint.init), at: try fields.time("made"))
    }
}

extension Fields {
    /// A list of stored things.
    mutating func all<T>(
        _ key: String, _ read: (JSONValue) throws(MalformedRecord) -> T
    ) throws(MalformedRecord) -> [T] {
        var found: [T] = []
        for value in try list(key) { found.append(try read(value)) }
        return found
    }

    /// Ranges of ids; none where the key is missing.
    mutating func ranges(_ key: String) throws(MalformedRecord) -> IDRanges {
        guard let text = try textIfAny(key) else { return IDRanges() }
        guard let ranges = IDRanges(text: text) else { throw MalformedRecord("\(key) is no set of ids") }
        return ranges
    }
}

extension Members {
    mutating func set(_ key: String, _ ranges: IDRanges) { if !ranges.isEmpty { set(key, ranges.description) } }
}
