public import MendflowCore
import MendflowHTTPClient
import MendflowLedger
import MendflowLedgerSQLite
import MendflowN8N
import MendflowPolicy
import MendflowYAML

/// Findings of configuration and policies, rendered for people or programs; nothing of the reader's types leaks out.
public struct FindingsReport: Sendable {
    /// The findings with their source lines and carets, ready to print; empty where there are none.
    public var text: String
    /// One line: `2 errors, 1 warning`.
    public var summary: String
    /// Every finding as id, severity, message, file, line and column.
    public var items: [Item]
    /// Whether there is an error among them.
    public var hasErrors: Bool

    /// One finding.
    public struct Item: Sendable, Hashable, Encodable {
        /// Its parts.
        public var id: String, severity: String, message: String, file: String
        /// Its place, from 1; 0 for a whole file.
        public var line: Int, column: Int
        /// The nearest right spelling.
        public var suggestion: String?
    }

    init(_ findings: [Finding], sources: [String: SourceText], colours: Bool) {
        let renderer = FindingRenderer(style: colours ? .ansi : .plain)
        text = renderer.render(findings, sources: sources)
        summary = FindingRenderer.summary(findings)
        hasErrors = findings.contains { $0.severity == .error }
        items = findings.map {
            Item(
                id: $0.id, severity: $0.severity.rawValue, message: $0.message, file: $0.file,
                line: $0.range?.start.line ?? 0, column: $0.range?.start.column ?? 0, suggestion: $0.suggestion)
        }
    }

    /// The report of a file that cannot even be read, as the failure says.
    public init(unreadable path: String, _ failure: MendflowFailure) {
        let finding = Finding(.error, "unreadable-file", failure.message, file: path, range: nil)
        self.init([finding], sources: [:], colours: false)
    }

    private init(text: String, summary: String, items: [Item], hasErrors: Bool) {
        self.text = text
        self.summary = summary
        self.items = items
        self.hasErrors = hasErrors
    }

    /// These findings and then warnings of another kind.
    func joined(_ warnings: FindingsReport) -> FindingsReport {
        guard !items.isEmpty else { return warnings }
        guard !warnings.items.isEmpty else { return self }
        return FindingsReport(
            text: text + warnings.text, summary: "\(summary); of the server \(warnings.summary)",
            items: items + warnings.items, hasErrors: hasErrors)
    }
}

/// A loaded configuration with its policies: the root from which everything is composed.
public struct Workspace: Sendable {
    /// The configuration.
    var configuration: Configuration
    /// The path of mendflow.yaml.
    public let path: String
    /// The policies, versions set.
    public internal(set) var policies: [Policy]
    /// What is wrong; never an error here.
    public let findings: FindingsReport
    /// The policy files that were read.
    let policyFiles: Set<String>
    let environment: [String: String]

    /// What is larger is not read: it is no file of ours. As for all YAML, so that there is one limit and one message.
    static let fileLimit = YAMLLimits.default.bytes

    /// Names of the instances.
    public var instanceNames: [String] { configuration.instances.map(\.name) }
    /// The agent's mode in the file.
    public var mode: Mode { configuration.mode }
    /// The ledger's path.
    public var ledgerPath: String { TextFile.path(configuration.ledger, besideFile: path) }

    /// Reads configuration and policies; where there are errors, only the report.
    public static func load(
        path: String, environment: [String: String], colours: Bool = false
    ) throws(MendflowFailure) -> (workspace: Workspace?, report: FindingsReport) {
        let bytes: [UInt8]
        switch TextFile.read(path, limit: fileLimit) {
        case .success(let read): bytes = read
        case .failure(let fault):
            let hint = fault.isMissing ? "; `mendflow init` makes one, --config names another" : ""
            throw MendflowFailure(.findings, "\(fault)\(hint)")
        }
        let loaded = ConfigurationLoader().load(bytes: bytes, file: path)
        var findings = loaded.findings
        let isSecret = mayHoldSecret(bytes) || findings.contains { $0.id == "secret-in-file" }
        var sources = isSecret ? [:] : [path: SourceText(bytes: bytes)]
        guard let configuration = loaded.configuration else {
            return (nil, FindingsReport(findings, sources: sources, colours: colours))
        }
        var files: [PolicyFile] = []
        for entry in configuration.policies {
            let read = PolicyFolder.read(TextFile.path(entry, besideFile: path), ", which `policies` of \(path) names")
            files += read.files
            findings += read.findings
        }
        let (policies, found) = load(files, configuration)
        findings += found
        for file in files { sources[file.name] = SourceText(bytes: file.bytes) }
        let report = FindingsReport(findings, sources: sources, colours: colours)
        guard !report.hasErrors else { return (nil, report) }
        let workspace = Workspace(
            configuration: configuration, path: path, policies: policies, findings: report,
            policyFiles: Set(files.map(\.name)), environment: environment)
        return (workspace, report)
    }

