import MendflowCore
import MendflowText

extension ChannelEntry {
    func write(into members: inout Members) {
        members.set("channel", channel)
        members.set("what", kind)
        members.set("through", through)
        members.set("records", records.map { JSONValue.integer($0) })
        members.set("keys", keys)
        members.set("opened", opened)
        members.set("closed", closed)
        members.set("why", why.isEmpty ? nil : why)
        members.set("next_try", nextTry)
    }

    init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            try fields.text("channel"), try fields.word("what"), through: try fields.number("through"),
            records: try fields.numbers("records"), keys: try fields.texts("keys"),
            opened: try fields.texts("opened"), closed: try fields.texts("closed"),
            why: try fields.textIfAny("why") ?? "", nextTry: try fields.timeIfAny("next_try"))
    }
}

extension LedgerCell {
    static func of(_ standing: ChannelStanding) -> LedgerCell {
        var members = Members()
        members.set("begun_at", standing.begunAt)
        members.set("start", standing.start)
        members.set("through", standing.through)
        members.set("done", standing.done.map { JSONValue.integer($0) })
        members.set("composed", standing.composed.map { JSONValue.integer($0) })
        members.set("open", standing.open)
        members.set("failing_since", standing.failingSince)
        members.set("why", standing.why.isEmpty ? nil : standing.why)
        members.set("next_try", standing.nextTry)
        members.set("delivered", standing.delivered)
        members.set("abandoned", standing.abandoned)
        members.set("delivered_at", standing.deliveredAt)
        members.set("abandoned_at", standing.abandonedAt)
        // When it began is told apart, so that no time of it changes without its value.
        return LedgerCell(Key(.channel, nil, standing.channel), at: standing.begunAt, value: members.value)
    }
}

extension ChannelStanding {
    /// Reads how a channel stands, as a cell keeps it.
    init(cell: LedgerCell, _ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            channel: cell.key.name, begunAt: try fields.time("begun_at"), start: try fields.number("start"),
            through: try fields.number("through"))
        done = try fields.numbers("done")
        composed = try fields.numbers("composed")
        open = try fields.texts("open")
        failingSince = try fields.timeIfAny("failing_since")
        why = try fields.textIfAny("why") ?? ""
        nextTry = try fields.timeIfAny("next_try")
        delivered = try fields.number("delivered")
        abandoned = try fields.number("abandoned")
        deliveredAt = try fields.timeIfAny("delivered_at")
        abandonedAt = try fields.timeIfAny("abandoned_at")
    }
}

extension Fields {
    /// A list of numbers that is stored only where it holds something.
    fileprivate mutating func numbers(_ key: String) throws(MalformedRecord) -> [Int64] {
        var numbers: [Int64] = []
        for value in try list(key) {
            guard case .integer(let number) = value else { throw MalformedRecord("\(key) holds no number") }
            numbers.append(number)
        }
        return numbers
    }
}
