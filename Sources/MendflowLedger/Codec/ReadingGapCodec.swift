import MendflowCore
import MendflowText

extension Members {
    mutating func set(_ gap: ReadingGap?) {
        guard let gap else { return }
        var members = Members()
        switch gap.part {
        case .lists: break
        case .below(let id): members.set("below", id)
        case .above(let id): members.set("above", id)
        case .data(let count): members.set("data", count)
        }
        members.set("since", gap.since)
        members.set("why", gap.why)
        set("gap", value: members.value)
    }
}

extension Fields {
    mutating func readingGapIfAny() throws(MalformedRecord) -> ReadingGap? {
        try optional("gap") { (value) throws(MalformedRecord) in
            var fields = try Fields(value)
            let (below, above) = (try fields.idIfAny("below"), try fields.idIfAny("above"))
            let part: ReadingGap.Part
            switch (below, above, try fields.numberIfAny("data")) {
            case (nil, nil, nil): part = .lists
            case (let below?, nil, nil): part = .below(below)
            case (nil, let above?, nil): part = .above(above)
            case (nil, nil, let count?): part = .data(Int(count))
            default: throw MalformedRecord("a gap is one of: below an execution, above one, the data of some")
            }
            let gap = ReadingGap(part, since: try fields.time("since"), why: try fields.text("why"))
            try fields.finish()
            return gap
        }
    }
}
