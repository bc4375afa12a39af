import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowText

/// Records as text.
enum AuditText {
    static func verification(_ found: AuditVerification) -> String {
        guard let fault = found.fault else {
            return "\(found.count) records, the chain is intact, head \(found.head)"
        }
        return "BROKEN: \(fault)\n\(found.count) records before it are good, up to head \(found.head)"
    }

    /// How many decisions were made again, and which come out otherwise.
    static func replay(_ found: AuditReplay) -> TextReport {
        var lines: [ReportLine] = found.differences.flatMap { one -> [ReportLine] in
            [
                "\("otherwise", .wrong)  record \(one.number), execution \(one.execution)",
                "    recorded: \(one.recorded.map(\.words).joined(separator: "; "))",
                "    again:    \(one.again.map(\.words).joined(separator: "; "))",
            ]
        }
        let made = BacktestText.count(found.made, "decision was", "decisions were")
        lines.append(
            found.differences.isEmpty
                ? "\(made) made again: all come out as they were recorded"
                : "\(made) made again: \("\(found.differences.count) come out otherwise", .wrong)")
        return TextReport(lines)
    }

    /// Number, what the clock showed, the time that the record is dated where that is later, kind, what it is about, and what was decided, or the fields that are short.
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
