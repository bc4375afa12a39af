internal import MendflowCore
internal import MendflowYAML

/// Parses `rollout`: the share of chains that a policy acts on.
struct RollOutParser {
    let report: Report

    static let shape = MapShape(what: "`rollout`", keys: ["percent"], required: ["percent"])

    /// The roll-out, or nil with findings.
    func parse(_ node: YAMLNode) -> RollOut? {
        guard let map = MapReader(node, RollOutParser.shape, report), let written = map["percent"],
            let percent = report.whole(written, "`percent`", in: 0...100)
        else { return nil }
        if percent == 0 {
            report.warning(
                "acts-on-none", "a roll-out of 0 acts on no chain at all", at: written.range,
                notes: ["mode: dry_run is meant for that, and judges it with the guards of dry-run"])
        } else if percent == 100 {
            report.warning(
                "no-effect", "a roll-out of 100 leaves out nothing", at: written.range, notes: ["take it out"])
        }
        return RollOut(percent: percent)
    }
}
