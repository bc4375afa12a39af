import MendflowCore
import MendflowText

extension LedgerEntry {
    /// Reads a record back; throws where it is none that this version writes.
    public init(_ record: AuditRecord) throws(CanonicalJSONError) {
        do throws(MalformedRecord) {
            var reader = EntryReader(record: record, fields: Fields(record.fields))
            let event = try reader.event()
            try reader.fields.finish()
            self.init(event, at: record.clock ?? record.at)
        } catch {
            throw CanonicalJSONError(0, "\(record.kind.rawValue): \(error.description)")
        }
        // What reading has left out would go unseen.
        guard self.record(after: record.at) == record else {
            throw CanonicalJSONError(0, "\(record.kind.rawValue): not as it is written")
        }
    }
}

private struct EntryReader {
    let record: AuditRecord
    var fields: Fields

    mutating func event() throws(MalformedRecord) -> LedgerEvent {
        switch record.kind {
        case .reserved: .reserved(try reservation())
        case .sending:
            .sending(
                try intent(), watermark: try fields.idIfAny("watermark"), look: try fields.text("look"),
                key: try fields.requestKeyIfAny("key"), witness: try fields.optional("witness", KeyWitness.init))
        case .asking: .asked(try intent(), try AskingProof(&fields))
        case .probe: try probe()
        case .outcome: .outcome(try intent(), try Settlement(&fields))
        case .planning: .planned(try instance(), try Planning(&fields))
        case .decision: .decided(try decided())
        case .latch: try latch()
        case .owner:
            .owned(
                try instance(), root: try required(record.root, "root"), policy: try required(record.policy, "policy"),
                shadow: try fields.flag("shadow"))
        case .suspension: try suspension()
        case .tag: .learnedTag(try instance(), name: try fields.text("name"), id: try fields.text("id"))
        case .tick: .tick(try instance(), try TickPatch(&fields))
        case .coverageGap: .gap(try instance(), execution: record.execution, try CoverageGap(&fields))
        case .epoch: try epoch()
        case .replay: try replay()
        case .approval: try approval()
        case .standing: try standing()
        case .absence: try absence()
        case .incident: try incident()
        case .command: try command()
        case .policy:
            .policy(
                PolicyText(
                    version: try fields.text("version"), name: try required(record.policy, "policy"),
                    text: try fields.text("text"), place: try fields.text("place")))
        case .lifecycle:
            .lifecycle(try Lifecycle(&fields))
        case .notice: .notified(try ChannelEntry(&fields))
        case .sealed: .sealed(try LedgerSegment(&fields))
        }
    }

    private func required<T>(_ value: T?, _ what: String) throws(MalformedRecord) -> T {
        guard let value else { throw MalformedRecord("\(what) is missing") }
        return value
    }

    private func instance() throws(MalformedRecord) -> InstanceKey { try required(record.instance, "instance") }

    private mutating func intent() throws(MalformedRecord) -> IntentRef {
        IntentRef(
            id: IntentID(try fields.number("intent")), instance: try instance(), action: try fields.word("action"),
            execution: try required(record.execution, "execution"), root: try required(record.root, "root"),
            policy: try required(record.policy, "policy"))
    }

    private mutating func reservation() throws(MalformedRecord) -> Reservation {
        let draft = try IntentDraft(
            try instance(), try required(record.execution, "execution"), try required(record.root, "root"),
            try required(record.policy, "policy"), &fields)
        return Reservation(
            draft: draft, request: try fields.text("request"), attempts: Int(try fields.number("attempts")),
            due: try fields.time("due"), start: try fields.textIfAny("start"),
            risk: try fields.wordIfAny("repeat_risk"),
            supersedes: try fields.numberIfAny("supersedes").map { IntentID($0) })
    }

    private mutating func decided() throws(MalformedRecord) -> DecidedExecution {
        DecidedExecution(
            instance: try instance(), execution: try required(record.execution, "execution"),
            root: try required(record.root, "root"), isShadow: try fields.flag("shadow"), now: try fields.time("now"),
            parts: try fields.all("parts", DecidedExecution.Part.init),
            evidence: try DecisionEvidence.read(&fields))
    }

