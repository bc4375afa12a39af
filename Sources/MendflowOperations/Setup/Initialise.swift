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
            request.keyFile = keyFile.map { FilePath.of($0, inFolder: folder == "." ? "." : workingFolder) }
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
    }

    /// Sets up; run again, it finishes what a first run could not.
    public static func run(
        _ request: Request, environment: Environment
    ) async throws(MendflowFailure) -> Outcome {
        var outcome = Outcome()
        let request = request.placed(from: environment.files.workingFolder)
        try check(request)
        do throws(FileFault) {
            try environment.files.makeFolder(FilePath.of("policies", inFolder: request.folder))
            for (name, text) in files(request) {
                let path = FilePath.of(name, inFolder: request.folder)
                if try environment.files.create(path, text) {
                    outcome.made.append(path)
                } else {
                    outcome.kept.append(path)
                }
            }
        } catch {
            throw MendflowFailure(.failed, error.description)
        }
        let path = FilePath.of("mendflow.yaml", inFolder: request.folder)
        let loaded = try Workspace.load(path: path, environment: environment)
        guard let workspace = loaded.workspace else {
            throw MendflowFailure(.findings, "\(path) has errors\n\(loaded.report.text())")
        }
        let instance = try workspace.instance(request.name)
        guard instance.url == (try? ServerURL(request.url)) else {
            throw MendflowFailure(
                .usage, "\(path) says that '\(instance.name)' is at \(instance.url), not \(request.url); edit it first")
        }
        try await makeLedger(workspace, instance, request, &outcome)
        return outcome
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
        if known?.baseline(of: instance.name) != nil {
            outcome.kept.append(workspace.ledgerPath)
            return
        }
        let look: BaselineReading
        do throws(MendflowFailure) { look = try await BaselineReading(workspace, instance) } catch {
            outcome.failure = error
            return
        }
        if let known { try await DuplicateInstances.refuse(look, as: instance.name, workspace, known) }
        let baseline = look.baseline(of: instance, epoch: 1, since: request.since)
        let store = try workspace.openLedger(create: true)
        try await workspace.ledger { () throws(LedgerFailure) in
            let ledger = try await Ledger(store, LedgerScope())
            try await ledger.append([LedgerEntry(.began(baseline, .initialised(by: workspace.user)), at: look.now)])
        }
        outcome.made.append(workspace.ledgerPath)
        outcome.since = baseline.since
    }

    private static func files(_ request: Request) -> [(String, String)] {
        [
            ("mendflow.yaml", StarterFiles.configuration(request)),
            ("policies/retry-order-sync.yaml", StarterFiles.retryOrderSync),
            ("policies/stop-stale-waiting.yaml", StarterFiles.stopStaleWaiting),
        ]
    }
}
