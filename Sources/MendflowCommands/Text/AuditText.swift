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
        if let told = told(record) { return Console.oneLine((words + told).joined(separator: "  ")) }
        for (name, value) in record.fields.sorted(by: { $0.key < $1.key }) {
            if let text = short(value) { words.append("\(name)=\(text)") }
        }
        return Console.oneLine(words.joined(separator: "  "))
    }

    /// What a record says in words of its own; nil where its fields are shown as they are.
    private static func told(_ record: AuditRecord) -> [String]? {
        switch try? LedgerEntry(record).event {
        case .decided(let decided):
            let parts = decided.parts.map { part in
                // The head names the policy where it is only one.
                let policy = record.policy == nil ? part.verdict.policy.map { "[\($0)] " } : nil
                return (policy ?? "") + part.words
            }
            return (decided.isShadow ? ["dry-run"] : []) + [parts.joined(separator: "; ")]
        case .planned(_, let planning):
            return ["behind record \(planning.head), \(planning.pieces.count) new pieces of evidence"]
        default: return nil
        }
    }

    private static func short(_ value: JSONValue) -> String? {
        switch value {
        case .text(let text):
            if text.utf8.count == 24, let time = ServerTime(rfc3339: text) { return time.rfc3339Seconds }
            let line = text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
            return line.isEmpty ? nil : line == text && text.count <= 100 ? text : "\(line.prefix(60))…"
        case .integer(let number): return String(number)
        case .flag(let flag): return String(flag)
        case .null, .list, .object: return nil
        }
    }
}
