public import MendflowCore
package import MendflowEnvironment
import MendflowLedger
package import MendflowPolicy
import MendflowText
import MendflowYAML

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

    /// The same with something else outside the program.
    package func with(_ environment: Environment) -> Workspace {
        Workspace(
            configuration: configuration, path: path, policies: policies, findings: findings, leftOut: leftOut,
            policyFiles: policyFiles, meaning: meaning, terms: terms, environment: environment)
    }

    /// How far back ended executions are looked at: as far as the policies need, up to a limit that only the file goes
    /// beyond; else failures fall out of sight that breakers and late retries depend on.
    package var lookBack: Period {
        let reach = policies.compactMap(\.reach).max() ?? .zero
        return max(configuration.lookBack, min(reach, Policy.longestReach))
    }

    /// Whether another reading has the same policies, in the same modes.
    package func hasSamePolicies(as other: Workspace) -> Bool {
        policies.count == other.policies.count
            && zip(policies, other.policies).allSatisfy {
                ($0.name, $0.version, $0.mode, $0.isOrphan) == ($1.name, $1.version, $1.mode, $1.isOrphan)
            }
    }
}
