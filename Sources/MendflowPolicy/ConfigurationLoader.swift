import MendflowCore
import MendflowText
import MendflowYAML

/// Reads `mendflow.yaml`.
public struct ConfigurationLoader {
    /// Makes a loader.
    public init() {}

    static let shape = MapShape(
        what: "the configuration", keys: ConfigurationKeys.top.map(\.key),
        required: ["instances"],
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

    /// Reads a configuration; never fails otherwise than by findings, none of which shows a secret. `instances` answers the
    /// files that `instances_from` stands for, a path as it is written; where it is nil nobody looks for them.
    public func load(
        bytes: [UInt8], file: String, instances: ((String) -> [InstanceFile])? = nil
    ) -> LoadedConfiguration {
        let reading = YAMLReader.read(bytes: bytes, file: file)
        let report = Report(file: file)
        var configuration = Configuration()
        var isLegible = false
        var others: [Finding] = []
        var meaning = ConfigurationMeaning(root: reading.root)
        var whole: [Configuration.Instance] = []
        if let root = reading.root {
            var shape = ConfigurationLoader.shape
            if root["instances_from"] != nil { shape.required = [] }
            if let map = MapReader(root, shape, report) {
                read(map, report, into: &configuration)
                let reader = readInstances(map, report, from: instances, into: &configuration)
                (others, meaning.instances, whole) = (reader.findings, reader.nodes, reader.whole)
                // A misspelt `ledger` must not lead to the file of the default name.
                isLegible = map["ledger"]?.string != nil
            }
        } else if !reading.hasErrors {
            report.error("empty-document", "the file is empty; it needs at least `instances:`", at: nil)
        }
        let own = SecretMask.hiding(Finding.inOrder(reading.findings + report.findings), of: bytes, reading)
        let findings = own + others
        let isGood = !findings.contains { $0.severity == .error }
        let policyPlaces = reading.root?["policies"].map { $0.items ?? [$0] } ?? []
        var partial: Configuration?
        if !whole.isEmpty, !own.contains(where: { $0.severity == .error }) {
            partial = configuration
            partial?.instances = whole
        }
        return LoadedConfiguration(
            configuration: isGood ? configuration : nil, legible: isLegible ? configuration : nil, partial: partial,
            policyPlaces: policyPlaces.map(\.range), meaning: meaning.value, findings: findings)
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
        if let node = map["ledger_password"] { configuration.ledgerPassword = password(node, map, report) }
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
    }

    /// Reads the instances of the list and of the folder; answers what has read them.
    private func readInstances(
        _ map: MapReader, _ report: Report, from files: ((String) -> [InstanceFile])?,
        into configuration: inout Configuration
    ) -> InstancesReader {
        var reader = InstancesReader(protections: protections)
        if let node = map["instances"] { reader.read(node, report) }
        if let node = map["instances_from"], let path = report.text(node, "`instances_from`") {
            configuration.instancesFrom = path
            if let files {
                let found = files(path)
                for file in found { reader.read(file) }
                if found.isEmpty, map["instances"] == nil {
                    report.error(
                        "missing-key", "there is no instance: no file of one is in \(path.inBackticks)", at: node.range)
                }
            }
        }
        reader.check(hasService: map["service"] != nil)
        configuration.instances = reader.instances
        return reader
    }

    private func readCluster(_ node: YAMLNode, _ report: Report, into configuration: inout Configuration) {
        let shape = MapShape(what: "`cluster`", keys: ConfigurationKeys.cluster.map(\.key))
        guard let map = MapReader(node, shape, report) else { return }
        let names = InstanceParser(report: report, protections: { protections($0, report) })
        if let name = map["name"] { configuration.cluster.name = names.plainName(name, of: "an agent") }
        let lease = report.period(map, ConfigurationKeys.lease)
        let sendWithin = report.period(map, ConfigurationKeys.sendWithin)
        // What is not written follows what is.
        let usual = configuration.cluster
        let third = lease.map { Period(milliseconds: $0.milliseconds / 3) }
        configuration.cluster.sendWithin = sendWithin ?? min(usual.sendWithin, third ?? usual.sendWithin)
        configuration.cluster.lease =
            lease ?? max(usual.lease, Period(milliseconds: configuration.cluster.sendWithin.milliseconds * 3))
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
            if error.holdsPassword {
                report.error("secret-in-file", "`ledger`: \(error)", at: node.range)
            } else {
                report.error("bad-address", "`ledger`: \(error)", at: node.range)
            }
        }
    }

    private func password(_ node: YAMLNode, _ map: MapReader, _ report: Report) -> Configuration.Secret? {
        guard node.entries == nil else {
            return InstanceParser(report: report, protections: { _ in [] }).secret(node, "`ledger_password`")
        }
        report.error(
            "secret-in-file", "a password must not stand in this file", at: map.key("ledger_password")?.range,
            notes: ["write ledger_password: {env: NAME} or {file: PATH}"])
        return nil
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
    func protections(_ node: YAMLNode, _ report: Report) -> [Protection] {
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
}