    /// Whether a key, a password in an address or a header's secret may stand in the file itself: then no line of it is
    /// shown, not even where the YAML is broken and nobody can tell what the line means.
    static func mayHoldSecret(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n").contains { line in
            let line = line.lowercased()
            let named = line.replacing("api_key_env", with: "").replacing("api_key_file", with: "")
            if named.contains("api_key") || (line.contains("://") && line.contains("@")) { return true }
            guard !line.contains("env:"), !line.contains("file:") else { return false }
            return ["secret", "token", "authorization", "password"].contains { line.contains($0) }
        }
    }

    /// A digest of everything that `load` reads: it changes with the text, the name or the number of the files.
    var contents: [UInt8] {
        var names = [path]
        for entry in configuration.policies {
            names += PolicyFolder.fileNames(TextFile.path(entry, besideFile: path))
        }
        var all: [UInt8] = []
        for name in names {
            all += SHA256.digest(Array(name.utf8))
            // What cannot be read is told from what is empty.
            switch TextFile.read(name, limit: Workspace.fileLimit) {
            case .success(let bytes): all += SHA256.digest(bytes)
            case .failure(let fault): all += SHA256.digest(Array(fault.description.utf8)) + [0]
            }
        }
        return SHA256.digest(all)
    }

    /// Checks policy files alone, without a configuration.
    public static func validate(files paths: [String], colours: Bool) -> (FindingsReport, Int) {
        var files: [PolicyFile] = []
        var findings: [Finding] = []
        for path in paths {
            let read = PolicyFolder.read(path, "")
            files += read.files
            findings += read.findings
        }
        let (policies, found) = load(files, nil)
        findings += found
        let sources = Dictionary(files.map { ($0.name, SourceText(bytes: $0.bytes)) }) { first, _ in first }
        return (FindingsReport(findings, sources: sources, colours: colours), policies.count)
    }

    private static func load(_ files: [PolicyFile], _ configuration: Configuration?) -> ([Policy], [Finding]) {
        let options = PolicyOptions(
            zones: { ZoneFile.read(name: $0) }, now: SystemClock().now(),
            instances: configuration?.instances.map { PolicyOptions.Instance(name: $0.name, limits: $0.limits) },
            lookBack: configuration?.lookBack)
        let loaded = PolicyLoader(options).load(files)
        let policies = loaded.policies.map { policy in
            var policy = policy
            policy.version = SHA256.hex(of: policy.text)
            return policy
        }
        return (policies, loaded.findings)
    }

    /// The instance of a name; the only one where no name is given.
    func instance(_ name: String?) throws(MendflowFailure) -> Configuration.Instance {
        if let name {
            if let found = configuration.instances.first(where: { $0.name == name }) { return found }
            throw MendflowFailure(
                .usage, "no instance is named '\(name)'; there are: \(instanceNames.joined(separator: ", "))")
        }
        guard configuration.instances.count == 1, let only = configuration.instances.first else {
            throw MendflowFailure(
                .usage,
                "there are several instances; name one with --instance: \(instanceNames.joined(separator: ", "))")
        }
        return only
    }

    /// The policies of an instance in order, with everything else that decisions depend on.
    func policySet(_ instance: Configuration.Instance) -> PolicySet {
        PolicySet(
            policies: policies, instance: instance.name,
            protections: configuration.protections + instance.protections, limits: instance.limits,
            tagIDs: instance.tags,
            tables: JudgementTables(
                classifier: ErrorClassifier(rules: configuration.errorRules), risks: RepeatRiskJudge()))
    }

    /// Names of the policies that can act on an instance, in order, and of those that are only evaluated there.
    func policies(of instance: Configuration.Instance, mode: Mode) -> (acting: [String], dryRun: [String]) {
        let all = policySet(instance).policies
        let acting = all.filter { mode == .enforce && $0.mode == .enforce }.map(\.name)
        return (acting, mode == .off ? [] : all.map(\.name).filter { !acting.contains($0) })
    }

    /// How far back ended executions are looked at: as far as the policies need, up to a limit that only the file goes
    /// beyond; else failures fall out of sight that breakers and late retries depend on.
    var lookBack: Period {
        let reach = policies.compactMap(\.reach).max() ?? .zero
        return max(configuration.lookBack, min(reach, Policy.longestReach))
    }

    /// The lower of what was asked on the command line (else the file's mode) and the instance's mode.
    func mode(_ instance: Configuration.Instance, asked: Mode?) -> Mode {
        min(asked ?? configuration.mode, instance.mode)
    }

    /// Opens the ledger to write.
    func openLedger(create: Bool = false) throws(MendflowFailure) -> sending SQLiteLedger {
        do throws(LedgerFailure) { return try SQLiteLedger.open(path: ledgerPath, create: create) } catch {
            throw MendflowFailure(ledger: error)
        }
    }

    /// Opens the ledger to read; nil where there is none.
    func openLedgerReading() throws(MendflowFailure) -> SQLiteLedger? {
        do throws(LedgerFailure) { return try SQLiteLedger.openReading(path: ledgerPath) } catch .missing {
            return nil
        } catch {
            throw MendflowFailure(ledger: error)
        }
    }
}

extension MendflowFailure {
    /// What a ledger's failure means for a command.
    init(ledger failure: LedgerFailure) {
        switch failure {
        case .missing(let what): self.init(.failed, "\(what) is not there yet; `mendflow init` makes it")
        case .locked: self.init(.held, failure.description)
        default: self.init(.failed, failure.description)
        }
    }
}
