import MendflowCore
import MendflowText

extension ReadingGap {
    /// Writes what is not read, since when and why.
    func write(into members: inout Members) {
        switch part {
        case .lists: break
        case .below(let id): members.set("below", id)
        case .above(let id): members.set("above", id)
        case .data(let count): members.set("data", count)
        }
        members.set("since", since)
        members.set("why", why)
    }
}

extension Members {
    mutating func set(_ gap: ReadingGap?) {
        guard let gap else { return }
        var members = Members()
        gap.write(into: &members)
        members.set("told", gap.isTold)
        set("gap", value: members.value)
    }
}

extension Fields {
    /// What is not read, since when and why, of a record about nothing else.
    mutating func readingGap() throws(MalformedRecord) -> ReadingGap {
        let (below, above) = (try idIfAny("below"), try idIfAny("above"))
        let part: ReadingGap.Part
        switch (below, above, try numberIfAny("data")) {
        case (nil, nil, nil): part = .lists
        case (let below?, nil, nil): part = .below(below)
        case (nil, let above?, nil): part = .above(above)
        case (nil, nil, let count?): part = .data(Int(count))
        default: throw MalformedRecord("a gap is one of: below an execution, above one, the data of some")
        }
        return ReadingGap(part, since: try time("since"), why: try text("why"))
    }

    mutating func readingGapIfAny() throws(MalformedRecord) -> ReadingGap? {
        try optional("gap") { (value) throws(MalformedRecord) in
            var fields = try Fields(value)
            var gap = try fields.readingGap()
            gap.isTold = try fields.flag("told")
            try fields.finish()
            return gap
        }
    }
}