    private mutating func latch() throws(MalformedRecord) -> LedgerEvent {
        let parts = Latch.Parts(owner: record.policy, child: try fields.idIfAny("value"))
        let latch = try Latch(
            try fields.text("latch"), parts, of: try required(record.execution, "execution"),
            at: try fields.time("since"))
        return .latched(try instance(), latch, shadow: try fields.flag("shadow"))
    }

    private mutating func suspension() throws(MalformedRecord) -> LedgerEvent {
        let action: ActionKind = try fields.word("action")
        guard let reason = try fields.textIfAny("reason") else { return .restored(try instance(), action) }
        return .suspended(try instance(), action, reason: reason)
    }

    private mutating func probe() throws(MalformedRecord) -> LedgerEvent {
        let probe = try KeyProbe(&fields)
        guard let answer = try fields.optional("answer", KeyAnswer.init) else { return .probing(try instance(), probe) }
        return .probed(try instance(), probe, answer)
    }

    private mutating func epoch() throws(MalformedRecord) -> LedgerEvent {
        let what = try fields.text("what")
        if what == "alarm" {
            return .alarmed(try instance(), reason: try fields.text("why"), execution: record.execution)
        }
        let baseline = try InstanceBaseline(try instance(), &fields)
        let who = try fields.text("who")
        switch what {
        case "init": return .began(baseline, .initialised(by: who))
        case "adopted":
            return .began(
                baseline,
                .adopted(
                    by: who, reason: try fields.text("reason"), from: Int(try fields.number("from_epoch")),
                    alarm: try fields.textIfAny("alarm")))
        default: throw MalformedRecord("what is '\(what)'")
        }
    }

    private mutating func replay() throws(MalformedRecord) -> LedgerEvent {
        let name = try required(record.policy, "policy")
        guard let state: Replay.State = try fields.wordIfAny("state") else {
            return .replayBegan(try instance(), try ReplayStart(name, &fields))
        }
        return .replayMoved(
            try instance(),
            ReplayMove(name, state, by: try fields.textIfAny("who") ?? "", why: try fields.text("why")))
    }

    private mutating func approval() throws(MalformedRecord) -> LedgerEvent {
        let (execution, root) = (try required(record.execution, "execution"), try required(record.root, "root"))
        let policy = try required(record.policy, "policy")
        guard let id = try fields.numberIfAny("ask") else {
            return .approvalAsked(try ApprovalAsk(try instance(), execution, root, policy, &fields))
        }
        let reference = ApprovalRef(
            id: ApprovalID(id), instance: try instance(),
            topic: ApprovalTopic(execution, try fields.word("action"), policy), root: root)
        guard let kind: ApprovalEnd.Kind = try fields.wordIfAny("ends") else {
            return .approvalAnswered(reference, try ApprovalAnswer(&fields))
        }
        return .approvalClosed(reference, ApprovalEnd(kind, why: try fields.text("why")))
    }

    private mutating func standing() throws(MalformedRecord) -> LedgerEvent {
        let policy = try required(record.policy, "policy")
        guard let who = try fields.textIfAny("who") else {
            return .demoted(try instance(), try Demotion(policy, &fields))
        }
        return .promoted(
            try instance(),
            Promotion(
                policy: policy, version: try fields.text("version"), by: who, reason: try fields.text("reason")))
    }

    private mutating func absence() throws(MalformedRecord) -> LedgerEvent {
        guard let cause: AbsenceEnd.Cause = try fields.wordIfAny("ended") else {
            return .absenceBegan(try instance(), try Absence(&fields))
        }
        return .absenceEnded(try instance(), try AbsenceEnd(cause, &fields))
    }

    private mutating func incident() throws(MalformedRecord) -> LedgerEvent {
        switch try fields.text("what") {
        case "opened": return .incidentOpened(try instance(), try Incident(&fields))
        case "moved": return .incidentMoved(try instance(), try IncidentMove(&fields))
        case "over": return .incidentOver(try instance(), try IncidentEnd(&fields))
        case let other: throw MalformedRecord("what is '\(other)'")
        }
    }

