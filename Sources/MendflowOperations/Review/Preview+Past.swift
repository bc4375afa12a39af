public import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowPolicy
public import MendflowReview
public import MendflowWorkspace

extension Preview {
    /// What stood about an execution at an earlier moment, made again from what the ledger holds of it; no server is asked.
    ///
    /// - Throws: where nothing had been decided about it by then, or its policies cannot be made again.
    public static func explain(
        _ workspace: Workspace, execution: ExecutionID, instance name: String?, at time: ServerTime,
        segments folder: String? = nil
    ) async throws(MendflowFailure) -> Explanation {
        let instance = try workspace.instance(name)
        guard let store = try await workspace.openLedgerReading() else {
            throw await workspace.noLedger(
                "there is no ledger: what stood then is on record only where one was kept", remedy: nil)
        }
        try await refuseAhead(time, instance.name, workspace)
        let found = try await workspace.ledger { () throws(LedgerFailure) in
            let store = try await SegmentedStore.open(store, segments: folder, workspace.environment.files)
            return try await PastDecision.read(store, workspace, instance, execution, at: time)
        }
        switch found {
        case .made(let explanation): return explanation
        case .nothing(let first):
            let known = first.map { "; the first decision about it was made at \($0)" } ?? ""
            throw MendflowFailure(.failed, "nothing had been decided about execution \(execution) by \(time)\(known)")
        case .sealed(let segment):
            throw MendflowFailure(
                .failed,
                "what stood then about execution \(execution) leans on records that are not in the ledger: \(segment.words); "
                    + "`--segments FOLDER` reads them")
        case .unreadable(let record):
            throw MendflowFailure(
                .failed,
                "the policies of record \(record) cannot be read any more; `mendflow audit export` has what they saw")
        }
    }
}

extension Preview {
    /// Refuses a time that lies ahead, by n8n's clock as the ledger knows it.
    private static func refuseAhead(
        _ time: ServerTime, _ instance: String, _ workspace: Workspace
    ) async throws(MendflowFailure) {
        let ledger = try await workspace.readLedger(LedgerScope(instances: [instance]))
        let tick = ledger?.baseline(of: instance).flatMap { ledger?.tick(of: $0.instance) }
        try NewestKnown.now(workspace.clock, n8n: tick?.clockOffset ?? .zero).check(time, "--at")
    }
}

/// The decision about an execution that stood at an earlier moment.
private enum PastDecision {
    case made(Explanation)
    /// Nothing had been decided; when the first decision was made, where one was.
    case nothing(ServerTime?)
    /// Records that it leans on were sealed.
    case sealed(LedgerSegment)
    /// Its policies cannot be made again: the number of its record.
    case unreadable(Int64)

    static func read(
        _ store: any LedgerStore, _ workspace: Workspace, _ instance: Configuration.Instance,
        _ execution: ExecutionID, at time: ServerTime
    ) async throws(LedgerFailure) -> PastDecision {
        let state = try await store.load(LedgerScope(instances: [instance.name]))
        guard let key = state.baseline(of: instance.name)?.instance else { return .nothing(nil) }
        let replay = try await DecisionReplay.read(store)
        let texts = replay.policyTexts
        let standing = try replay.standing(about: execution, of: key, at: time) {
            workspace.policySet(instance, recordedAs: $0, texts: texts)
        }
        let sealed = replay.floor > 0 ? state.newestSegment : nil
        if let sealed, standing.isEmpty || standing.contains(where: \.leansOnSealed) { return .sealed(sealed) }
        guard let decision = standing.first else {
            return .nothing(replay.firstDecision(about: execution, of: key))
        }
        let newest = standing.max { $0.number < $1.number } ?? decision
        guard let set = newest.policies else { return .unreadable(newest.number) }
        let passes = standing.flatMap(\.passes)
        func pass(_ wanted: Planner.Pass) -> Explanation.Then.Pass? {
            passes.first { $0.pass == wanted }.map { Explanation.Then.Pass($0.snapshot, $0.view, $0.plan) }
        }
        let then = Explanation.Then(enforced: pass(.enforced), dryRun: pass(.dryRun))
        let past = try replay.state(at: newest.clockOffset.agent(time)).view(of: key, shadow: !newest.acts)
        let shows = passes.contains { $0.snapshot.executions[execution] != nil }
        guard
            var explanation = Explanation(
                of: shows ? execution : newest.recorded.execution, then, policies: set, url: instance.address,
                past: past, acts: newest.acts)
        else { throw .corrupt("record \(newest.number): its evidence does not show what it is about") }
        let executions = Set(explanation.timeline.map(\.execution))
        explanation.policies = explanation.policies.map { view in
            view.placed(at: workspace.policies.first { $0.name == view.name && $0.text == view.text }?.place)
        }
        try await explanation.tellDoubts(store, state, instance.name)
        explanation.nearestMiss = explanation.nearestMiss.map(\.placeless)
        explanation.asOf = Explanation.AsOf(
            time: time, decidedAt: newest.recorded.now, record: newest.number,
            notBegun: standing.flatMap(\.notBegun))
        explanation.done = try DoneBefore.read(executions, replay, workspace, instance, key, past, until: time)
        explanation.tell(
            try await RecordedDecisions.read(about: executions, store, key, newest.clockOffset, until: time))
        return .made(explanation)
    }
}
