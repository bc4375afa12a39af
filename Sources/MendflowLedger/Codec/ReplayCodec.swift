import MendflowCore
import MendflowText

extension ReplayStart {
    func write(into members: inout Members) {
        members.set("version", version)
        members.set("total", total)
        members.set("earliest", earliest)
        members.set("who", by)
        members.set("reason", reason)
        members.set("selection", selection)
    }

    init(_ name: String, _ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            name: name, version: try fields.text("version"), total: Int(try fields.number("total")),
            earliest: try fields.time("earliest"), by: try fields.text("who"), reason: try fields.text("reason"),
            selection: try fields.text("selection"))
    }
}

extension ReplayMove {
    func write(into members: inout Members) {
        members.set("state", state)
        members.set("who", by.isEmpty ? nil : by)
        members.set("why", why)
    }
}

extension LedgerCell {
    static func of(_ replay: Replay, _ instance: InstanceKey) -> LedgerCell {
        var members = Members()
        replay.start.write(into: &members)
        members.set("begun_at", replay.begunAt)
        members.set("state", replay.state)
        members.set("moved_by", replay.movedBy)
        members.set("why", replay.why)
        return LedgerCell(Key(.replay, instance, replay.name), at: replay.since, value: members.value)
    }
}

extension Replay {
    /// Reads a replay as a cell keeps it.
    init(cell: LedgerCell, _ fields: inout Fields) throws(MalformedRecord) {
        let start = try ReplayStart(cell.key.name, &fields)
        self.init(start, at: try fields.time("begun_at"))
        since = cell.at
        state = try fields.word("state")
        movedBy = try fields.text("moved_by")
        why = try fields.text("why")
    }
}
