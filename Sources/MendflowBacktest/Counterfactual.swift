import MendflowCore
import MendflowCycle
import MendflowHistory

/// The n8n of a backtest: what was recorded, changed by what was done to it since.
///
/// What an agent's retries started then is not shown, as far as its ledger told. Runs that our retries start get ids above all
/// recorded ones. Where one of them heals a chain, what people did to that
/// chain later is not shown: they would have had no reason. Nothing else of what people did is taken back.
struct Counterfactual: Sendable {
    private let history: History
    private let chains: RecordedChains
    private let observed: ObservedOutcomes
    let outcomes: RetryOutcomes
    private let fedBack: FedBackOutcomes
    /// How many retries of ours each chain has.
    private var retries: [ExecutionID: UInt64] = [:]
    /// Data of runs that our retries started.
    private(set) var details: [ExecutionID: ExecutionDetail] = [:]
    /// Runs that we stopped, and when; runs that we deleted.
    private var stopped: [ExecutionID: ServerTime] = [:], deleted: Set<ExecutionID> = []
    /// When a retry of ours healed a chain, by its root.
    private var healed: [ExecutionID: ServerTime] = [:]
    /// The root of each run that a retry of ours started.
    private var roots: [ExecutionID: ExecutionID] = [:]
    /// Annotation tags that we wrote.
    private(set) var tags: [ExecutionID: [AnnotationTag]] = [:]

    /// What is answered to a request.
    struct Answer: Sendable {
        var answer: WriteAnswer
        /// When the answer comes.
        var at: ServerTime
        /// Rows as they are at once, and as they are when the answer comes.
        var now: [Execution] = [], later: [Execution] = []
        /// Rows that are gone.
        var gone: [ExecutionID] = []
    }

    init(
        _ history: History, _ chains: RecordedChains, _ observed: ObservedOutcomes, _ outcomes: RetryOutcomes,
        fedBack: FedBackOutcomes
    ) {
        self.fedBack = fedBack
        self.history = history
        self.chains = chains
        self.observed = observed
        self.outcomes = outcomes
    }

    /// Runs that our retries start have ids from here on, so many for each chain.
    private static let firstID: UInt64 = 1_000_000_000_000_000, idsPerChain: UInt64 = 1_000

    /// The id of the next run that a retry of ours starts. It depends on nothing but its chain, so that other policies, or a part
    /// of the history alone, give it the same one: waits are spread by it.
    private mutating func nextID(_ root: ExecutionID) -> ExecutionID {
        let number = retries[root, default: 0]
        retries[root] = number + 1
        let place = (root.number ?? UInt64(history.place(of: root) ?? 0)) % 1_000_000_000_000
        return ExecutionID(String(Self.firstID + place * Self.idsPerChain + number))
    }

    /// The oldest of what ended before a time and is still there.
    func oldPage(endedBefore edge: ServerTime) -> OldPage {
        let old = history.rows.filter { !$0.status.isLive && $0.endedAt.map { $0 < edge } ?? false }
        var page = OldPage(rows: Array(old.compactMap(shown).prefix(Self.pageSize)))
        for row in page.rows {
            page.details[row.id] = history.details[row.id]
            page.tags[row.id] = tags[row.id] ?? []
        }
        return page
    }

    private static let pageSize = 250

    /// Whether a run is one that a retry of ours started.
    func isOurs(_ id: ExecutionID) -> Bool { roots[id] != nil }

    /// Whether a run was started by an agent's retry then.
    func isAgents(_ id: ExecutionID) -> Bool { chains.isAgents(id) }

    /// A recorded row as it is in this world; nil where it is not there.
    func shown(_ row: Execution) -> Execution? {
        guard !deleted.contains(row.id), let row = chains.withoutAgent(row) else { return nil }
        if row.retryOf != nil, let healed = healed[chains.root(of: row.id)], let start = row.startedAt, start > healed {
            return nil
        }
        guard let end = stopped[row.id] else { return row }
        return row.canceled(at: end)
    }

    /// Answers a request that is sent at a time; `judged` is the row that it was decided from.
    mutating func answer(
        _ request: ExecutionRequest, _ judged: Execution?, _ action: ProposedAction, at now: ServerTime,
        rows: ExecutionTable
    ) -> Answer {
        switch request {
        case .retry(let id, _): return retry(id, judged, action, at: now)
        case .stop(let id):
            stopped[id] = now
            let rows = [judged].compactMap { $0?.canceled(at: now) }
            return Answer(answer: .applied(child: nil, status: .canceled), at: now, now: rows)
        case .stopMany:
            let ended = (action.draft.bulk?.predicted ?? []).compactMap { rows[$0]?.canceled(at: now) }
            for row in ended { stopped[row.id] = now }
            return Answer(answer: .stopped(count: ended.count), at: now, now: ended)
        case .setTags(let id, let names):
            tags[id] = names.map { AnnotationTag(id: $0, name: $0) }
            return Answer(answer: .applied(child: nil, status: nil), at: now)
        case .delete(let id):
            deleted.insert(id)
            return Answer(answer: .applied(child: nil, status: nil), at: now, gone: [id])
        }
    }

    private mutating func retry(
        _ id: ExecutionID, _ judged: Execution?, _ action: ProposedAction, at now: ServerTime
    ) -> Answer {
        let root = roots[id] ?? chains.root(of: id)
        if let known = fedBack[id] { return fed(known.run, known.detail, root, judged, at: now) }
        let child = nextID(root)
        roots[child] = root
        let workflow = judged?.workflow ?? action.draft.workflow
        let succeeds =
            switch outcomes {
            case .allFail: false
            case .allHeal: true
            case .asObserved: observed.succeeds(root, workflow, action.classification?.errorClass, at: now)
            }
        let end = now + length(of: judged)
        var row = Execution(
            id: child, workflow: workflow, status: .running, mode: .retry, retryOf: id, startedAt: now)
        let begun = row
        row.status = succeeds ? .success : .error
        row.stoppedAt = end
        var later = [row]
        if succeeds {
            healed[root] = end
            if var parent = judged {
                parent.retrySuccess = child
                later.append(parent)
            }
        } else {
            // It fails as the run before it did.
            var detail = details[id] ?? history.details[id] ?? ExecutionDetail(readability: .unreadable("not recorded"))
            detail.status = .error
            detail.createdAt = now
            details[child] = detail
        }
        return Answer(
            answer: .applied(child: child, status: row.status), at: end, now: [begun], later: later)
    }

    /// What really came of a retry.
    private mutating func fed(
        _ run: Execution, _ detail: ExecutionDetail?, _ root: ExecutionID, _ judged: Execution?, at now: ServerTime
    ) -> Answer {
        roots[run.id] = root
        details[run.id] = detail
        var begun = run
        (begun.status, begun.stoppedAt) = (.running, nil)
        var later = [run]
        if run.status == .success, var parent = judged {
            parent.retrySuccess = run.id
            later.append(parent)
        }
        let answer = WriteAnswer.applied(child: run.id, status: run.status)
        return Answer(answer: answer, at: run.endedAt ?? now, now: [begun], later: later)
    }

    /// How long a retry takes: as long as the run before it did.
    private func length(of row: Execution?) -> Period {
        guard let start = row?.startedAt, let end = row?.stoppedAt, end > start else { return .seconds(1) }
        return min(end - start, .hours(1))
    }
}

extension Execution {
    fileprivate func canceled(at time: ServerTime) -> Execution {
        var row = self
        (row.status, row.stoppedAt, row.waitTill, row.unrecognisedWord) = (.canceled, time, nil, nil)
        return row
    }
}
