public import MendflowCore
public import MendflowEnvironment
import MendflowLedger
package import MendflowPolicy
import MendflowText
import MendflowYAML
import MendflowZones

/// A loaded configuration with its policies: the root from which everything is composed.
public struct Workspace: Sendable {
    /// The configuration.
    package var configuration: Configuration
    /// The path of mendflow.yaml.
    public let path: String
    /// The policies, versions set.
    public package(set) var policies: [Policy]
    /// What is wrong; never an error here.
    public let findings: FindingsReport
    /// Files of single instances that have errors, so that their instances are not among those of the configuration.
    public let leftOut: [String]
    /// The policy files that were read.
    package let policyFiles: Set<String>
    /// A digest of what the files say about what is done, whatever a machine needs for itself: its name, paths, where it listens. A
    /// person's word about a reading of the files is about this.
    package let meaning: [UInt8]
    /// A digest of the same without the policies: limits, protections, error classes, modes.
    package let terms: String
    /// Everything outside the program.
    package let environment: Environment

    /// What is larger is not read: it is no file of ours. As for all YAML, so that there is one limit and one message.
    package static let fileLimit = YAMLLimits.default.bytes

    /// The time of everything that is done with it.
    package var clock: any AgentClock { environment.clock }
    /// Names of the instances.
    public var instanceNames: [String] { configuration.instances.map(\.name) }
    /// The agent's mode in the file.
    public var mode: Mode { configuration.mode }
    /// The ledger's path, or its address.
    public var ledgerPath: String {
        isLedgerFile ? FilePath.of(configuration.ledger, besideFile: path) : configuration.ledger
    }
    /// Whether the ledger is a file, and no address of a database.
    public var isLedgerFile: Bool { !PostgresAddress.isMeant(by: configuration.ledger) }

    /// What has to be without errors.
    public enum Needs: Sendable {
        /// Configuration and policies.
        case everything
        /// The same, but for instances whose own files have errors: enough for who asks about another.
        case question
        /// The configuration, but for such instances.
        case configuration
        /// What the configuration says of the ledger and of the instances' names: enough for whoever stops the agent.
        case ledger
    }

    /// Reads configuration and policies; where there are errors in what is needed, only the report. `environment` is kept for
    /// all that is done with what was read.
    public static func load(
        path: String, environment: Environment, needs: Needs = .everything
    ) throws(MendflowFailure) -> (workspace: Workspace?, report: FindingsReport) {
        let bytes: [UInt8]
        switch environment.files.read(path, limit: fileLimit) {
        case .success(let read): bytes = read
        case .failure(let fault):
            let hint = fault.isMissing ? "; `mendflow init` makes one, --config names another" : ""
            throw MendflowFailure(.findings, "\(fault)\(hint)")
        }
        var instances: (files: [InstanceFile], findings: [Finding]) = ([], [])
        let loaded = ConfigurationLoader().load(bytes: bytes, file: path) { folder in
            instances = InstanceFolder.read(
                FilePath.of(folder, besideFile: path), ", which `instances_from` of \(path) names", environment.files)
            return instances.files
        }
        var findings = loaded.findings + instances.findings
        var sources: [String: SourceText] = [:]
        // What the loader found hides secrets by itself.
        for (name, bytes) in [(path, bytes)] + instances.files.map({ ($0.name, $0.bytes) }) {
            sources[name] = SourceText(bytes: bytes)
        }
        let whole = instances.findings.contains { $0.severity == .error } ? nil : loaded.configuration
        let partial: Configuration? =
            switch needs {
            case .everything: nil
            case .question, .configuration: loaded.partial
            case .ledger: loaded.legible
            }
        guard let configuration = whole ?? partial else {
            return (nil, FindingsReport(findings, sources: sources))
        }
        let broken = Set(findings.filter { $0.severity == .error && $0.file != path }.map(\.file)).sorted()
        let ofConfiguration = findings.count
        var files: [PolicyFile] = []
        for (number, entry) in configuration.policies.enumerated() {
            let place = loaded.policyPlaces.indices.contains(number) ? loaded.policyPlaces[number] : nil
            let read = PolicyFolder.read(
                FilePath.of(entry, besideFile: path), PolicyFolder.Naming(file: path, place: place, words: entry),
                mayBeEmpty: true, environment.files)
            files += read.files
            findings += read.findings
        }
        let (policies, found) = load(files, whole ?? loaded.legible ?? configuration, path, environment)
        findings += found
        for file in files { sources[file.name] = SourceText(bytes: file.bytes) }
        let report = FindingsReport(findings, sources: sources)
        let areGood = !findings[ofConfiguration...].contains { $0.severity == .error }
        guard areGood || needs == .configuration || needs == .ledger else { return (nil, report) }
        let workspace = Workspace(
            configuration: configuration, path: path, policies: policies, findings: report,
            leftOut: needs == .ledger ? [] : broken, policyFiles: Set(files.map(\.name)),
            meaning: meaning(of: loaded.meaning, policies),
            terms: String(Hex.text(meaning(of: loaded.meaning, [])).prefix(32)),
            environment: environment.unlocked(configuration, besideFile: path))
        return (workspace, report)
    }

