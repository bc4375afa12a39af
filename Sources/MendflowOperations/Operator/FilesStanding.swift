public import MendflowCore
import MendflowEnvironment
public import MendflowLedger
import MendflowPolicy
import MendflowText
public import MendflowWorkspace
import MendflowYAML

/// What became of the files as they are now: whether the agent that runs goes by them.
public struct FilesStanding: Sendable, Hashable {
    /// What the agent that runs, or ran last, waits for; nil where it waits for nothing.
    public var pending: PendingReload?
    /// Whether an agent works on the ledger; where that cannot be seen, one may.
    public var isRunning = false
    /// How many errors the files have: an agent that runs takes nothing of them, and none can start.
    public var errors = 0
    /// Whether they are others than those that the agent that runs has read.
    public var isUnread = false
    /// What they say and the agent that runs takes in at a restart only.
    public var needsRestart: [RestartSetting] = []
    /// What the last agent kept and one that starts now lets go; none where one runs.
    public var lostAtStart: [ReloadLoss] = []
    /// Instances on which the agent that runs goes less far than they say, or further, since its command line says so (`--dry-run`,
    /// `--enforce`), with how far.
    public var overruled: [String: Mode] = [:]
    /// The agent that works on another ledger than they name now; nil where there is none.
    public var elsewhere: AgentElsewhere?
    /// Within which time the agent that runs looks at them, unless n8n keeps it waiting; nil where none runs.
    public var looksWithin: Period?

    /// Files without errors that no agent has read, and of which nothing waits, unless told otherwise.
    public init(pending: PendingReload? = nil, isRunning: Bool = false, errors: Int = 0, isUnread: Bool = false) {
        self.pending = pending
        self.isRunning = isRunning
        self.errors = errors
        self.isUnread = isUnread
    }

    /// Reads it.
    public static func read(_ workspace: Workspace) async throws(MendflowFailure) -> FilesStanding {
        var standing = FilesStanding()
        standing.errors = workspace.errorCount
        standing.elsewhere = await AgentElsewhere.read(workspace)
        guard let store = try await workspace.openLedgerReading() else { return standing }
        standing.isRunning = workspace.agentSigns(try await Fleet.read(workspace)).isHeld ?? true
        let last = try await workspace.ledger { () throws(LedgerFailure) in
            try await LastReading.read(store, try await store.load(LedgerScope(instances: [])).head.chain)
        }
        standing.pending = last?.pending
        standing.looksWithin = workspace.nextLook
        standing.needsRestart = standing.isRunning ? last?.needsRestart ?? [] : []
        standing.overruled = standing.isRunning ? last?.overruled(workspace) ?? [:] : [:]
        if !standing.isRunning, standing.errors == 0 { standing.lostAtStart = last?.losses(in: workspace) ?? [] }
        standing.isUnread = standing.isRunning && last?.hasNotRead(workspace) ?? false
        return standing
    }
}

extension LastReading {
    /// Where the agent's command line says otherwise than the files about how far it may go: they are what it read last,
    /// and no mode of theirs waits for a restart.
    func overruled(_ workspace: Workspace) -> [String: Mode] {
        guard !hasNotRead(workspace), !needsRestart.contains(.mode), !needsRestart.contains(.instances)
        else { return [:] }
        let all = workspace.configuration.instances.compactMap { instance -> (String, Mode)? in
            guard let mode = modes[instance.name], mode != workspace.mode(instance, asked: nil) else { return nil }
            return (instance.name, mode)
        }
        return Dictionary(all) { first, _ in first }
    }

    /// Whether files without errors say something else than those that were read.
    func hasNotRead(_ workspace: Workspace) -> Bool {
        guard workspace.errorCount == 0 else { return false }
        return contents != Hex.text(workspace.meaning)
    }
}

extension Workspace {
    /// Within which time an agent that runs sees what a person has ordered, unless n8n keeps it waiting: it looks at its
    /// ledger and its files every poll interval. Nil where none runs.
    var nextLook: Period? {
        environment.ledgers.agent(on: ledgerPath).isHeld == true ? configuration.pollInterval : nil
    }

    /// How many errors the files have.
    var errorCount: Int { findings.findings.count { $0.severity == .error } }
}
