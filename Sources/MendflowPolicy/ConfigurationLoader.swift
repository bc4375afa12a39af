import MendflowCore
import MendflowText
import MendflowYAML

/// Reads `mendflow.yaml`.
public struct ConfigurationLoader {
    /// Makes a loader.
    public init() {}

    static let shape = MapShape(
        what: "the configuration", keys: ConfigurationKeys.top.map(\.key),
        required: ConfigurationKey.required(ConfigurationKeys.top),
        later: ["read_only_operations"],
        elsewhere: Dictionary(
            uniqueKeysWithValues: ConfigurationKeys.instance.map(\.key).filter { !["mode", "protect"].contains($0) }
                .map { ($0, "it belongs to an entry of `instances`") }
                + PolicyParser.shape.keys.filter { !["mode", "name", "instances"].contains($0) }
                .map { ($0, "it belongs to a policy, in a file of its own") }
                + [
                    ("api_key", "write api_key_env or api_key_file in an entry of `instances`, never the key itself"),
                    ("console", "the console is part of `service`, whose `listen` says where it is: docs/console.md"),
                ]))

    /// Reads a configuration; never fails otherwise than by findings, none of which shows a secret.
    public func load(bytes: [UInt8], file: String) -> LoadedConfiguration {
        let reading = YAMLReader.read(bytes: bytes, file: file)
        let report = Report(file: file)
        var configuration = Configuration()
        var isLegible = false
        if let root = reading.root {
            if let map = MapReader(root, ConfigurationLoader.shape, report) {
                read(map, report, into: &configuration)
                // A misspelt `ledger` must not lead to the file of the default name.
                isLegible = map["ledger"]?.string != nil
            }
        } else if !reading.hasErrors {
            report.error("empty-document", "the file is empty; it needs at least `instances:`", at: nil)
        }
        let findings = SecretMask.hiding(Finding.inOrder(reading.findings + report.findings), of: bytes, reading)
        let isGood = !findings.contains { $0.severity == .error }
        return LoadedConfiguration(
            configuration: isGood ? configuration : nil, legible: isLegible ? configuration : nil, findings: findings)
    }

    private func read(_ map: MapReader, _ report: Report, into configuration: inout Configuration) {
        if let node = map["mode"], let mode = report.word(node, "`mode`", as: Ceiling.self) {
            configuration.mode = mode == .enforce ? .enforce : .dryRun
        }
        if let node = map["policies"], let paths = report.oneOrMore(node, "`policies`", { report.text($0, "a path") }) {
            configuration.policies = paths
        }
        if let node = map["ledger"], let path = report.text(node, "`ledger`") {
            configuration.ledger = path
            if PostgresAddress.isMeant(by: path) { checkAddress(path, node, report) }
        }
        if let period = report.period(map, ConfigurationKeys.pollInterval) { configuration.pollInterval = period }
        if let period = report.period(map, ConfigurationKeys.lookBack) { configuration.lookBack = period }
        if let period = report.period(map, ConfigurationKeys.sweepInterval) { configuration.sweepInterval = period }
        if let period = report.period(map, ConfigurationKeys.settling) { configuration.settling = period }
        if let period = report.period(map, ConfigurationKeys.requestGrace) { configuration.requestGrace = period }
        if let budget = report.whole(map, ConfigurationKeys.gapBudget) { configuration.gapBudget = budget }
        if let node = map["protect"] { configuration.protections = protections(node, report) }
        configuration.classifier = ErrorRuleParser(report: report).parse(map["error_classes"])
        configuration.incidents = map["incidents"].flatMap { IncidentParser(report: report).parse($0) }
        if let node = map["cluster"] { readCluster(node, report, into: &configuration) }
        if let node = map["log"] { readLog(node, report, into: &configuration) }
        if let node = map["service"] { configuration.service = ServiceParser(report: report).parse(node) }
        if let node = map["notify"] { configuration.channels = NotifyParser(report: report).parse(node) }
        guard let node = map["instances"] else { return }
        let parser = InstanceParser(report: report, protections: { protections($0, report) })
        configuration.instances = report.list(node, "`instances`", parser.parse) ?? []
        if map["service"] == nil { HintsParser(report: report).checkHeard(node) }
        checkNames(node, report)
    }

