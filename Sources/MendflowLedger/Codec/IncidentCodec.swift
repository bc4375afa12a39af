import MendflowCore
import MendflowText

extension Incident {
    func write(into members: inout Members) {
        members.set("incident", key)
        traits.write(into: &members)
        extent.write(into: &members)
        members.set("state", state)
        members.set("stands_since", since)
        members.set("opened_at", openedAt)
        if let holding {
            members.set("probe_after_ms", holding.probeAfter.milliseconds)
            members.set("pace", holding.pace.amount)
            members.set("pace_per_ms", holding.pace.per.milliseconds)
        }
        members.set("probe", probe)
        members.set("failed_probes", failedProbes)
    }

    init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            key: try fields.text("incident"), traits: try IncidentTraits(&fields), extent: try Extent(&fields),
            holding: try Holding(&fields), at: try fields.time("opened_at"))
        state = try fields.word("state")
        since = try fields.time("stands_since")
        probe = try fields.idIfAny("probe")
        failedProbes = Int(try fields.number("failed_probes"))
    }
}

extension Incident.Holding {
    fileprivate init?(_ fields: inout Fields) throws(MalformedRecord) {
        guard let after = try fields.numberIfAny("probe_after_ms") else { return nil }
        self.init(
            probeAfter: Period(milliseconds: after),
            pace: IncidentPace(
                amount: Int(try fields.number("pace")), per: Period(milliseconds: try fields.number("pace_per_ms"))))
    }
}

extension Incident.Extent {
    fileprivate func write(into members: inout Members) {
        members.set("first_seen", firstSeen)
        members.set("last_seen", lastSeen)
        members.set("failures", failures)
        members.set("members", self.members.description)
        members.set("workflows", workflows)
    }

    fileprivate init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            firstSeen: try fields.time("first_seen"), lastSeen: try fields.time("last_seen"),
            failures: Int(try fields.number("failures")), members: try fields.ranges("members"),
            workflows: try fields.texts("workflows"))
    }
}

extension IncidentTraits {
    fileprivate func write(into members: inout Members) {
        members.set("by", compared.map(\.rawValue).sorted())
        members.set("error_class", errorClass)
        members.set("node_type", nodeType)
        members.set("host", host)
    }

    fileprivate init(_ fields: inout Fields) throws(MalformedRecord) {
        var compared: Set<IncidentRules.Trait> = []
        for word in try fields.texts("by") {
            guard let trait = IncidentRules.Trait(rawValue: word) else { throw MalformedRecord("by is '\(word)'") }
            compared.insert(trait)
        }
        self.init(
            compared, errorClass: try fields.wordIfAny("error_class"), nodeType: try fields.textIfAny("node_type"),
            host: try fields.textIfAny("host"))
    }
}

extension IncidentMove {
    func write(into members: inout Members) {
        members.set("incident", key)
        members.set("state", state)
        extent.write(into: &members)
        members.set("failed_probes", failedProbes)
        members.set("stands_since", since)
        members.set("lets_go", letsGo)
        members.set("why", why)
    }

    init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            try fields.text("incident"), try fields.word("state"), try Incident.Extent(&fields),
            failedProbes: Int(try fields.number("failed_probes")), since: try fields.timeIfAny("stands_since"),
            letsGo: try fields.flag("lets_go"), why: try fields.text("why"))
    }
}

extension IncidentEnd {
    func write(into members: inout Members) {
        members.set("incident", key)
        traits.write(into: &members)
        extent.write(into: &members)
        members.set("opened_at", openedAt)
        members.set("cause", cause)
    }

    init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            key: try fields.text("incident"), traits: try IncidentTraits(&fields),
            extent: try Incident.Extent(&fields), openedAt: try fields.time("opened_at"), try fields.word("cause"))
    }
}

extension LedgerCell {
    static func of(_ incident: Incident, _ instance: InstanceKey, at time: AgentTime) -> LedgerCell {
        var members = Members()
        incident.write(into: &members)
        return LedgerCell(Key(.incident, instance, incident.key), at: time, value: members.value)
    }
}
