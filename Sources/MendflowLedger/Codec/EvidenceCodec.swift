import MendflowCore
import MendflowText

extension DecisionEvidence {
    func write(into members: inout Members) {
        members.set("evidence", value: enforced?.stored)
        members.set("evidence_dry_run", value: dryRun?.stored)
    }

    /// Nil where there is none.
    static func read(_ fields: inout Fields) throws(MalformedRecord) -> DecisionEvidence? {
        let evidence = DecisionEvidence(
            enforced: try fields.optional("evidence", Source.init),
            dryRun: try fields.optional("evidence_dry_run", Source.init))
        return evidence == DecisionEvidence() ? nil : evidence
    }
}

extension DecisionEvidence.Source {
    fileprivate var stored: JSONValue {
        switch self {
        case .own(let slice): slice.stored
        case .joint(let hash): .text(hash.description)
        }
    }

    fileprivate init(_ value: JSONValue) throws(MalformedRecord) {
        guard case .text(let text) = value else {
            self = .own(try EvidenceSlice(value))
            return
        }
        guard let hash = EvidenceHash(text) else { throw MalformedRecord("evidence is no hash") }
        self = .joint(hash)
    }
}

extension EvidenceSlice {
    var stored: JSONValue {
        var members = Members()
        members.set("judged", judged.sorted().map(\.text))
        members.set("rows", rows)
        members.set("facts", facts.map(\.stored))
        members.set("workflows", workflows ?? [])
        members.set("workflows_unread", workflows == nil)
        members.set("histories", histories.map(\.stored))
        members.set("groups", groups.map(\.stored))
        members.set("populations", populations.map(\.stored))
        return members.value
    }

    init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        self.init(judging: Set(try fields.texts("judged").map { ExecutionID($0) }))
        rows = try fields.hashes("rows")
        facts = try fields.all("facts", Facts.init)
        workflows = try fields.hashes("workflows")
        if try fields.flag("workflows_unread") { workflows = nil }
        histories = try fields.all("histories", History.init)
        groups = try fields.all("groups", GroupCount.init)
        populations = try fields.all("populations", CountedFacts.Population.init)
        try fields.finish()
    }
}

extension EvidenceSlice.Facts {
    fileprivate var stored: JSONValue {
        var members = Members()
        members.set("of", execution)
        members.set("detail", detail?.description)
        members.set("created", createdAt)
        members.set("failed", failedAt)
        members.set("tags", value: tags.map { .list($0.map(\.stored)) })
        members.set("tags_unread", hidesTags)
        members.set("first_seen", firstSeen)
        members.set("last_waiting", lastSeenWaiting)
        members.set("seen_live", wasSeenLive)
        return members.value
    }

    fileprivate init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        self.init(try fields.id("of"))
        detail = try fields.hashIfAny("detail")
        createdAt = try fields.timeIfAny("created")
        failedAt = try fields.timeIfAny("failed")
        // A list without tags is another thing than none.
        if fields.members["tags"] != nil { tags = try fields.all("tags", AnnotationTag.init) }
        hidesTags = try fields.flag("tags_unread")
        firstSeen = try fields.timeIfAny("first_seen")
        lastSeenWaiting = try fields.timeIfAny("last_waiting")
        wasSeenLive = try fields.flag("seen_live")
        try fields.finish()
    }
}

extension EvidenceSlice.History {
    fileprivate var stored: JSONValue {
        var members = Members()
        members.set("workflow", workflow)
        members.set("newest_success", newestSuccess)
        members.set("samples", runTimes?.samples)
        members.set("p95", runTimes?.p95)
        return members.value
    }

    fileprivate init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        self.init(
            WorkflowID(try fields.text("workflow")), newestSuccess: try fields.idIfAny("newest_success"), runTimes: nil)
        if let samples = try fields.numberIfAny("samples") {
            runTimes = RunTimes(samples: Int(samples), p95: Period(milliseconds: try fields.number("p95")))
        }
        try fields.finish()
    }
}

extension AnnotationTag {
    fileprivate var stored: JSONValue { .object(["id": .text(id), "name": .text(name)]) }

    fileprivate init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        self.init(id: try fields.text("id"), name: try fields.text("name"))
        try fields.finish()
    }
}

extension GroupCount {
    fileprivate var stored: JSONValue {
        var members = Members()
        members.set("policy", policy)
        members.set("workflow", workflow)
        members.set("count", count)
        members.set("pending", pending)
        members.set("unknown", unknown)
        members.set("complete", isComplete)
        members.set("holds", choice: holds)
        return members.value
    }

    fileprivate init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        self.init(
            policy: try fields.text("policy"), workflow: try fields.textIfAny("workflow").map { WorkflowID($0) },
            count: Int(try fields.number("count")), pending: Int(try fields.number("pending")),
            unknown: Int(try fields.number("unknown")), isComplete: try fields.flag("complete"),
            holds: try fields.choice("holds"))
        try fields.finish()
    }
}

extension CountedFacts.Population {
    fileprivate var stored: JSONValue {
        var members = Members()
        members.set("policy", policy)
        if case .window(let period) = per { members.set("window", period) }
        members.set("chains", chains)
        return members.value
    }

    fileprivate init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        let window = try fields.numberIfAny("window").map { Period(milliseconds: $0) }
        self.init(
            policy: try fields.text("policy"), per: window.map { .window($0) } ?? .tick,
            chains: Int(try fields.number("chains")))
        try fields.finish()
    }
}
