import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowPolicy
import MendflowText
import MendflowWorkspace

/// What goes on record about the agent itself: its start and stop, and which policies are in force.
enum AgentRecords {
    /// The agent starts: version, modes, and the policies with their hashes; where it applies a saved plan or
    /// carries a replay out, which one and by whom. `unconfirmed` is what was let go by starting, though only a person's word lets
    /// it go while an agent runs. `agent` is its name, where several share the ledger. Answers the number of the record.
    @discardableResult
    static func started(
        _ workspace: Workspace, _ asked: Mode?, applying plan: SavedPlan? = nil, replaying replay: String? = nil,
        unconfirmed: [ReloadLoss] = [], agent: AgentName? = nil, _ now: AgentTime
    ) async throws(MendflowFailure) -> Int64 {
        var started = AgentStarted(
            inForce(workspace, contents: Hex.text(workspace.meaning), agent) { workspace.mode($0, asked: asked) },
            version: Version.text, mode: asked ?? workspace.mode, unconfirmed: unconfirmed)
        if let plan { started.errand = .plan(plan.digest, by: workspace.user) }
        if let replay { started.errand = .replay(replay, by: workspace.user) }
        return try await write(workspace, .started(started), now)
    }

    /// Where a watch of policies puts reloads on record, and finds a person's word; `told` hears of each that is on record.
    /// `agent` knows the agent's name, where several share the ledger.
    static func reloads(
        _ workspace: Workspace, asked: Mode? = nil, agent: @escaping @Sendable () async -> AgentName? = { nil },
        told: @escaping @Sendable (Reload) async -> Void = { _ in }
    ) -> ReloadRecords {
        ReloadRecords(
            write: { (reload) async throws(MendflowFailure) in
                let number = try await reloaded(reload, asked, agent: await agent(), workspace.clock.now())
                await told(reload)
                return number
            },
            confirmed: { contents, after in
                await PendingReload.confirmed(contents, after: after, workspace)
            })
    }

    /// Other policies are in force from here on; answers the number of the record.
    @discardableResult
    static func reloaded(
        _ reload: Reload, _ asked: Mode? = nil, agent: AgentName? = nil, _ now: AgentTime
    ) async throws(MendflowFailure) -> Int64 {
        let inForce = inForce(reload.workspace, contents: reload.contents, agent) { reload.mode($0, asked: asked) }
        let reloaded = FilesReloaded(
            inForce, why: reload.why, held: reload.held, waiting: reload.waiting, needsRestart: reload.needsRestart,
            hasSamePolicies: !reload.changesPolicies)
        return try await write(reload.workspace, .reloaded(reloaded), now)
    }

    /// The agent stops in good order.
    static func stopped(
        _ workspace: Workspace, why: String, agent: AgentName? = nil, _ now: AgentTime
    ) async throws(MendflowFailure) {
        let stopped = Lifecycle.stopped(why: why, version: Version.text, agent: agent)
        let store = try await workspace.openLedger()
        try await workspace.ledger { () throws(LedgerFailure) in
            let ledger = try await Ledger(store, LedgerScope(instances: []))
            try await ledger.append([LedgerEntry(.lifecycle(stopped), at: now)])
        }
    }

    private static func inForce(
        _ workspace: Workspace, contents: String, _ agent: AgentName?, _ mode: (Configuration.Instance) -> Mode
    ) -> InForce {
        InForce(
            contents: contents,
            policies: Dictionary(workspace.policies.map { ($0.name, .init(version: $0.version, mode: $0.mode)) }) {
                _, last in last
            },
            modes: Dictionary(workspace.configuration.instances.map { ($0.name, mode($0)) }) { _, last in last },
            agent: agent)
    }

    /// A policy's text is written with the first record that its version is named in, once. Answers a number behind which nothing
    /// of this stands.
    @discardableResult
    private static func write(
        _ workspace: Workspace, _ lifecycle: Lifecycle, _ now: AgentTime
    ) async throws(MendflowFailure) -> Int64 {
        let texts = workspace.policies.map {
            PolicyText(version: $0.version, name: $0.name, text: $0.text, place: $0.place.description)
        }
        let store = try await workspace.openLedger()
        return try await workspace.ledger { () throws(LedgerFailure) in
            let ledger = try await Ledger(
                store, LedgerScope(instances: [], policies: Set(texts.map(\.version))))
            let done = try await ledger.append { state in
                let new = texts.filter { state.policy(version: $0.version) == nil }
                return new.map { LedgerEntry(.policy($0), at: now) } + [LedgerEntry(.lifecycle(lifecycle), at: now)]
            }
            return done.before.head.sequence + Int64(done.entries.count)
        }
    }
}
