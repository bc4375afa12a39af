import MendflowCore
public import MendflowEnvironment
import MendflowLedger
import MendflowPolicy
import MendflowText
import MendflowYAML
import MendflowZones

// Reading it from files.
extension Workspace {
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
        let read = try ConfigurationReading(path, environment.files)
        guard let configuration = read.configuration(for: needs) else {
            return (nil, FindingsReport(read.findings, sources: read.sources))
        }
        let (files, ofFiles) = read.policyFiles(of: configuration, environment.files)
        let (policies, found) = load(files, read.whole ?? read.loaded.legible ?? configuration, path, environment)
        let ofPolicies = ofFiles + found
        var sources = read.sources
        for file in files { sources[file.name] = SourceText(bytes: file.bytes) }
        let report = FindingsReport(read.findings + ofPolicies, sources: sources)
        let areGood = !ofPolicies.contains { $0.severity == .error }
        guard areGood || needs == .configuration || needs == .ledger else { return (nil, report) }
        let workspace = Workspace(
            configuration: configuration, path: path, policies: policies, findings: report,
            leftOut: needs == .ledger ? [] : read.broken, policyFiles: Set(files.map(\.name)),
            meaning: meaning(of: read.loaded.meaning, policies),
            terms: String(Hex.text(meaning(of: read.loaded.meaning, [])).prefix(32)),
            environment: environment.unlocked(configuration, besideFile: path))
        return (workspace, report)
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

    private static func meaning(of configuration: JSONValue, _ policies: [Policy]) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(.list([configuration, .texts(policies.map(\.version))]))
        return SHA256.digest(writer.bytes)
    }
}
