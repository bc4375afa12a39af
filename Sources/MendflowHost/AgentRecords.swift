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
        unconfirmed: [String] = [], agent: AgentName? = nil, _ now: AgentTime
    ) async throws(MendflowFailure) -> Int64 {
        var fields = inForce(workspace)
        fields.tell(agent)
        fields["contents"] = .text(Hex.text(workspace.meaning))
        if !unconfirmed.isEmpty { fields["unconfirmed"] = .texts(unconfirmed) }
        if let plan {
            fields["applies"] = .text(plan.digest)
            fields["by"] = .text(workspace.user)
        }
        if let replay {
            fields["replays"] = .text(replay)
            fields["by"] = .text(workspace.user)
        }
        fields["version"] = .text(Version.text)
        fields["mode"] = .text((asked ?? workspace.mode).rawValue)
        fields["instances"] = instances(workspace, asked)
        return try await write(workspace, Lifecycle(.started, fields), now)
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
        var fields = inForce(reload.workspace)
        fields.tell(agent)
        fields["instances"] = .object(
            JSONObject(
                reload.workspace.configuration.instances.map {
                    ($0.name, JSONValue.text(reload.mode($0, asked: asked).rawValue))
                }))
        fields["why"] = .text(reload.why)
        fields["held"] = .texts(reload.held)
        fields["contents"] = .text(reload.contents)
        if !reload.waiting.isEmpty { fields["waiting"] = .texts(reload.waiting) }
        if !reload.needsRestart.isEmpty { fields["needs_restart"] = .texts(reload.needsRestart) }
        if !reload.changesPolicies { fields["same_policies"] = .flag(true) }
        return try await write(reload.workspace, Lifecycle(.reloaded, fields), now)
    }

    /// The agent stops in good order.
    static func stopped(
        _ workspace: Workspace, why: String, agent: AgentName? = nil, _ now: AgentTime
    ) async throws(MendflowFailure) {
        var fields: JSONObject = ["why": .text(why), "version": .text(Version.text)]
        fields.tell(agent)
        let store = try await workspace.openLedger()
        try await workspace.ledger { () throws(LedgerFailure) in
            let ledger = try await Ledger(store, LedgerScope(instances: []))
            try await ledger.append([LedgerEntry(.lifecycle(Lifecycle(.stopped, fields)), at: now)])
        }
    }

    private static func instances(_ workspace: Workspace, _ asked: Mode?) -> JSONValue {
        .object(
            JSONObject(
                workspace.configuration.instances.map {
                    ($0.name, JSONValue.text(workspace.mode($0, asked: asked).rawValue))
                }))
    }

    private static func inForce(_ workspace: Workspace) -> JSONObject {
        let policies = workspace.policies.map { policy in
            (
                policy.name,
                JSONValue.object(["version": .text(policy.version), "mode": .text(policy.mode.rawValue)])
            )
        }
        return ["policies": .object(JSONObject(policies))]
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

extension JSONObject {
    fileprivate mutating func tell(_ agent: AgentName?) { if let agent { self["agent"] = .text(agent.text) } }
}
