import MendflowCore
import MendflowYAML

/// Reads `mendflow.yaml`.
public struct ConfigurationLoader {
    /// Makes a loader.
    public init() {}

    private static let shape = MapShape(
        what: "mendflow.yaml",
        keys: [
            "mode", "policies", "ledger", "poll_interval", "look_back", "protect", "error_classes", "instances", "log",
        ],
        required: ["instances"], later: ["sweep_interval", "gap_budget", "notify", "console", "read_only_operations"],
        elsewhere: [
            "url": "it belongs to an entry of `instances`", "tags": "it belongs to an entry of `instances`",
            "limits": "it belongs to an entry of `instances`", "match": "it belongs to a policy, in a file of its own",
        ])

    /// Reads a configuration; never fails otherwise than by findings.
    public func load(bytes: [UInt8], file: String) -> LoadedConfiguration {
        let reading = YAMLReader.read(bytes: bytes, file: file)
        let report = Report(file: file)
        var configuration = Configuration()
        if let root = reading.root {
            if let map = MapReader(root, ConfigurationLoader.shape, report) { read(map, report, into: &configuration) }
        } else if !reading.hasErrors {
            report.error("empty-document", "the file is empty; it needs at least `instances:`", at: nil)
        }
        let findings = Finding.inOrder(reading.findings + report.findings)
        let isGood = !findings.contains { $0.severity == .error }
        return LoadedConfiguration(configuration: isGood ? configuration : nil, findings: findings)
    }

    private func read(_ map: MapReader, _ report: Report, into configuration: inout Configuration) {
        if let node = map["mode"], let mode = report.word(node, "`mode`", as: Mode.self) { configuration.mode = mode }
        if let node = map["policies"], let paths = report.oneOrMore(node, "`policies`", { report.text($0, "a path") }) {
            configuration.policies = paths
        }
        if let node = map["ledger"], let path = report.text(node, "`ledger`") { configuration.ledger = path }
        if let node = map["poll_interval"],
            let period = report.period(node, "`poll_interval`", atLeast: .seconds(1))
        {
            configuration.pollInterval = period
        }
        if let node = map["look_back"], let period = report.period(node, "`look_back`", atLeast: .minutes(10)) {
            configuration.lookBack = period
        }
        if let node = map["protect"] { configuration.protections = protections(node, report) }
        configuration.errorRules = ErrorRuleParser(report: report).parse(map["error_classes"])
        if let node = map["log"] { readLog(node, report, into: &configuration) }
        guard let node = map["instances"] else { return }
        let parser = InstanceParser(report: report, protections: { protections($0, report) })
        configuration.instances = report.list(node, "`instances`", parser.parse) ?? []
        checkNames(configuration.instances, node, report)
    }

    private func readLog(_ node: YAMLNode, _ report: Report, into configuration: inout Configuration) {
        guard let map = MapReader(node, MapShape(what: "`log`", keys: ["level", "format"]), report) else { return }
        if let node = map["level"], let level = report.word(node, "`level`", as: AgentEvent.Level.self) {
            configuration.logLevel = level
        }
        if let node = map["format"], let format = report.word(node, "`format`", as: LogShape.self) {
            configuration.logsJSON = format == .json
        }
    }

    private enum LogShape: String, CaseIterable { case logfmt, json }

    /// Every entry is a tree of conditions; an empty list is what `init` writes and protects nothing.
    private func protections(_ node: YAMLNode, _ report: Report) -> [Protection] {
        if node.items?.isEmpty == true { return [] }
        let conditions = ConditionParser(report: report)
        return report.list(node, "`protect`") { item in
            conditions.parse(item, "an entry of `protect`").map {
                Protection(match: $0.cheapestFirst, place: report.place(item.range))
            }
        } ?? []
    }

    private func checkNames(_ instances: [Configuration.Instance], _ node: YAMLNode, _ report: Report) {
        for (index, instance) in instances.enumerated() {
            let range = node.items?[index].range
            if instances[..<index].contains(where: { $0.name == instance.name }) {
                report.error("duplicate-name", "another instance is named \(quoted(instance.name))", at: range)
            }
            if instances[..<index].contains(where: { $0.url.lowercased() == instance.url.lowercased() }) {
                report.error("same-server", "another instance has the same URL", at: range)
            }
        }
    }
}
