import MendflowCore
import MendflowText

extension Planning {
    func write(into members: inout Members) {
        members.set("head", head)
        members.set("reconciled", reconciled)
        members.set("between", between)
        members.set("acts", acts)
        members.set("deletes_old", deletesOld)
        members.set(clockOffset)
        members.set("now", now)
        members.set("baseline", baseline)
        if case .partial(let reasons) = completeness { members.set("partial", value: .texts(reasons)) }
        coverage.write(into: &members)
        if !notOffered.isEmpty { members.set("not_offered", value: .texts(notOffered.map(\.rawValue).sorted())) }
        members.set("highest", highest)
        members.set("oldest_seen", oldestSeen)
        members.set("saves_successes_by_default", seesDefaultSuccesses)
        members.set("oldest_known_creation", oldestKnownCreation)
        members.set("policies", policies.description)
        members.set("terms", terms)
        members.set("pieces", pieces.map(\.stored))
    }

    init(_ fields: inout Fields) throws(MalformedRecord) {
        let place = Place(
            head: try fields.number("head"), reconciled: Int(try fields.number("reconciled")),
            between: Int(try fields.number("between")))
        guard let policies = try fields.hashIfAny("policies") else { throw MalformedRecord("policies is missing") }
        var moment = Snapshot(
            instance: InstanceKey(name: "", epoch: 1), now: try fields.time("now"),
            clockOffset: try fields.clockOffset(), baseline: try fields.time("baseline"),
            coverage: try Coverage(&fields))
        if fields.members["partial"] != nil { moment.completeness = .partial(try fields.texts("partial")) }
        if fields.members["not_offered"] != nil {
            moment.notOffered = try Planning.kinds(try fields.texts("not_offered"))
        }
        moment.highest = try fields.idIfAny("highest")
        moment.counted = CountedFacts(
            judged: [], oldestSeen: try fields.idIfAny("oldest_seen"),
            seesDefaultSuccesses: try fields.flag("saves_successes_by_default"),
            oldestKnownCreation: try fields.timeIfAny("oldest_known_creation"))
        self.init(
            moment, at: place, acts: try fields.flag("acts"), deletesOld: try fields.flag("deletes_old"),
            policies: policies, terms: try fields.textIfAny("terms"),
            pieces: try fields.all("pieces", EvidencePiece.init))
    }
}

extension Planning {
    private static func kinds(_ words: [String]) throws(MalformedRecord) -> Set<ActionKind> {
        var kinds: Set<ActionKind> = []
        for word in words {
            guard let kind = ActionKind(rawValue: word), kinds.insert(kind).inserted else {
                throw MalformedRecord("not_offered: \(word)")
            }
        }
        return kinds
    }
}

extension EvidencePiece {
    fileprivate var stored: JSONValue {
        var members = Members()
        members.set("about", execution)
        members.set("is", value: value)
        return members.value
    }

    fileprivate init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        self.init(try fields.value("is"), about: try fields.idIfAny("about"))
        try fields.finish()
    }
}

extension Coverage {
    fileprivate func write(into members: inout Members) {
        members.set("look_back", lookBack)
        members.set("retries_known_from", retriesKnownFrom)
        members.set("rows_known_from", rowsKnownFrom)
        members.set("ids_known_from", idsKnownFrom)
        members.set("unknown_ids", unknownIDs)
        members.set("hides_waiting", hidesWaiting)
    }

    fileprivate init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            lookBack: Period(milliseconds: try fields.number("look_back")),
            retriesKnownFrom: try fields.idIfAny("retries_known_from"),
            rowsKnownFrom: try fields.idIfAny("rows_known_from"), idsKnownFrom: try fields.idIfAny("ids_known_from"),
            unknownIDs: Int(try fields.number("unknown_ids")), hidesWaiting: try fields.flag("hides_waiting"))
    }
}
