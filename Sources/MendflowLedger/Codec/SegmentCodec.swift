import MendflowCore
import MendflowText

extension LedgerSegment {
    func write(into members: inout Members) {
        members.set("first", first)
        members.set("last", last)
        members.set("hash", Hex.text(hash))
        members.set("since", since)
        members.set("until", until)
        members.set("file", file)
        members.set("digest", Hex.text(digest))
        members.set("base", Hex.text(base))
        members.set("origin", Hex.text(origin))
        members.set("who", by)
        members.set("sealed_at", sealedAt)
        members.set("carried", carried.map(\.stored))
    }

    init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            first: try fields.number("first"), last: try fields.number("last"), hash: try fields.digest("hash"),
            since: try fields.time("since"), until: try fields.time("until"), file: try fields.text("file"),
            digest: try fields.digest("digest"), base: try fields.digest("base"), origin: try fields.digest("origin"),
            by: try fields.text("who"), sealedAt: try fields.time("sealed_at"),
            carried: try fields.all("carried", SealedRecord.init(stored:)))
    }

    /// Reads one as a cell keeps it; nil where this is none.
    init?(_ cell: LedgerCell) {
        guard cell.key.table == .segment, var fields = try? Fields(cell.value),
            let segment = try? LedgerSegment(&fields), (try? fields.finish()) != nil
        else { return nil }
        self = segment
    }
}

extension LedgerCell {
    /// By its last record, so that a database finds the newest without reading what cells say.
    static func of(_ segment: LedgerSegment) -> LedgerCell {
        var members = Members()
        segment.write(into: &members)
        return LedgerCell(Key(.segment, nil, String(segment.last)), at: segment.sealedAt, value: members.value)
    }
}

extension SealedRecord {
    /// As a line of an exported log has it.
    fileprivate var stored: JSONValue {
        .object([
            "seq": .integer(sequence), "hash": .text(Hex.text(hash)), "previous": .text(Hex.text(previous)),
            "record": (try? CanonicalJSON.decode(bytes)) ?? .null,
        ])
    }

    fileprivate init(stored value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        self.init(
            sequence: try fields.number("seq"), bytes: CanonicalJSON.encode(try fields.value("record")),
            hash: try fields.digest("hash"), previous: try fields.digest("previous"))
        try fields.finish()
    }
}

extension Fields {
    /// Bytes in hexadecimal digits.
    fileprivate mutating func digest(_ key: String) throws(MalformedRecord) -> [UInt8] {
        guard let bytes = Hex.bytes(try text(key)), bytes.count == 32 else {
            throw MalformedRecord("\(key) is no hash")
        }
        return bytes
    }
}