    /// The files that `load` reads.
    var fileNames: [String] {
        [path]
            + (configuration.instancesFrom.map {
                InstanceFolder.fileNames(FilePath.of($0, besideFile: path), environment.files)
            } ?? [])
            + configuration.policies.flatMap {
                PolicyFolder.fileNames(FilePath.of($0, besideFile: path), environment.files)
            }
    }

    /// The texts of the policy files, each under a name of its own; what cannot be read is left out.
    public var policyTexts: [(name: String, bytes: [UInt8])] {
        policyFiles.sorted().enumerated().compactMap { number, path in
            guard case .success(let bytes) = environment.files.read(path, limit: Workspace.fileLimit) else {
                return nil
            }
            return ("\(number + 1)-\(path.split(separator: "/").last ?? "policies.yaml")", bytes)
        }
    }

    /// A digest of everything that `load` reads: it changes with the text, the name or the number of the files, and not with
    /// the folder from which they are named.
    package var contents: [UInt8] {
        var all: [UInt8] = []
        let folder = FilePath.of("", besideFile: path)
        for name in fileNames {
            all += SHA256.digest(Array(name.utf8.dropFirst(name.hasPrefix(folder) ? folder.utf8.count : 0)))
            // What cannot be read is told from what is empty.
            switch environment.files.read(name, limit: Workspace.fileLimit) {
            case .success(let bytes): all += SHA256.digest(bytes)
            case .failure(let fault): all += SHA256.digest(Array(fault.description.utf8)) + [0]
            }
        }
        return SHA256.digest(all)
    }

