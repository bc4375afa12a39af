public import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowPolicy
public import MendflowWorkspace
import MendflowYAML

/// `replay`: starts what was looked at, and moves what was started.
public enum Replaying {
    /// Starts a replay of exactly what a preview shows; an agent that runs takes it up, or the caller runs one.
    ///
    /// - Throws: where nothing would be retried, the instance is in dry-run, or another replay began meanwhile.
    public static func begin(_ preview: ReplayPreview, _ workspace: Workspace) async throws(MendflowFailure) -> Replay {
        guard let first = preview.items.first else {
            throw MendflowFailure(.failed, "nothing would be retried, so that there is nothing to start")
        }
        guard preview.mode == .enforce else {
            throw MendflowFailure(
                .failed,
                "'\(preview.instance.name)' is in dry-run, where nothing is sent: this is all that a replay shows")
        }
        // The agent that would carry it out may have been started otherwise than the files say.
        if try await isCarriedOut(workspace) == true,
            let wait = try await Replaying.wait(workspace, instance: preview.instance.name), wait.isOfMode
        {
            let remedy = "start it anew\(wait == .commandLine ? " without --dry-run" : "") first"
            throw MendflowFailure(
                .failed, "nothing was started: for '\(preview.instance.name)', \(wait.words): \(remedy)")
        }
        let chosen = preview.items.map(\.execution)
        let policy = try ReplayPreview.policy(preview.request, preview.name, workspace, chosen)
        let now = workspace.clock.now()
        let start = ReplayStart(
            name: preview.name, version: policy.version, total: chosen.count, earliest: first.endedAt,
            by: workspace.user, reason: preview.request.reason, selection: preview.request.selection)
        let text = PolicyText(version: policy.version, name: policy.name, text: policy.text, place: preview.name)
        let entries = [
            LedgerEntry(.policy(text), at: now), LedgerEntry(.replayBegan(preview.instance, start), at: now),
        ]
        try await append(
            workspace, preview.instance.name,
            else: "yours was not begun, for another one began first; give the command again"
        ) { (_) throws(LedgerFailure) in entries }
        return Replay(start, at: now)
    }

    /// Pauses a replay, lets it go on, or ends it.
    ///
    /// - Throws: where there is no such replay, or it is over.
    public static func move(
        _ workspace: Workspace, instance asked: String?, _ name: String, to state: Replay.State, why: String
    ) async throws(MendflowFailure) -> Replay {
        let instance = try workspace.instance(asked)
        let before = try await find(workspace, instance: asked, name)
        let over = "it is over; `mendflow replay --rest \(name) --reason ...` takes up what is left"
        let (user, now) = (workspace.user, workspace.clock.now())
        let move = ReplayMove(name, state, by: user, why: why)
        try await append(workspace, instance.name, else: before.isOpen ? "nothing was changed" : over) {
            (ledger) throws(LedgerFailure) in
            guard let key = ledger.baseline(of: instance.name)?.instance else { return [] }
            return [LedgerEntry(.replayMoved(key, move), at: now)]
        }
        return try await find(workspace, instance: asked, name)
    }

    /// All replays of an instance's present epoch, the oldest first.
    public static func all(_ workspace: Workspace, instance asked: String?) async throws(MendflowFailure) -> [Replay] {
        let instance = try workspace.instance(asked)
        guard let state = try await workspace.readLedger(LedgerScope(instances: [instance.name])),
            let key = state.baseline(of: instance.name)?.instance
        else { throw await workspace.noLedger() }
        return state.replays(of: key)
    }

    /// Whether an agent is there that carries out what runs; nil where that cannot be seen from here.
    public static func isCarriedOut(_ workspace: Workspace) async throws(MendflowFailure) -> Bool? {
        workspace.agentSigns(try await Fleet.read(workspace)).isHeld
    }

    /// A replay by its name.
    public static func find(
        _ workspace: Workspace, instance asked: String?, _ name: String
    ) async throws(MendflowFailure) -> Replay {
        let all = try await all(workspace, instance: asked)
        if let found = all.first(where: { $0.name == name }) { return found }
        throw MendflowFailure(
            .usage,
            all.isEmpty
                ? "there is no replay yet: `mendflow replay` starts one"
                : "there is no replay '\(name)'; there are: \(all.map(\.name).joined(separator: ", "))")
    }

    /// Appends what a replay begins or goes on with; where it stands otherwise, that is said with what follows.
    private static func append(
        _ workspace: Workspace, _ instance: String, else consequence: String,
        _ make: @escaping @Sendable (LedgerState) throws(LedgerFailure) -> [LedgerEntry]
    ) async throws(MendflowFailure) {
        let store = try await workspace.openLedger()
        do throws(LedgerFailure) {
            _ = try await Ledger(store, LedgerScope(instances: [instance])).append(make)
        } catch .refused(.replay(let standing)) {
            throw MendflowFailure(.failed, "\(standing): \(consequence)")
        } catch { throw MendflowFailure(ledger: error) }
    }
}

extension Workspace {
    /// With a log that tells what is wrong alone, where nothing else was asked for: what becomes of each execution is told
    /// otherwise.
    package var quieter: Workspace {
        var workspace = self
        if workspace.configuration.logLevel == .info { workspace.configuration.logLevel = .warning }
        return workspace
    }

    /// With the policies of the replays that may still do something, as an agent has them; those that cannot be read are left
    /// out, as an agent leaves them out.
    package func withOpenReplays(of asked: String?) async throws(MendflowFailure) -> Workspace {
        let name = try instance(asked).name
        guard !policies.contains(where: { $0.replay != nil }),
            let state = try await readLedger(LedgerScope(instances: [name])),
            let key = state.baseline(of: name)?.instance
        else { return self }
        var workspace = self
        let now = ClockOffset.zero.server(clock.now())
        for replay in state.replays(of: key) where replay.isOpen {
            guard var policy = try? await policy(of: replay) else { continue }
            policy.instances = [name]
            workspace.policies.append(policy)
            // What it is to retry stays in sight, as it does for the agent.
            let reach = min(now - replay.start.earliest + .days(1), Policy.longestReach)
            workspace.configuration.lookBack = max(workspace.configuration.lookBack, reach)
        }
        return workspace
    }

    /// The policy of a replay, from its text in the ledger.
    ///
    /// - Throws: where the text is not there, or this version reads nothing out of it.
    package func policy(of replay: Replay) async throws(MendflowFailure) -> Policy {
        let state = try await readLedger(LedgerScope(instances: [], policies: [replay.start.version]))
        guard let text = state?.policy(version: replay.start.version)?.text else {
            throw MendflowFailure(.failed, "the text of its policy is not in the ledger")
        }
        let (policy, findings) = replayPolicy(Workspace.file(of: text), named: replay.name)
        guard let policy, policy.version == replay.start.version else {
            let why = findings.first { $0.severity == .error }?.message ?? "it is read as another one"
            throw MendflowFailure(.failed, "the text of its policy cannot be used: \(why)")
        }
        return policy
    }
}
