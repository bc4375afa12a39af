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
        let kinds = measure.cells.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
        lines.append(row("holds", kinds.joined(separator: ", ")))
        lines.append(row("head", "\(info.head)"))
        return TextReport(lines)
    }

    static func backup(_ path: String, _ found: AuditVerification) -> TextReport {
        guard let fault = found.fault else {
            return ["\(path): \(found.count) records, checked, head \(found.head)"]
        }
        return ["\("\(path) is no good:", .wrong) \(fault)"]
    }

    static func restore(_ it: LedgerRestore, onlyLooked: Bool, options: String) -> TextReport {
        var lines: [ReportLine] = [
            "\(it.copy) ends with record \(it.head.sequence) of \(it.at.rfc3339Seconds), and is as it was written."
        ]
        switch it.relation {
        case .same: lines.append("It is the ledger as it stands: nothing is lost.")
        case .alone(let why):
            lines.append("\("Nobody can tell what was done since", .held), for there is no ledger to ask: \(why)")
        case .earlier(let records, let sent):
            let what = sent.isEmpty ? "nothing was sent in them" : "with \(sent.count) requests that were sent"
            lines.append("\("\(records) records are newer", .held), \(what).")
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
                "  mendflow resume\(options)",
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