    private static func meaning(of configuration: JSONValue, _ policies: [Policy]) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(.list([configuration, .texts(policies.map(\.version))]))
        return SHA256.digest(writer.bytes)
    }

    /// Checks policy files alone, without a configuration; rules of time zones are taken as they are now.
    public static func validate(
        files paths: [String], environment: Environment
    ) -> (FindingsReport, Int) {
        var (policies, report) = policies(of: paths, nil, environment)
        report.advise(on: policies)
        return (report, policies.count)
    }

    /// The policies of some files and folders, and what is wrong with them; those of a configuration where it is given.
    package static func policies(
        of paths: [String], _ workspace: Workspace?, _ environment: Environment, mayBeEmpty: Bool = false
    ) -> ([Policy], FindingsReport) {
        policies(named: paths.map { ($0, nil) }, workspace, environment, mayBeEmpty: mayBeEmpty)
    }

    /// The same, of files and folders that another file names.
    package static func policies(
        named paths: [(path: String, naming: PolicyFolder.Naming?)], _ workspace: Workspace?,
        _ environment: Environment, mayBeEmpty: Bool = false
    ) -> ([Policy], FindingsReport) {
        var files: [PolicyFile] = []
        var findings: [Finding] = []
        for (path, naming) in paths {
            let read = PolicyFolder.read(path, naming, mayBeEmpty: mayBeEmpty, environment.files)
            files += read.files
            findings += read.findings
        }
        // A pattern like *.yaml names the tests, too.
        let tests = files.filter { PolicyFolder.isTestFile($0.name) }
        files.removeAll { PolicyFolder.isTestFile($0.name) }
        for test in tests { findings += ScenarioLoader.load(test).findings }
        let instances = files.map { InstanceFile(name: $0.name, bytes: $0.bytes) }.filter(\.isOne)
        for instance in instances { findings += instance.findings }
        files.removeAll { file in instances.contains { $0.name == file.name } }
        let (policies, found) = load(
            files, workspace?.configuration, workspace?.path ?? "mendflow.yaml", environment)
        findings += found
        let sources = Dictionary((files + tests).map { ($0.name, SourceText(bytes: $0.bytes)) }) { first, _ in first }
        return (policies, FindingsReport(findings, sources: sources))
    }

    /// The folders that the configuration's policies stand in.
    package var policyFolders: [String] {
        configuration.policies.map { FilePath.of($0, besideFile: path) }.filter(environment.files.isFolder)
    }

    /// Whether a file's name says that it holds tests.
    package static func isTestFile(_ path: String) -> Bool { PolicyFolder.isTestFile(path) }

    /// The file that the tests of a file of policies stand in.
    package static func testFile(ofPolicies path: String) -> String { PolicyFolder.testFile(of: path) }

    /// The files of tests that some paths stand for; beside the configuration's policies where no path is given.
    package static func testFiles(_ paths: [String], _ workspace: Workspace?, _ environment: Environment) -> [String] {
        return (paths.isEmpty ? workspace?.policyFolders ?? [] : paths).flatMap {
            PolicyFolder.testNames($0, environment.files)
        }
    }

    static func load(
        _ files: [PolicyFile], _ configuration: Configuration?, _ path: String, _ environment: Environment,
        areOfReplays: Bool = false
    ) -> ([Policy], [Finding]) {
        var options = PolicyOptions(
            zones: { name in
                ZoneFile.read(name: name, folder: ZoneFile.folder(environment.variables)) { path in
                    try? environment.files.read(path, limit: ZoneFile.maximumBytes).get()
                }
            }, now: ClockOffset.zero.server(environment.clock.now()),
            instances: configuration?.instances.map { PolicyOptions.Instance(name: $0.name, limits: $0.limits) },
            lookBack: configuration?.lookBack, configurationFile: path)
        options.isOfReplay = areOfReplays
        let loaded = PolicyLoader(options).load(files)
        let policies = loaded.policies.map { policy in
            var policy = policy
            policy.version = SHA256.hex(of: policy.text)
            return policy
        }
        return (policies, loaded.findings)
    }

    /// The instance of a name; the only one where no name is given.
    package func instance(_ name: String?) throws(MendflowFailure) -> Configuration.Instance {
        if let name {
            if let found = configuration.instances.first(where: { $0.name == name }) { return found }
            let left = leftOut.map { "; \($0) has errors, which `mendflow validate` shows" }.joined()
            throw MendflowFailure(.usage, Workspace.unknown("instance", name, instanceNames) + left)
        }
        guard configuration.instances.count == 1, let only = configuration.instances.first else {
            throw MendflowFailure(
                .usage,
                "there are several instances; name one with --instance: \(instanceNames.joined(separator: ", "))")
        }
        return only
    }

    /// Refuses a name that no policy bears.
    package func refuseUnknown(policy name: String) throws(MendflowFailure) {
        let names = policies.map(\.name)
        guard !names.contains(name) else { return }
        throw MendflowFailure(.usage, Workspace.unknown("policy", name, names))
    }

    /// Says that nothing bears a name, and what was meant perhaps.
    package static func unknown(_ kind: String, _ name: String, _ names: [String]) -> String {
        if let near = Spelling.nearest(to: name, among: names.sorted()) {
            return "no \(kind) is named '\(name)'; did you mean '\(near)'?"
        }
        return "no \(kind) is named '\(name)'; there are: \(names.joined(separator: ", "))"
    }

    /// Whether something else has errors than the files of single instances that are left out.
    public var areOthersWrong: Bool {
        findings.all.contains { $0.severity == .error && !leftOut.contains($0.file) }
    }

    /// The policies of an instance in order, with everything else that decisions depend on.
    package func policySet(_ instance: Configuration.Instance) -> PolicySet {
        var set = PolicySet(
            policies: policies, instance: instance.name,
            protections: configuration.protections + instance.protections, limits: instance.limits,
            settling: configuration.settling,
            tagIDs: instance.tags,
            tables: judgementTables)
        (set.incidents, set.terms) = (configuration.incidents, terms)
        return set
    }

    /// What failures are judged by: the user's rules and the built-in ones.
    package var judgementTables: JudgementTables {
        JudgementTables(classifier: configuration.classifier, risks: RepeatRiskJudge())
    }

    /// The same as if everything that is in dry-run were enforced: agent, instances and policies; what is off stays off.
    package var asIfEnforced: Workspace {
        func raised(_ mode: Mode) -> Mode { mode == .dryRun ? .enforce : mode }
        var workspace = self
        workspace.configuration.mode = raised(configuration.mode)
        for index in workspace.configuration.instances.indices {
            workspace.configuration.instances[index].mode = raised(configuration.instances[index].mode)
        }
        for index in workspace.policies.indices { workspace.policies[index].mode = raised(policies[index].mode) }
        return workspace
    }

    /// The same with something else outside the program.
    package func with(_ environment: Environment) -> Workspace {
        Workspace(
            configuration: configuration, path: path, policies: policies, findings: findings, leftOut: leftOut,
            policyFiles: policyFiles, meaning: meaning, terms: terms, environment: environment)
    }

    /// Names of the policies that can act on an instance, in order, and of those that are only evaluated there, also since they
    /// went back to dry-run by themselves.
    package func policies(
        of instance: Configuration.Instance, mode: Mode, _ standings: [PolicyStanding] = []
    ) -> (acting: [String], dryRun: [String]) {
        let all = policySet(instance).policies
        let acting = all.filter { policy in
            mode == .enforce && policy.mode == .enforce
                && !standings.contains { $0.demotion.policy == policy.name && $0.holds(policy.version) }
        }.map(\.name)
        return (acting, mode == .off ? [] : all.map(\.name).filter { !acting.contains($0) })
    }

    /// How far back ended executions are looked at: as far as the policies need, up to a limit that only the file goes
    /// beyond; else failures fall out of sight that breakers and late retries depend on.
    package var lookBack: Period {
        let reach = policies.compactMap(\.reach).max() ?? .zero
        return max(configuration.lookBack, min(reach, Policy.longestReach))
    }

    /// How far an agent may go on each instance, by their names.
    package var modes: [String: Mode] {
        Dictionary(configuration.instances.map { ($0.name, mode($0, asked: nil)) }) { first, _ in first }
    }

    /// The same with no policy that may act.
    package var inDryRun: Workspace {
        var workspace = self
        for index in workspace.policies.indices { workspace.policies[index].mode = min(.dryRun, policies[index].mode) }
        return workspace
    }

    /// Whether another reading has the same policies, in the same modes.
    package func hasSamePolicies(as other: Workspace) -> Bool {
        policies.count == other.policies.count
            && zip(policies, other.policies).allSatisfy {
                ($0.name, $0.version, $0.mode, $0.isOrphan) == ($1.name, $1.version, $1.mode, $1.isOrphan)
            }
    }

    /// The lower of what was asked on the command line (else the file's mode) and the instance's mode.
    package func mode(_ instance: Configuration.Instance, asked: Mode?) -> Mode {
        min(asked ?? configuration.mode, instance.mode)
    }
}
