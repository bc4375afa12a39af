import MendflowAgent
public import MendflowCore
import MendflowCycle
public import MendflowLedger
import MendflowPolicy
import MendflowReview
public import MendflowWorkspace

/// Answers what people ask about a running host, from its ledger and from what its agents saw last.
///
/// It keeps the last week of the ledger in memory and takes in what was written since at each question, so that no question
/// costs more than what is new, however long the ledger is. n8n is never asked.
public actor Observatory {
    /// What is in force now.
    private let present: @Sendable () async -> Workspace
    /// What of the files is not in force.
    private let files: @Sendable () async -> UnheededFiles
    private let looks: LastLooks
    private var ledger: Ledger?
    private var loadedAt: AgentTime?
    /// Whether it is being loaded, and those who wait for that.
    private var isLoading = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// What the plans of the last looks come to, by instance, with the look that they were made of.
    private var plans: [String: (at: AgentTime, plan: PlanReport)] = [:]
    /// What the last check of the whole record found, and when.
    public private(set) var verified: (at: AgentTime, found: AuditVerification)?
    private var isVerifying = false

    /// How far back the numbers of policies go.
    public static let week = Period.days(7)
    /// After how long what has become too old is forgotten.
    private static let renewal = Period.hours(1)

    /// Makes one for what is in force at each moment.
    public init(
        _ looks: LastLooks, present: @escaping @Sendable () async -> Workspace,
        files: @escaping @Sendable () async -> UnheededFiles = { UnheededFiles() }
    ) {
        self.looks = looks
        self.files = files
        self.present = present
    }

    /// What is in force now.
    public var workspace: Workspace { get async { await present() } }

    // MARK: - Questions

    /// How everything stands.
    public func now() async throws(MendflowFailure) -> PresentState {
        let workspace = await present()
        let (state, time) = (try await state(workspace), workspace.clock.now())
        var found = PresentState(
            instances: [], pauses: state.allPauses(at: time), now: time, head: state.head.chain, unresolved: 0)
        found.files = await files()
        found.looksForIncidents = workspace.configuration.incidents != nil
        found.fleet = try await Fleet.read(workspace)
        let hints = looks.hints
        for instance in workspace.configuration.instances {
            var status = StatusQuery.known(workspace, instance, state, time)
            status.lead = found.fleet?.lead(of: instance.name)
            let look = looks.look(at: instance.name)
            status.trouble = look?.trouble
            let key = state.baseline(of: instance.name)?.instance
            found.instances.append(
                PresentState.Instance(
                    status: status, plan: plan(of: instance, workspace, look), seenAt: look?.at,
                    now: serverTime(state, instance.name, time),
                    underWay: key.map { state.intents(in: [.reserved, .sending], of: $0) } ?? []))
            let counts = hints.first { $0.instance == instance.name }?.counts
            found.instances[found.instances.count - 1].hints = counts.map {
                PresentState.Hints(lastHour: $0.tally.inLastHour(at: time), last: $0.lastAt)
            }
            found.unresolved += status.record?.unanswered ?? 0
            found.asks += status.record?.asks.count ?? 0
        }
        return found
    }

    /// What waits for a person.
    public func inbox() async throws(MendflowFailure) -> Inbox {
        let workspace = await present()
        return Inbox.read(workspace, try await state(workspace))
    }

    /// The policies, and how they did in the last week.
    public func policies() async throws(MendflowFailure) -> PolicyOverviews {
        let workspace = await present()
        let (state, since) = (try await state(workspace), workspace.clock.now() - Observatory.week)
        var count = PolicyCount(
            since: since, try await doubts(workspace, state, since), renamed: try await renamed(workspace, state, since)
        )
        for instance in workspace.configuration.instances {
            guard let baseline = state.baseline(of: instance.name) else { continue }
            let key = baseline.instance
            count.count(state.view(of: key, shadow: true), state.tick(of: key), since: baseline)
        }
        var standings = workspace.policies.map { policy in
            PolicyOverview(
                name: policy.name, mode: policy.mode, description: policy.description, text: policy.text,
                place: policy.place, isLost: policy.isOrphan, week: count.weeks[policy.name] ?? PolicyWeek())
        }
        for instance in workspace.configuration.instances {
            let names = workspace.policies(
                of: instance, mode: workspace.mode(instance, asked: nil),
                state.baseline(of: instance.name).map { state.standings(of: $0.instance) } ?? [])
            let plan = plan(of: instance, workspace, looks.look(at: instance.name))
            standings.tell(of: instance.name, acting: names.acting, dryRun: names.dryRun, plan)
            guard let key = state.baseline(of: instance.name)?.instance else { continue }
            for standing in state.standings(of: key) {
                let version = workspace.policies.first { $0.name == standing.demotion.policy }?.version
                guard let place = standings.firstIndex(where: { $0.name == standing.demotion.policy }),
                    version.map(standing.holds) ?? false
                else { continue }
                standings[place].demotions.append((instance.name, standing))
            }
        }
        let known = Set(standings.map(\.name))
        let former = count.weeks.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }.map { name, week in
            PolicyOverview(name: name, mode: .off, description: nil, week: week)
        }
        return PolicyOverviews(
            since: since, policies: standings, former: former, retriedByPeople: count.retriedByPeople,
            files: await files())
    }

    /// An incident, whether it goes on or is over, with all that was written down of it.
    public func incident(_ key: String, on instance: String) async throws(MendflowFailure) -> IncidentReport {
        try await IncidentReport.read(await present(), instance: instance, key)
    }

    /// All replays of every instance, the newest first.
    public func replays() async throws(MendflowFailure) -> [(instance: String, replay: Replay, waits: ReplayWait?)] {
        let workspace = await present()
        let (state, now) = (try await state(workspace), workspace.clock.now())
        return workspace.configuration.instances.flatMap {
            instance -> [(instance: String, replay: Replay, waits: ReplayWait?)] in
            guard let key = state.baseline(of: instance.name)?.instance else { return [] }
            let wait = StatusQuery.known(workspace, instance, state, now).replaysWait
            return state.replays(of: key).reversed().map { (instance.name, $0, $0.isRunning ? wait : nil) }
        }
    }

    /// How one replay stands.
    public func replay(_ name: String, of instance: String) async throws(MendflowFailure) -> ReplayReport {
        try await ReplayReport.read(await present(), instance: instance, name)
    }

    /// A page of the record.
    public func records(_ query: RecordSearch.Query) async throws(MendflowFailure) -> RecordSearch {
        let workspace = await present()
        let state = try await state(workspace)
        guard let store = try await workspace.openLedgerReading() else { return RecordSearch() }
        let keys = workspace.instanceNames.compactMap { state.baseline(of: $0)?.instance }
        return try await workspace.ledger { () throws(LedgerFailure) in
            try await RecordSearch.read(store, query, head: state.head.chain, keys)
        }
    }

    /// One record by its number; nil where there is none.
    public func record(_ number: Int64) async throws(MendflowFailure) -> Audit.Entry? {
        let workspace = await present()
        guard number > 0, let store = try await workspace.openLedgerReading() else { return nil }
        let found = try await workspace.ledger { () throws(LedgerFailure) in
            try await store.records(after: number - 1, limit: 1)
        }
        return found.first.flatMap { $0.sequence == number ? Audit.Entry($0) : nil }
    }

    /// The segment that a record was sealed into; nil where it was not.
    public func segment(of number: Int64) async throws(MendflowFailure) -> LedgerSegment? {
        try await present().readLedger(LedgerScope(instances: []))?.segment(of: number)
    }

    /// What is known of an execution.
    public func story(of execution: ExecutionID, on name: String) async throws(MendflowFailure) -> ExecutionStory {
        let workspace = await present()
        let instance = try workspace.instance(name)
        let time = serverTime(try await state(workspace), name, workspace.clock.now())
        return try await ExecutionStory.read(
            execution, instance, workspace, looks.look(at: name), now: time)
    }

    /// Checks the whole record, one check at a time; nil where one goes on already.
    public func verify() async throws(MendflowFailure) -> AuditVerification? {
        guard !isVerifying else { return nil }
        isVerifying = true
        defer { isVerifying = false }
        let workspace = await present()
        let found = try await Audit.verify(workspace, head: nil)
        verified = (workspace.clock.now(), found)
        return found
    }

    // MARK: - What they are answered from

    private func doubts(
        _ workspace: Workspace, _ state: LedgerState, _ since: AgentTime
    ) async throws(MendflowFailure) -> RetriesInDoubt {
        guard let store = try await workspace.openLedgerReading() else { return RetriesInDoubt() }
        return try await workspace.ledger { () throws(LedgerFailure) in
            try await RetriesInDoubt.read(store, state.head.chain, since: since)
        }
    }

    /// What policies are called now that were called otherwise, by the texts that came into force since a time.
    private func renamed(
        _ workspace: Workspace, _ state: LedgerState, _ since: AgentTime
    ) async throws(MendflowFailure) -> [String: String] {
        guard let store = try await workspace.openLedgerReading() else { return workspace.policies.presentNames }
        let past = try await workspace.ledger { () throws(LedgerFailure) in
            let before = try await RecordsByTime.last(before: since, in: store, state.head.chain)
            return try await PastPolicies.read(workspace, store, after: before)
        }
        return workspace.policies.presentNames(past)
    }

    private func serverTime(_ state: LedgerState, _ name: String, _ time: AgentTime) -> ServerTime {
        let key = state.baseline(of: name)?.instance
        return (key.flatMap { state.tick(of: $0) }?.clockOffset ?? .zero).server(time)
    }

    /// The last week of the ledger, and what was written since it was asked for last.
    private func state(_ workspace: Workspace) async throws(MendflowFailure) -> LedgerState {
        // It is loaded once, however many ask at the same time.
        while isLoading { await withCheckedContinuation { waiting.append($0) } }
        let now = workspace.clock.now()
        if let ledger, let loadedAt, now - loadedAt < Observatory.renewal, now >= loadedAt {
            return try await workspace.ledger { () throws(LedgerFailure) in try await ledger.refresh() }
        }
        isLoading = true
        defer {
            isLoading = false
            for one in waiting { one.resume() }
            waiting = []
        }
        guard let store = try await workspace.openLedgerReading() else {
            throw await workspace.missingLedger()
        }
        let scope = LedgerScope(since: min(workspace.ledgerStart(), now - Observatory.week))
        let fresh = try await workspace.ledger { () throws(LedgerFailure) in try await Ledger(store, scope) }
        (ledger, loadedAt) = (fresh, now)
        return await fresh.state
    }

    /// The report of an agent's last plan, made once for each look.
    private func plan(
        of instance: Configuration.Instance, _ workspace: Workspace, _ look: LastLooks.Look?
    ) -> PlanReport? {
        guard let look, let step = look.step, let policies = look.policies else { return nil }
        if let known = plans[instance.name], known.at == look.at { return known.plan }
        let mode = workspace.mode(instance, asked: nil)
        let names = workspace.policies(of: instance, mode: mode, Array(step.view.standings.values))
        let rows = step.snapshot.executions
        let header = PlanReport.Header(
            instance: instance.name, url: instance.address, now: look.now, mode: mode, acting: names.acting,
            dryRun: names.dryRun, rows: rows.count, live: rows.values.count { $0.status.isLive },
            judged: step.plan.rowsJudged,
            completeness: look.completeness, epoch: step.snapshot.instance.epoch, paused: step.view.paused,
            alarm: step.view.alarm, placeHolders: PlanReport.PlaceHolder.all(step.view, step.snapshot))
        var plan = PlanReport(
            header: header, plan: step.plan, dryRunPlan: step.dryRunPlan, workflows: step.snapshot.workflows)
        plan.tellWaking(step.snapshot)
        plan.tellWaits(policies.policies, instance.limits)
        plans[instance.name] = (look.at, plan)
        return plan
    }
}
