import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowText

/// The ledger as a file, for people.
enum LedgerText {
    static func info(_ info: LedgerUpkeep.Info) -> TextReport {
        let measure = info.measure
        var lines: [ReportLine] = [
            ReportLine(StyledText(info.path, .heading)),
            row(
                "size",
                "\(size(measure.bytes)), of it free \(size(measure.freeBytes)), beside it \(size(measure.logBytes))"),
            row("records", "\(measure.records) in \(size(measure.recordBytes))"),
        ]
        if let first = info.first, let last = info.last {
            lines.append(row("from", "\(first.rfc3339Seconds) to \(last.rfc3339Seconds)"))
        }
        if let growth = info.bytesPerDay {
            lines.append(row("grows", "\(size(growth)) a day, some \(size(growth * 365)) a year"))
        }
        lines += info.segments.map { row("sealed", $0.words) }
        lines.append(row("holds", holds(measure.cells)))
        lines.append(row("head", "\(info.head)"))
        return TextReport(lines)
    }

    /// What stands in it, the most frequent first; what is kept for its own sake stands in the JSON alone.
    static func holds(_ cells: [String: Int]) -> String {
        var told: [(count: Int, words: String)] = []
        for (name, count) in cells {
            guard let table = LedgerCell.Table(rawValue: name), let (one, many) = kind(of: table) else { continue }
            told.append((count, count.words(one, many)))
        }
        told.sort { ($1.count, $0.words) < ($0.count, $1.words) }
        return told.isEmpty ? "nothing yet" : told.map(\.words).joined(separator: ", ")
    }

    /// What a row of a table is for who reads of it, one and many; nil where it means nothing to them.
    private static func kind(of table: LedgerCell.Table) -> (one: String, many: String)? {
        switch table {
        case .intent: ("request", "requests")
        case .verdict: ("decision", "decisions")
        case .evidence: ("piece of evidence", "pieces of evidence")
        case .latch: ("fact about a chain", "facts about chains")
        case .owner: ("chain of a policy", "chains of policies")
        case .live: ("execution that goes on", "executions that go on")
        case .approval: ("ask", "asks")
        case .replay: ("replay", "replays")
        case .absence: ("workflow that did not run", "workflows that did not run")
        case .incident: ("incident", "incidents")
        case .policy: ("text of a policy", "texts of policies")
        case .pause: ("pause", "pauses")
        case .channel: ("channel", "channels")
        case .tick, .marks, .suspension, .alarm, .tag, .baseline, .origin, .standing, .setting, .segment: nil
        }
    }

    static func backup(_ path: String, _ found: AuditVerification) -> TextReport {
        guard let fault = found.fault else {
            return ["\(path): \(found.count.words("record", "records")), checked, head \(found.head)"]
        }
        return ["\("\(path) is no good:", .wrong) \(fault)"]
    }

    static func seal(_ it: LedgerSeal, into folder: String, isDone: Bool) -> TextReport {
        var lines: [ReportLine] = []
        if let range = it.range, let until = it.until {
            let numbers = "\(range.lowerBound) to \(range.upperBound)"
            let what = "\(range.count) of \(it.records.words("record", "records")), \(numbers), \(size(it.bytes))"
            let done = isDone ? "were sealed into \(folder)" : "would go into \(folder)"
            lines.append("\(what), the last of \(until.rfc3339Seconds), \(done).")
            lines.append("The records behind them stay: \(it.why).")
            lines += it.segments.map { "  \($0.file)  \(Hex.text($0.digest))" }
            lines += isDone ? sealed : ["What they add up to stays. Nothing was changed: `--yes` does it."]
        } else {
            lines.append("Nothing can be sealed: \(it.why).")
        }
        lines += it.leftOver.map { name -> ReportLine in
            "\("left over", .held)  \(folder) has \(name), which no record of the ledger speaks of"
        }
        return TextReport(lines)
    }

    private static let sealed: [ReportLine] = [
        "Keep these files: without them nobody can check or show what is in them.",
        "`mendflow ledger compact` gives back what is free in the ledger now, when no agent runs.",
    ]

    static func restore(_ it: LedgerRestore, onlyLooked: Bool, options: String) -> TextReport {
        var lines: [ReportLine] = [
            "\(it.copy) ends with record \(it.head.sequence) of \(it.at.rfc3339Seconds), and is as it was written."
        ]
        switch it.relation {
        case .same: lines.append("It is the ledger as it stands: nothing is lost.")
        case .alone(let why):
            lines.append("\("Nobody can tell what was done since", .held), for there is no ledger to ask: \(why)")
        case .earlier(let records, let sent):
            let them = records == 1 ? "it" : "them"
            let what =
                sent.isEmpty
                ? "nothing was sent in \(them)"
                : "with \(sent.count.words("request that was", "requests that were")) sent"
            lines.append("\("\(records.words("record is", "records are")) newer", .held), \(what).")
            lines += sent.prefix(most).map {
                "  \($0.action.rawValue) of \($0.execution) on \($0.instance.name) [\($0.policy)]"
            }
            if sent.count > most { lines.append("  and \(sent.count - most) more") }
        }
        guard !onlyLooked else { return TextReport(lines) }
        if let aside = it.setAside { lines.append("What was there is kept as \(aside)") }
        lines.append("The copy is the ledger now.")
        if it.paused != nil {
            lines += [
                "\("Acting is paused", .held), for the copy does not know what was sent since. Have what has ended left alone, and go on:",
                "  mendflow instance adopt\(options) --force --reason 'restored from a copy'",
                "  mendflow resume\(options) --force",
            ]
        }
        return TextReport(lines)
    }

    /// So many requests are named one by one.
    private static let most = 20

    private static func row(_ topic: String, _ words: String) -> ReportLine {
        .row(of: "ledger", always: true, [StyledText(topic), StyledText(words)])
    }

    /// Bytes as people say them.
    static func size(_ bytes: Int64) -> String {
        switch bytes {
        case ..<1_000_000: "\((bytes + 999) / 1000) kB"
        case ..<1_000_000_000: "\(bytes / 1_000_000).\(bytes / 100_000 % 10) MB"
        default: "\(bytes / 1_000_000_000).\(bytes / 100_000_000 % 10) GB"
        }
    }
}
