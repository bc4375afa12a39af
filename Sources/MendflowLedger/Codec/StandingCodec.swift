import MendflowCore
import MendflowText

extension TickPatch {
    var changesMarks: Bool {
        sightings != nil || fingerprints != nil || !missing.isEmpty || missingFloor != nil
    }
}

extension TickState {
    /// The numbers, which change at every tick.
    var numbers: JSONValue {
        var members = Members()
        members.set("tick", tick)
        members.set("accounted", accounted)
        members.set("covered_from", coveredFrom)
        members.set("swept_at", sweptAt)
        members.set("covered_since", coveredSince)
        members.set("looked_at", lookedAt)
        members.set("rows", rows)
        members.set(clockOffset)
        members.set(setBack)
        members.set(gap)
        return members.value
    }

    /// What the database is recognised by, and which ids are missing in it.
    var marks: JSONValue {
        var members = Members()
        members.set("missing", missing)
        members.set("sightings", sightings.map(\.stored))
        members.set("fingerprints", fingerprints.map(\.stored))
        return members.value
    }

    mutating func loadNumbers(_ fields: inout Fields, at time: AgentTime) throws(MalformedRecord) {
        at = time
        tick = try fields.number("tick")
        accounted = try fields.idIfAny("accounted")
        coveredFrom = try fields.idIfAny("covered_from")
        sweptAt = try fields.timeIfAny("swept_at")
        coveredSince = try fields.timeIfAny("covered_since")
        lookedAt = try fields.timeIfAny("looked_at")
        rows = Int(try fields.number("rows"))
        clockOffset = try fields.clockOffset()
        setBack = try fields.setBackIfAny()
        gap = try fields.readingGapIfAny()
    }

    mutating func loadMarks(_ fields: inout Fields) throws(MalformedRecord) {
        missing = try fields.ranges("missing")
        sightings = try fields.all("sightings", Sighting.init)
        fingerprints = try fields.all("fingerprints", InstanceBaseline.Fingerprint.init)
    }
}

extension LedgerCell {
    static func of(_ pause: LedgerState.Pause) -> LedgerCell {
        var value: JSONObject = ["reason": .text(pause.reason), "by": .text(pause.by)]
        value["until"] = pause.until.map { .integer($0.milliseconds) }
        if pause.isDoubt { value["doubt"] = true }
        return LedgerCell(Key(.pause, nil, pause.instance ?? ""), at: pause.at, value: .object(value))
    }

    static func of(_ text: PolicyText, at time: AgentTime) -> LedgerCell {
        LedgerCell(
            Key(.policy, nil, text.version), at: time,
            value: .object(["name": .text(text.name), "text": .text(text.text), "place": .text(text.place)]))
    }
}

extension LedgerState {
    /// Takes in cells as a store keeps them; throws `corrupt` where one is none that this version writes.
    public mutating func load(_ cells: [LedgerCell]) throws(LedgerFailure) {
        for (key, cells) in Dictionary(grouping: cells, by: \.key.instanceKey) {
            if let key {
                try instances[key, default: InstanceLedger(key)].load(cells)
            } else {
                for cell in cells { try load(cell) }
            }
        }
    }

    private mutating func load(_ cell: LedgerCell) throws(LedgerFailure) {
        let name = cell.key.name
        do throws(MalformedRecord) {
            var fields = try Fields(cell.value)
            switch cell.key.table {
            case .pause:
                pauses[name] = Pause(
                    instance: name.isEmpty ? nil : name, reason: try fields.text("reason"), by: try fields.text("by"),
                    at: cell.at, until: try fields.timeIfAny("until"), isDoubt: try fields.flag("doubt"))
            case .policy:
                policies[name] = PolicyText(
                    version: name, name: try fields.text("name"), text: try fields.text("text"),
                    place: try fields.text("place"))
            case .channel: channels[name] = try ChannelStanding(cell: cell, &fields)
            case .segment:
                let segment = try LedgerSegment(&fields)
                sealed[segment.last] = segment
            default: throw MalformedRecord("an instance is missing")
            }
            try fields.finish()
        } catch { throw .corrupt("\(cell.key.table.rawValue) \(name): \(error.description)") }
    }
}
