public import MendflowCore
public import MendflowEnvironment
import MendflowLedger
import MendflowPolicy
import MendflowText
public import MendflowWorkspace
import MendflowYAML

/// `init`: writes configuration and first policies, and the ledger with its baseline (semantics 51).
public enum Initialise {
    /// What to set up.
    public struct Request: Sendable {
        /// The folder.
        public var folder: String
        /// The instance's name and URL.
        public var name: String, url: String
        /// Exactly one of them: where the API key stands.
        public var keyVariable: String?, keyFile: String?
        /// What ended before it is left alone; nil is now.
        public var since: ServerTime?
        /// The configuration's path; `mendflow.yaml` in the folder where nil.
        public var configuration: String?
        /// Where the ledger is to be; beside the configuration where nil.
        public var ledger: String?
        /// Whether the example of a retry is written with the first policies; what the past speaks for may take its place.
        public var writesExample = true

        /// The configuration's path.
        public var path: String { configuration ?? FilePath.of("mendflow.yaml", inFolder: folder) }

        /// Makes a request.
        public init(
            folder: String, name: String, url: String, keyVariable: String?, keyFile: String?, since: ServerTime?
        ) {
            self.folder = folder
            self.name = name
            self.url = url
            self.keyVariable = keyVariable
            self.keyFile = keyFile
            self.since = since
        }

        /// The same with the path of the key's file as the configuration needs it: on the command line it is relative to
        /// where one stands, in the configuration to that.
        func placed(from workingFolder: String) -> Request {
            var request = self
            let here = folder == "." ? "." : workingFolder
            request.keyFile = keyFile.map { FilePath.of($0, inFolder: here) }
            request.ledger = ledger.map { PostgresAddress.isMeant(by: $0) ? $0 : FilePath.of($0, inFolder: here) }
            return request
        }
    }

    /// What was done.
    public struct Outcome: Sendable, Hashable {
        /// Files that were made.
        public var made: [String] = []
        /// Files that were there and stay.
        public var kept: [String] = []
        /// What ended before is left alone; nil where no ledger was made.
        public var since: ServerTime?
        /// Why no ledger was made.
        public var failure: MendflowFailure?
        /// The mode in which the agent would run, and the names of the policies that are in mode `enforce`: those may act
        /// as soon as the agent does.
        public var mode: Mode = .off, enforced: [String] = []
        /// What was asked for and is not so, with why: options that something that was there already overrules.
        public var unheeded: [String] = []
        /// Where the key stands, by the configuration that there is now, in words.
        public var keyPlace: String?
        /// The folder of the first policies, where they are of this run.
        public var policyFolder: String?
    }

    /// Sets up; run again, it finishes what a first run could not, at another address too where that was wrong. Nothing else
    /// that is there is changed, and no policy is put beside policies of somebody's.
    public static func run(
        _ request: Request, environment: Environment
    ) async throws(MendflowFailure) -> Outcome {
        var outcome = Outcome()
        let request = request.placed(from: environment.files.workingFolder)
        try check(request)
        let path = request.path
        try await refuseBesideAgent(path, environment)
        do throws(FileFault) {
            try environment.files.makeFolder(request.folder)
            if try correct(request, path, environment.files) {
                outcome.made.append(path)
            } else {
                try write([(path, StarterFiles.configuration(request))], &outcome, environment.files)
            }
            try writePolicies(request, configuration: path, &outcome, environment.files)
        } catch {
            throw MendflowFailure(.failed, error.description)
        }
        let loaded = try Workspace.load(path: path, environment: environment)
        guard let workspace = loaded.workspace else {
            throw MendflowFailure(.findings, "\(path) has errors\n\(loaded.report.text())")
        }
        let instance = try instance(of: workspace, request)
        (outcome.mode, outcome.enforced) = (workspace.mode(instance, asked: nil), workspace.enforced(on: instance))
        outcome.keyPlace =
            switch instance.key {
            case .environment(let name): "the variable \(name)"
            case .file(let file): "the file \(file)"
            }
        outcome.unheeded = overruled(request, by: instance, in: path, workspace)
        try await makeLedger(workspace, instance, request, &outcome)
        return outcome
    }