    private func readCluster(_ node: YAMLNode, _ report: Report, into configuration: inout Configuration) {
        let shape = MapShape(what: "`cluster`", keys: ConfigurationKeys.cluster.map(\.key))
        guard let map = MapReader(node, shape, report) else { return }
        let names = InstanceParser(report: report, protections: { protections($0, report) })
        if let name = map["name"] { configuration.cluster.name = names.plainName(name, of: "an agent") }
        if let period = report.period(map, ConfigurationKeys.lease) { configuration.cluster.lease = period }
        if let period = report.period(map, ConfigurationKeys.sendWithin) { configuration.cluster.sendWithin = period }
        let cluster = configuration.cluster
        guard cluster.sendWithin + cluster.sendWithin >= cluster.lease else { return }
        report.error(
            "short-lease", "`lease` (\(cluster.lease)) must be longer than twice `send_within` (\(cluster.sendWithin))",
            at: map.key("lease")?.range ?? map.key("send_within")?.range)
    }

    /// What is wrong with the address of a ledger on PostgreSQL.
    private func checkAddress(_ text: String, _ node: YAMLNode, _ report: Report) {
        do throws(PostgresAddress.Fault) {
            guard try !PostgresAddress(text).isChecked else { return }
            report.warning(
                "unchecked-server", "nobody makes sure that the server of `ledger` is the right one", at: node.range,
                notes: ["sslmode=verify-full does, and is what holds where no sslmode is written"])
        } catch {
            report.error(
                error.holdsPassword ? "secret-in-file" : "bad-address", "`ledger`: \(error)", at: node.range)
        }
    }

    private func readLog(_ node: YAMLNode, _ report: Report, into configuration: inout Configuration) {
        guard let map = MapReader(node, MapShape(what: "`log`", keys: ConfigurationKeys.log.map(\.key)), report) else {
            return
        }
        if let node = map["level"], let level = report.word(node, "`level`", as: AgentEvent.Level.self) {
            configuration.logLevel = level
        }
        if let node = map["format"], let format = report.word(node, "`format`", as: LogShape.self) {
            configuration.logsJSON = format == .json
        }
    }

    enum LogShape: String, CaseIterable { case logfmt, json }
    /// The modes that the agent may have. There is no `off`: whoever wants that does not run it.
    enum Ceiling: String, CaseIterable {
        case dryRun = "dry_run"
        case enforce
    }

    /// Every entry is a tree of conditions; an empty list is what `init` writes and protects nothing.
    private func protections(_ node: YAMLNode, _ report: Report) -> [Protection] {
        if node.items?.isEmpty == true { return [] }
        let conditions = ConditionParser(report: report)
        return report.list(node, "`protect`") { item in
            conditions.parse(item, "an entry of `protect`").map { match in
                if match.neverHolds {
                    report.error("matches-nothing", "this entry protects nothing: it can never hold", at: item.range)
                }
                return Protection(match: match.cheapestFirst, place: report.place(item.range))
            }
        } ?? []
    }

    /// Names and addresses are compared as they are written, even if something else in an instance is wrong, so that
    /// two equal ones are always reported.
    private func checkNames(_ node: YAMLNode, _ report: Report) {
        var names: Set<String> = []
        var addresses: Set<String> = []
        for item in node.items ?? [] {
            if let name = item["name"], let text = name.string, !names.insert(text).inserted {
                report.error("duplicate-name", "another instance is named \(text.inBackticks)", at: name.range)
            }
            guard let url = item["url"], var text = url.string?.lowercased() else { continue }
            while text.hasSuffix("/") { text.removeLast() }
            if !addresses.insert(text).inserted {
                report.error(
                    "same-server", "another instance has the same `url`; both would act on one server", at: url.range)
            }
        }
    }
}
