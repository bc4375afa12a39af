import MendflowCore
import MendflowHostKit
import MendflowLedger
import MendflowSimulator
import Synchronization

/// Judges one promise.
struct Judge: Sendable {
    /// What it is called in tables.
    var name: String
    /// What does not hold, in words.
    var judge: @Sendable (SeedEvidence) async throws -> [String]

    init(_ name: String, _ judge: @escaping @Sendable (SeedEvidence) async throws -> [String]) {
        self.name = name
        self.judge = judge
    }

    /// Those that ask of deeds alone: whoever did them, with a record or without.
    static let ofDeeds = [neverTwice, retryLimit, healed, fitting, caps]

    /// Those that hold also where the ledger has lost what was done: it is found, and said.
    static let ofLosses = [paused, verified]

    /// All of them. Each asks n8n's own record first, and the agent's only where it is what is judged.
    static let all = [
        neverTwice, retryLimit, healed, fitting, caps, paused, waits, yields, patient, tagsKept, taggedOnce, looked,
        noticed, calm, alarmed, gone, latched, ownRun, whole, void, believed, carriedOut, current, prompt, recorded,
        verified,
        replayed, missed, recovered, settled,
        stopped, answered, accounted, bounded, memory, replayHalted, replayFrozen, replayCanary, replayEnds, approved,
        asked,
        told, onceTold, incidentsFound, incidentsHold, incidentsOnce, incidentsEnd,
    ]
}

/// What judges look at when a world is over.
struct SeedEvidence: Sendable {
    let world: SeedWorld
    let noted: SeedRecord.Contents
    /// All that was done to n8n, oldest first, and what of it was done by the agent.
    let deeds: [Simulator.Deed], ours: [Simulator.Deed]
    let requests: [Simulator.ReceivedRequest]
    let database: Simulator.Database
    let store: any LedgerStore
    let state: LedgerState
    /// What was to be done, without what is done in dry-run.
    let intents: [Intent]

    init?(_ world: SeedWorld) async throws(LedgerFailure) {
        guard let store = try world.ledger else { return nil }
        self.world = world
        self.store = store
        var noted = world.record.contents
        // A script reads no policies, so that no edit of theirs is held against it.
        if world.isScripted { noted.edits = [] }
        self.noted = noted
        (deeds, requests, database) = world.box.withSimulator { ($0.deeds, $0.requests, $0.database) }
        ours = deeds.filter { $0.by == .key("agent") }
        state = try await store.load(LedgerScope(since: AgentTime(milliseconds: .min)))
        intents = state.intents(in: Set(IntentState.allCases)).filter { !$0.draft.isShadow }
        var parents: [Int: Int] = [:]
        for id in database.ids { parents[id] = database[id]?.retryOf }
        for deed in deeds { if case .retried(let id, let child) = deed.what { parents[child] = id } }
        self.parents = parents
    }

    private let parents: [Int: Int]

    /// The first run of a run's chain.
    func root(_ id: Int) -> Int { parents[id].map(root) ?? id }
}

extension SeedWorld {
    /// Every promise that does not hold.
    ///
    /// - Throws: what the ledger says, where it cannot be read.
    public func brokenPromises() async throws -> [BrokenPromise] {
        guard let evidence = try await SeedEvidence(self) else {
            return [BrokenPromise(judge: "recorded", what: "there is no ledger")]
        }
        var broken = isScripted ? [] : evidence.noted.accusations
        let judges = isScripted ? Judge.ofDeeds : watched.withLock { $0.hasLost } ? Judge.ofLosses : Judge.all
        for judge in judges {
            broken += try await judge.judge(evidence).map { BrokenPromise(judge: judge.name, what: $0) }
        }
        return broken
    }
}