    /// A new ledger beside that of an agent would know nothing of what was sent.
    private static func refuseBesideAgent(_ path: String, _ environment: Environment) async throws(MendflowFailure) {
        let loaded = try? Workspace.load(path: path, environment: environment, needs: .ledger)
        guard let workspace = loaded?.workspace, let elsewhere = await AgentElsewhere.read(workspace) else { return }
        throw elsewhere.failure("nothing is set up")
    }

    /// Nothing is written that could not be read again.
    private static func check(_ request: Request) throws(MendflowFailure) {
        let text = StarterFiles.configuration(request)
        let loaded = ConfigurationLoader().load(bytes: Array(text.utf8), file: "mendflow.yaml")
        let errors = loaded.findings.filter { $0.severity == .error }
        guard errors.isEmpty else {
            throw MendflowFailure(.usage, errors.map(\.message).joined(separator: "; "))
        }
    }

    private static func makeLedger(
        _ workspace: Workspace, _ instance: Configuration.Instance, _ request: Request, _ outcome: inout Outcome
    ) async throws(MendflowFailure) {
        let known = try await workspace.readLedger(LedgerScope())
        if let baseline = known?.baseline(of: instance.name) {
            outcome.kept.append(workspace.ledgerPath)
            outcome.noteSince(
                request, baseline.since,
                "\(instance.name) has its baseline: what ended before \(baseline.since) is left alone, until "
                    + "`mendflow instance adopt --since` begins a new epoch")
            return
        }
        defer {
            if outcome.failure != nil {
                outcome.noteSince(request, nil, "it belongs into the ledger, which was not made; give it again")
            }
        }
        let look: BaselineReading
        do throws(MendflowFailure) { look = try await BaselineReading(workspace, instance) } catch {
            outcome.failure = error
            return
        }
        if let known { try await DuplicateInstances.refuse(look, as: instance.name, workspace, known) }
        let baseline: InstanceBaseline
        do throws(MendflowFailure) {
            baseline = try look.baseline(of: instance, epoch: 1, since: request.since)
        } catch {
            outcome.failure = error
            return
        }
        if workspace.isLedgerFile, let slash = workspace.ledgerPath.lastIndex(of: "/"),
            slash > workspace.ledgerPath.startIndex
        {
            do throws(FileFault) {
                try workspace.environment.files.makeFolder(String(workspace.ledgerPath[..<slash]))
            } catch { throw MendflowFailure(.failed, error.description) }
        }
        let store = try await workspace.openLedger(create: true)
        try await workspace.ledger { () throws(LedgerFailure) in
            let ledger = try await Ledger(store, LedgerScope())
            try await ledger.append([LedgerEntry(.began(baseline, .initialised(by: workspace.user)), at: look.now)])
        }
        let ledger = workspace.ledgerPath
        outcome.made.append(known == nil ? ledger : "the baseline of '\(instance.name)' in \(ledger)")
        outcome.since = baseline.since
        if known == nil { await beginMarks(workspace, store) }
    }

    /// What an agent marked beside an earlier ledger of that name is not about this one. Where that cannot be said, the
    /// agent pauses.
    private static func beginMarks(_ workspace: Workspace, _ store: any LedgerStore) async {
        guard let hold = try? workspace.environment.ledgers.lock(workspace.ledgerPath),
            let head = try? await store.load(LedgerScope(instances: [])).head.chain
        else { return }
        try? hold.beginMarks(at: head)
    }

