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
            switch (below, above) {
            case (nil, nil): part = .lists
            case (let below?, nil): part = .below(below)
            case (nil, let above?): part = .above(above)
            default: throw MalformedRecord("a gap is below one execution and above another")
            }
            let gap = ReadingGap(part, since: try fields.time("since"), why: try fields.text("why"))
            try fields.finish()
            return gap
        }
    }
}
