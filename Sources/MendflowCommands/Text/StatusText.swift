import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowText

/// The state of instances as text.
enum StatusText {
    static func render(_ all: [InstanceStatus]) -> String { all.map(render).joined(separator: "\n\n") }

    static func render(_ status: InstanceStatus) -> String {
        func names(_ names: [String]) -> String { names.isEmpty ? "no policy" : names.joined(separator: ", ") }
        var lines = ["\(status.instance)  \(status.url)  \(status.isReachable ? "reachable" : "NOT REACHABLE")"]
        if let trouble = status.trouble { lines.append("  \(trouble)") }
        lines.append(
            "  mode \(status.mode.rawValue); can act: \(names(status.acting)); in dry-run: \(names(status.dryRun))")
        lines += status.record.map(record) ?? ["  no ledger yet; `mendflow init` makes one"]
        return Console.lines(lines)
    }

    private static func record(_ record: InstanceStatus.Record) -> [String] {
        var lines: [String] = []
        if let alarm = record.alarm { lines.append("  EPOCH ALARM: \(alarm)") }
        if let paused = record.paused { lines.append("  PAUSED: \(paused)") }
        if let until = record.silentUntil {
            lines.append("  WAITS: n8n asked to be left alone until \(until.rfc3339); kill -HUP ends that")
        }
        lines += record.refused.sorted { $0.key < $1.key }.map { "  the key may not \($0.key.rawValue): \($0.value)" }
        let tick = record.lastTick.map { "last tick \($0.tick) at \($0.at)" } ?? "no tick yet"
        lines.append("  \(tick); epoch \(record.epoch), what ended before \(record.since) is left alone")
        if let tick = record.lastTick {
            lines.append(
                "  it read \(tick.rows) rows, ids up to \(tick.accounted?.text ?? "none"), \(tick.liveCount) live; "
                    + "\(tick.missing.count) ids are not there; failed ones swept "
                    + (tick.sweptAt.map { "at \($0) by n8n's clock" } ?? "not yet"))
            if let from = tick.coveredFrom {
                lines.append("  retries of executions below \(from) are not all read yet: those chains are held")
            }
        }
        lines.append(
            "  under way \(record.underWay), unresolved \(record.unresolved), exhausted chains \(record.exhausted)")
        lines.append("  ledger head \(record.head)")
        return lines
    }
}
