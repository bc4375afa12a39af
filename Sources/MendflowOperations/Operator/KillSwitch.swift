public import MendflowCore
public import MendflowLedger
import MendflowPolicy
public import MendflowWorkspace

/// `pause` and `resume`: the kill switch.
public enum KillSwitch {
    /// What was done.
    public struct Outcome: Sendable {
        /// The instances that it is about.
        public var instances: [String]
        /// The pauses that were lifted.
        public var lifted: [LedgerState.Pause]
        /// The pause that stands; nil where none does.
        public var standing: LedgerState.Pause?
        /// Why acting stays paused, and until when; nil where it does not.
        public var stillPaused: String? { standing?.words }
        /// Whether a pause that holds longer was there already, so that nothing of this one shows.
        public var isOutlasted = false
        /// Whether anything may be sent to one of them, as the files say.
        public var acts = true
        /// Whether the agent that runs sends nothing to any of them, though the files say that it may: it was started so.
        public var isOverruled = false
        /// The instances that are paused now, and when acting begins there again by itself, the last pause that holds it
        /// being over; nil where somebody has to lift one.
        public var paused: [(instance: String, until: AgentTime?)] = []
        /// Pauses of single instances, or of all, that hold longer beside the one that was asked for.
        public var longer: [LedgerState.Pause] = []
        /// The agent that none of this reaches, since it works on another ledger than the files name now; nil where there is none.
        public var elsewhere: AgentElsewhere?
    }

    /// Stops acting on one instance, or on all; for a time, or until it is resumed. A pause that holds longer stays. What
    /// changes nothing is not written down, so that nobody is told of it.
    public static func pause(
        _ workspace: Workspace, instance: String?, reason: String?, for time: Period? = nil
    ) async throws(MendflowFailure) -> Outcome {
        if let instance { _ = try workspace.instance(instance) }
        let (user, now) = (workspace.user, workspace.clock.now())
        let until = time.map { now + $0 }
        let elsewhere = await AgentElsewhere.read(workspace)
        if let elsewhere, try await workspace.openLedgerReading() == nil {
            throw elsewhere.failure("nothing is paused")
        }
        try await append(workspace) { state in
            let standing = state.allPauses(at: now).first { $0.instance == instance }
            guard standing?.covers(reason ?? "", until) != true, standing?.isDoubt != true else { return [] }
            return [LedgerEntry(.paused(instance: instance, reason: reason ?? "", by: user, until: until), at: now)]
        }
        let after = try await workspace.readLedger(LedgerScope(instances: [])) ?? LedgerState()
        let paused = after.allPauses(at: now)
        let standing = paused.first { $0.instance == instance }
        let names = instance.map { [$0] } ?? workspace.instanceNames
        let longer = paused.filter { other in
            other.instance != instance && (instance == nil || other.instance == nil)
                && (standing.map(other.outlasts) ?? false)
        }
        return Outcome(
            instances: names, lifted: [], standing: standing,
            isOutlasted: standing.map { $0.until != until || $0.isDoubt } ?? false,
            paused: after.paused(of: names, at: now), longer: longer, elsewhere: elsewhere)
    }

    /// Acts again. Without an instance every pause goes, those of single instances too: who says "act again" to all
    /// must not have to guess which of them stays still. With one, only its own goes.
    ///
    /// - Throws: `failed` where the ledger may not know all that was sent, unless that is what is to be lifted (`force`).
    public static func resume(
        _ workspace: Workspace, instance: String?, force: Bool = false
    ) async throws(MendflowFailure) -> Outcome {
        if let instance { _ = try workspace.instance(instance) }
        let (user, now) = (workspace.user, workspace.clock.now())
        let standing = try await workspace.readLedger(LedgerScope(instances: []))
        if !force, let doubt = standing.flatMap({ lifted($0, instance, now).first(where: \.isDoubt) }) {
            throw MendflowFailure(
                .failed,
                "acting is paused because the ledger may not know all that was sent, and a retry that it does not know would be sent "
                    + "again: \(doubt.words). Once that is seen to: mendflow resume --force")
        }
        let before = try await append(workspace) { state in
            lifted(state, instance, now).map { LedgerEntry(.resumed(instance: $0.instance, by: user), at: now) }
        }
        let names = instance.map { [$0] } ?? workspace.instanceNames
        let after = try await workspace.readLedger(LedgerScope(instances: [])) ?? LedgerState()
        let acts = names.filter { name in
            workspace.configuration.instances.contains { $0.name == name && workspace.mode($0, asked: nil) == .enforce }
        }
        return Outcome(
            instances: names,
            lifted: lifted(before, instance, now),
            standing: instance == nil ? nil : before.allPauses(at: now).first { $0.instance == nil },
            acts: !acts.isEmpty, isOverruled: try await isOverruled(acts, workspace, after.head.chain),
            paused: after.paused(of: names, at: now))
    }

    /// Whether the agent that runs goes by another mode than the files say on each of these instances.
    private static func isOverruled(
        _ names: [String], _ workspace: Workspace, _ head: AuditHead
    ) async throws(MendflowFailure) -> Bool {
        guard !names.isEmpty, try await Replaying.isCarriedOut(workspace) == true,
            let store = try await workspace.openLedgerReading()
        else { return false }
        let modes = try await workspace.ledger { () throws(LedgerFailure) in
            try await LastReading.read(store, head)?.modes
        }
        return modes.map { modes in names.allSatisfy { modes[$0].map { $0 != .enforce } ?? false } } ?? false
    }

    private static func lifted(
        _ state: LedgerState, _ instance: String?, _ now: AgentTime
    ) -> [LedgerState.Pause] {
        state.allPauses(at: now).filter { instance == nil || $0.instance == instance }
    }

    /// Appends what a closure makes of the ledger, and answers the state before.
    @discardableResult
    private static func append(
        _ workspace: Workspace, _ make: @escaping @Sendable (LedgerState) -> [LedgerEntry]
    ) async throws(MendflowFailure) -> LedgerState {
        let store = try await workspace.openLedger()
        return try await workspace.ledger { () throws(LedgerFailure) in
            let ledger = try await Ledger(store, LedgerScope(instances: []))
            return try await ledger.append(make).before
        }
    }
}

extension LedgerState {
    /// Those of some instances that are paused, and when that ends by itself.
    fileprivate func paused(of names: [String], at time: AgentTime) -> [(instance: String, until: AgentTime?)] {
        names.filter { !pauses(on: $0, at: time).isEmpty }.map { ($0, pauseEnds(on: $0, at: time)) }
    }
}

extension LedgerState.Pause {
    /// Whether another pause in its place would change nothing: this one holds longer, or is the same.
    fileprivate func covers(_ reason: String, _ end: AgentTime?) -> Bool {
        if until == end { return self.reason == reason }
        guard let end else { return false }
        return until.map { $0 > end } ?? true
    }
}