    private mutating func command() throws(MalformedRecord) -> LedgerEvent {
        switch try fields.text("command") {
        case "pause":
            return .paused(
                instance: try fields.textIfAny("instance"), reason: try fields.text("reason"),
                by: try fields.text("who"), until: try fields.timeIfAny("until"),
                isDoubt: try fields.flag("doubt"))
        case "resume": return .resumed(instance: try fields.textIfAny("instance"), by: try fields.text("who"))
        case "resolve":
            return .resolved(
                try intent(), ran: try fields.flag("ran"), by: try fields.text("who"),
                reason: try fields.text("reason"))
        case let other: throw MalformedRecord("command is '\(other)'")
        }
    }
}

extension IntentRef {
    fileprivate init(
        id: IntentID, instance: InstanceKey, action: ActionKind, execution: ExecutionID, root: ExecutionID,
        policy: String
    ) {
        self.init(
            id,
            IntentDraft(
                instance: instance, action: action, execution: execution, root: root, workflow: "", policy: policy,
                policyVersion: ""))
    }
}

extension DecidedExecution.Part {
    init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        let verdict = try LedgerView.RecordedVerdict.Part(&fields)
        self.init(
            verdict: verdict, label: try fields.textIfAny("verdict") ?? verdict.phase.rawValue,
            request: try fields.textIfAny("request"), until: try fields.timeIfAny("until"),
            why: try fields.textIfAny("words"), takenFrom: try fields.textIfAny("taken_from"),
            bulkHeld: try fields.textIfAny("bulk_stop_held"))
        try fields.finish()
    }
}

extension LedgerView.RecordedVerdict.Part {
    init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        try self.init(&fields)
        try fields.finish()
    }

    init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            policy: try fields.textIfAny("policy"), version: try fields.textIfAny("version"),
            status: try fields.word("status"), phase: try fields.word("phase"))
    }
}

extension CoverageGap {
    fileprivate init(_ fields: inout Fields) throws(MalformedRecord) {
        switch try fields.text("gap") {
        case "vanished": self = .vanished
        case "missing": self = .missing(try fields.ranges("ids"))
        case "unwatched": self = .unwatched(from: try fields.time("from"), to: try fields.time("to"))
        case "unread": self = .unread(try fields.readingGap())
        case "read_again": self = .readAgain(since: try fields.time("since"), ofData: try fields.flag("of_data"))
        case let other: throw MalformedRecord("gap is '\(other)'")
        }
    }
}

extension TickPatch {
    fileprivate init(_ fields: inout Fields) throws(MalformedRecord) {
        let floor = try fields.textIfAny("missing_floor")
        self.init(
            tick: try fields.number("tick"), accounted: try fields.idIfAny("accounted"),
            coveredFrom: try fields.idIfAny("covered_from"), sweptAt: try fields.timeIfAny("swept_at"),
            coveredSince: try fields.timeIfAny("covered_since"), lookedAt: try fields.timeIfAny("looked_at"),
            rows: Int(try fields.number("rows")),
            clockOffset: try fields.clockOffset(), setBack: try fields.setBackIfAny(),
            gap: try fields.readingGapIfAny(),
            live: try fields.all("live", TickState.Live.init), ended: try fields.texts("ended").map { ExecutionID($0) },
            missing: try fields.ranges("missing"), missingFloor: floor.flatMap { UInt64($0) },
            sightings: try fields.allIfAny("sightings", TickState.Sighting.init),
            fingerprints: try fields.allIfAny("fingerprints", InstanceBaseline.Fingerprint.init))
    }
}

extension Fields {
    /// A list that is told apart from none.
    fileprivate mutating func allIfAny<T>(
        _ key: String, _ read: (JSONValue) throws(MalformedRecord) -> T
    ) throws(MalformedRecord) -> [T]? {
        try optional(key) { (value) throws(MalformedRecord) in
            guard case .list(let elements) = value else { throw MalformedRecord("\(key) is no list") }
            var found: [T] = []
            for element in elements { found.append(try read(element)) }
            return found
        }
    }
}
