internal import MendflowCore
import MendflowText
internal import MendflowYAML

/// Parses `incidents`: when failures belong together.
struct IncidentParser {
    let report: Report

    /// The rules, or nil with findings.
    func parse(_ node: YAMLNode) -> IncidentRules? {
        let shape = MapShape(what: "`incidents`", keys: ConfigurationKeys.incidents.map(\.key))
        guard let map = MapReader(node, shape, report) else { return nil }
        var rules = IncidentRules()
        if let number = report.whole(map, ConfigurationKeys.atLeast) { rules.atLeast = number }
        if let period = report.period(map, ConfigurationKeys.within) { rules.within = period }
        if let period = report.period(map, ConfigurationKeys.overAfter) { rules.overAfter = period }
        rules.overAfter = max(rules.overAfter, rules.within)
        if let by = map["by"],
            let traits = report.oneOrMore(by, "`by`", { report.word($0, "`by`", as: IncidentRules.Trait.self) })
        {
            rules.traits = Set(traits)
        }
        return rules
    }
}
