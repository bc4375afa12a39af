import MendflowCore
import MendflowText

extension Absence {
    func write(into members: inout Members) {
        key.write(into: &members)
        members.set("version", version)
        members.set("workflow_name", workflowName)
        members.set("within_ms", within.milliseconds)
        members.set("since", since)
        members.set("last", last)
        members.set("last_status", lastStatus)
        members.set("last_ended", lastEnded)
        members.set("shadow", isShadow)
    }

    init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            try AbsenceKey(&fields), version: try fields.text("version"),
            workflowName: try fields.text("workflow_name"),
            within: Period(milliseconds: try fields.number("within_ms")), since: try fields.time("since"),
            last: try fields.id("last"), lastStatus: try fields.word("last_status"),
            lastEnded: try fields.time("last_ended"), isShadow: try fields.flag("shadow"))
    }
}

extension AbsenceEnd {
    func write(into members: inout Members) {
        key.write(into: &members)
        members.set("ended", cause)
        members.set("workflow_name", workflowName)
        members.set("since", since)
        members.set("run", run)
        members.set("ran_at", ranAt)
        members.set("shadow", isShadow)
    }

    init(_ cause: Cause, _ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            try AbsenceKey(&fields), workflowName: try fields.text("workflow_name"), since: try fields.time("since"),
            cause, run: try fields.idIfAny("run"), ranAt: try fields.timeIfAny("ran_at"),
            isShadow: try fields.flag("shadow"))
    }
}

extension AbsenceKey {
    fileprivate func write(into members: inout Members) {
        members.set("missed_by", policy)
        members.set("workflow", workflow.text)
    }

    fileprivate init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(try fields.text("missed_by"), WorkflowID(try fields.text("workflow")))
    }
}

extension LedgerCell {
    static func of(_ absence: Absence, _ instance: InstanceKey, at time: AgentTime) -> LedgerCell {
        var members = Members()
        absence.write(into: &members)
        return LedgerCell(Key(.absence, instance, name(absence.key)), at: time, value: members.value)
    }

    static func name(_ key: AbsenceKey) -> String { key.policy + "\u{1F}" + key.workflow.text }
}
