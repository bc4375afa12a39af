import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowText

/// Records as text.
enum AuditText {
    static func verification(_ found: AuditVerification) -> String {
        guard let fault = found.fault else {
            return "\(found.count.words("record", "records")), the chain is intact, head \(found.head)\(sealed(found))"
        }
        return
            "BROKEN: \(fault)\n\(found.count.words("record before it is", "records before it are")) good, up to head \(found.head)"
    }

    /// What was sealed, and whether it was looked at.
    private static func sealed(_ found: AuditVerification) -> String {
        guard let newest = found.segments.last else { return "" }
        let count = found.segments.count.words("segment", "segments")
        guard !found.areSegmentsRead else {
            return
                "\nof them \(newest.last) in \(count), which \(found.segments.count == 1 ? "is as it was" : "are as they were") written"
        }
        var lines = [
            "",
            "before them \(newest.last.words("record", "records")) in \(count), the newest of \(newest.sealedAt.rfc3339Seconds):",
            "  `--segments FOLDER` checks them as well",
        ]
        if let segment = found.expectedIn {
            lines.append("the head that was kept lies in \(segment.file), where nobody looked")
        }
        return lines.joined(separator: "\n")
    }

    /// How many decisions were made again, and which come out otherwise.
    static func replay(_ found: AuditReplay) -> TextReport {
        var lines = found.differences.flatMap { difference($0, "otherwise") }
        lines += found.byOtherTerms.flatMap { difference($0, "by another mendflow.yaml") }
        let made = found.made.words("decision was", "decisions were")
        let others = found.byOtherTerms.count
        let all = found.made == 1 ? "it comes out as it was" : "all come out as they were"
        let same = others > 0 ? "all but \(others) come out as they were" : all
        lines.append(
            found.differences.isEmpty
                ? "\(made) made again: \(same) recorded"
                : "\(made) made again: \(found.differences.count.words("comes out otherwise", "come out otherwise"), .wrong)"
        )
        if others > 0 {
            let words = others.words("was made by another mendflow.yaml", "were made by another mendflow.yaml")
            lines.append("\(words), and by this one otherwise: `--config FILE` takes the one of then")
        }
        if let segment = found.segment, found.leaning > 0 {
            let leaning = found.leaning.words("decision leans", "decisions lean")
            lines.append("\(leaning) on records that are not in the ledger: \(segment.words);")
            lines.append("  `--segments FOLDER` makes what leans on them again, too")
        }
        return TextReport(lines)
    }

    private static func difference(_ one: AuditReplay.Difference, _ how: String) -> [ReportLine] {
        [
            "\(how, how == "otherwise" ? .wrong : .held)  record \(one.number), execution \(one.execution)",
            "    recorded: \(one.recorded.map(\.words).joined(separator: "; "))",
            "    again:    \(one.again.map(\.words).joined(separator: "; "))",
        ]
    }

    /// Number, what the clock showed, the time that the record is dated where that is later, kind, what it is about, and
    /// what was decided, or the fields that are short.
    static func line(_ entry: Audit.Entry) -> String {
        let record = entry.record
        // A clock that was ahead and was set back: dates stand still until it has caught up, the numbers go on.
        // Seconds are enough to read, for every line has its number; `export` and `-o json` have milliseconds.
        let date = record.at.rfc3339Seconds
        let dated = record.clock.map { "\($0.rfc3339Seconds) (dated \(date))" } ?? date
        var words = ["\(entry.sequence)", dated, record.kind.rawValue]
        words += [record.instance?.name, record.execution?.text, record.policy.map { "[\($0)]" }].compactMap { $0 }
        return Console.oneLine((words + entry.words).joined(separator: "  "))
    }
}
