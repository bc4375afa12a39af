import MendflowCore

extension TickPatch {
    var changesMarks: Bool {
        sightings != nil || fingerprints != nil || !missing.isEmpty || missingFloor != nil
    }
}

extension TickState {
    /// The numbers, which change at every tick.
    var numbers: AuditValue {
        var members = Members()
        members.set("tick", tick)
        members.set("accounted", accounted)
        members.set("covered_from", coveredFrom)
        members.set("swept_at", sweptAt)
        members.set("covered_since", coveredSince)
        members.set("rows", rows)
        members.set("clock_offset", clockOffset)
        return members.value
    }

    /// What the database is recognised by, and which ids are missing in it.
    var marks: AuditValue {
        var members = Members()
        members.set("missing", missing)
        members.set("sightings", sightings.map(\.stored))
        members.set("fingerprints", fingerprints.map(\.stored))
        return members.value
    }

    mutating func loadNumbers(_ fields: inout Fields, at time: Timestamp) throws(MalformedRecord) {
        at = time
        tick = try fields.number("tick")
        accounted = try fields.idIfAny("accounted")
        coveredFrom = try fields.idIfAny("covered_from")
        sweptAt = try fields.timeIfAny("swept_at")
        coveredSince = try fields.timeIfAny("covered_since")
        rows = Int(try fields.number("rows"))
        clockOffset = Period(milliseconds: try fields.number("clock_offset"))
    }

    mutating func loadMarks(_ fields: inout Fields) throws(MalformedRecord) {
        missing = try fields.ranges("missing")
        sightings = try fields.all("sightings", Sighting.init)
        fingerprints = try fields.all("fingerprints", InstanceBaseline.Fingerprint.init)
    }

    /// Takes in a live row, in the place of an older one.
    mutating func add(_ row: Live) {
        live.removeAll { $0.execution.id == row.execution.id }
        live.append(row)
        live.sort { $0.execution.id < $1.execution.id }
    }
}

extension LedgerCell {
    static func of(_ pause: LedgerState.Pause) -> LedgerCell {
        LedgerCell(
            Key(.pause, nil, pause.instance ?? ""), at: pause.at,
            value: .object(["reason": .text(pause.reason), "by": .text(pause.by)]))
    }

    static func of(_ text: PolicyText, at time: Timestamp) -> LedgerCell {
        LedgerCell(
            Key(.policy, nil, text.version), at: time,
            value: .object(["name": .text(text.name), "text": .text(text.text), "place": .text(text.place)]))
    }
}

extension LedgerState {
    /// Takes in a cell as a store keeps it; throws where it is none that this version writes.
    public mutating func load(_ cell: LedgerCell) throws(LedgerFailure) {
        do throws(MalformedRecord) { try take(cell) } catch {
            throw .corrupt("\(cell.key.table.rawValue) \(cell.key.name): \(error.description)")
        }
    }

    private mutating func take(_ cell: LedgerCell) throws(MalformedRecord) {
        if let key = cell.key.instanceKey {
            return try instances[key, default: InstanceLedger(key)].load(cell)
        }
        var fields = try Fields(cell.value)
        switch cell.key.table {
        case .pause:
            pauses[cell.key.name] = Pause(
                instance: cell.key.name.isEmpty ? nil : cell.key.name, reason: try fields.text("reason"),
                by: try fields.text("by"), at: cell.at)
        case .policy:
            policies[cell.key.name] = PolicyText(
                version: cell.key.name, name: try fields.text("name"), text: try fields.text("text"),
                place: try fields.text("place"))
        default: throw MalformedRecord("an instance is missing")
        }
        try fields.finish()
    }
}