    /// What a configuration that was there says otherwise.
    private static func overruled(
        _ request: Request, by instance: Configuration.Instance, in path: String, _ workspace: Workspace
    ) -> [String] {
        var all: [String] = []
        if instance.name != request.name {
            all.append("--name \(request.name): \(path) calls the instance '\(instance.name)'")
        }
        if let ledger = request.ledger, ledger != workspace.configuration.ledger {
            all.append("--ledger \(ledger): \(path) says that it is \(workspace.configuration.ledger)")
        }
        if !request.names(instance.key) {
            let asked = request.keyVariable.map { "--key-env \($0)" } ?? "--key-file \(request.keyFile ?? "")"
            all.append("\(asked): \(path) says where the key of '\(instance.name)' is")
        }
        return all
    }

    private static func write(
        _ texts: [(path: String, text: String)], _ outcome: inout Outcome, _ files: any FileSystem
    ) throws(FileFault) {
        for (path, text) in texts {
            if try files.create(path, text) { outcome.made.append(path) } else { outcome.kept.append(path) }
        }
    }

    /// Writes the first policies beside the first configuration: into a folder that is not there yet, or that holds only
    /// what an interrupted run has left.
    private static func writePolicies(
        _ request: Request, configuration path: String, _ outcome: inout Outcome, _ files: any FileSystem
    ) throws(FileFault) {
        let bytes = try files.read(path, limit: Workspace.fileLimit).get()
        // A configuration of somebody's is left with the policies that it has.
        let folder = FilePath.of("policies", inFolder: request.folder)
        guard bytes == Array(StarterFiles.configuration(request).utf8) else {
            if files.exists(folder) { outcome.kept.append(folder) }
            return
        }
        let wanted = StarterFiles.policies.map { (path: FilePath.of($0.name, inFolder: folder), text: $0.text) }
        let written = request.writesExample ? wanted : wanted.filter { !$0.path.hasSuffix(StarterFiles.example.name) }
        let there = files.names(inFolder: folder).map { FilePath.of($0, inFolder: folder) }
        let areOurs = there.allSatisfy { path in
            let found = try? files.read(path, limit: Workspace.fileLimit).get()
            return wanted.contains { $0.path == path && (found == Array($0.text.utf8) || found == []) }
        }
        guard areOurs, !there.isEmpty || !files.exists(folder) else { return outcome.kept.append(folder) }
        try files.makeFolder(folder)
        try write(written, &outcome, files)
        outcome.policyFolder = folder
    }

    /// Writes a file beside the first policies: what the past speaks for, or else (nil) the example. Answers its path; nil where
    /// it is there already.
    @discardableResult
    public static func add(
        _ policies: (name: String, text: String)?, to folder: String, _ environment: Environment
    ) throws(MendflowFailure) -> String? {
        let (name, text) = policies ?? StarterFiles.example
        let path = FilePath.of(name, inFolder: folder)
        do throws(FileFault) { return try environment.files.create(path, text) ? path : nil } catch {
            throw MendflowFailure(.failed, error.description)
        }
    }

    /// The instance that is meant: the one of the name, or, where a configuration was there, the only one at the address.
    private static func instance(
        of workspace: Workspace, _ request: Request
    ) throws(MendflowFailure) -> Configuration.Instance {
        let url = try? ServerURL(request.url)
        let here = workspace.configuration.instances.filter { $0.url == url }
        if here.count == 1, !workspace.instanceNames.contains(request.name) { return here[0] }
        let instance = try workspace.instance(request.name)
        guard instance.url == url else {
            throw MendflowFailure(
                .usage,
                "\(workspace.path) says that '\(instance.name)' is at \(instance.url), not \(request.url); edit it first"
            )
        }
        return instance
    }
}

extension Initialise.Outcome {
    /// Says that a beginning that was asked for is not the one that holds.
    fileprivate mutating func noteSince(_ request: Initialise.Request, _ holds: ServerTime?, _ why: String) {
        guard let since = request.since, since != holds else { return }
        unheeded.append("--since \(since): \(why)")
    }
}

extension Workspace {
    /// Names of the policies that may act on an instance, as soon as the agent may.
    fileprivate func enforced(on instance: Configuration.Instance) -> [String] {
        policies(of: instance, mode: .enforce).acting
    }
}
