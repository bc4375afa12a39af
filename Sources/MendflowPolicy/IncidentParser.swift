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
        if let hold = map["hold"], let flag = report.flag(hold, "`hold`") { rules.holds = flag }
        if let period = report.period(map, ConfigurationKeys.probeAfter) { rules.probeAfter = period }
        if let pace = map["pace"].flatMap(pace) { rules.pace = pace }
        return rules
    }

    private func pace(_ node: YAMLNode) -> IncidentPace? {
        let keys = ConfigurationKeys.incidentPace
        let shape = MapShape(
            what: "`pace`", keys: keys.map(\.key), required: ConfigurationKey.required(keys))
        guard let map = MapReader(node, shape, report), let amount = report.whole(map, ConfigurationKeys.paceAmount),
            let per = report.period(map, ConfigurationKeys.pacePer)
        else { return nil }
        return IncidentPace(amount: amount, per: per)
    }
}
