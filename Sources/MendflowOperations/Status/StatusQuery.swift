public import MendflowCore
import MendflowCycle
import MendflowEnvironment
public import MendflowLedger
import MendflowN8N
import MendflowPolicy
public import MendflowReview
public import MendflowText
public import MendflowWorkspace
import MendflowYAML

/// The state of one instance, as the ledger and n8n tell it.
public struct InstanceStatus: Sendable {
    /// The instance.
    public var instance: String
    /// Where it is.
    public var url: ServerURL
    /// Whether the configuration has others beside it, so that a command has to name it.
    public var isOneOfSeveral = false
    /// How far the agent may go there.
    public var mode: Mode
    /// Policies that can act here, in order.
    public var acting: [String] = []
    /// Policies that are only evaluated here, in order.
    public var dryRun: [String] = []
    /// Policies that no file has any more and that hold what they match, in order.
    public var held: [String] = []
    /// Whether the agent that runs has not read the files as they are now.
    public var isUnread = false
    /// Why n8n cannot be read now; nil where it can.
    public var trouble: String?
    /// Whether that is because of the key: n8n answers, and does not take it, or it cannot be had.
    public var isKeyRefused = false
    /// How many requests n8n leaves this key, in words; nil where it tells no limit.
    public var limits: String?
    /// What the ledger tells; nil where `init` has not made a baseline.
    public var record: Record?
    /// When it was asked.
    public var now: AgentTime
    /// Whether an agent works on the ledger.
    public var life = AgentLife.never
    /// What the last command did that held the ledger, where that was no agent.
    public var errand: AgentErrand?
    /// Whether the agent's command line says how far it may go, and the files say otherwise.
    public var isOverruled = false
    /// The agent that works on another ledger than the files name now; nil where there is none.
    public var elsewhere: AgentElsewhere?
    /// How it is led, where several agents share the ledger; nil where one has it to itself.
    public var lead: InstanceLead?
    /// What happened in the last day; nil where there is no ledger.
    public var recent: RecentActivity?
    /// How many errors the files have.
    public var fileErrors = 0
    /// What the files would lose and the agent keeps; nil where nothing waits for a word.
    public var pending: PendingReload?
    /// How much that the last agent kept is let go by one that starts now; none where one runs.
    public var losesAtStart = 0
    /// What the files say and the agent takes in at a restart only, in words.
    public var needsRestart: [RestartSetting] = []
    /// The longest time that may lie behind the last tick of an agent that sees something.
    public var fresh = Period.minutes(2)
    /// The time between two ticks.
    public var interval = Period.seconds(30)

    /// Whether n8n answers now, and takes the key.
    public var isReachable: Bool { trouble == nil }

    /// What the ledger tells of an instance.
    public struct Record: Sendable {
        /// The epoch of n8n's database.
        public var epoch: Int
        /// What ended before it is left alone.
        public var since: ServerTime
        /// Why n8n's database seems to be another one, so that nothing is done.
        public var alarm: String?
        /// Why acting is paused, of each pause that holds it.
        public var paused: String?
        /// When acting begins again by itself, the last of them being over; nil where somebody has to lift it.
        public var pausedUntil: AgentTime?
        /// Whether that is because the ledger may not know all that was sent.
        public var isInDoubt = false
        /// Until when n8n asked the agent to leave it alone; nil where it did not, or where a tick was made since.
        public var silentUntil: AgentTime?
        /// When hints were last noted to arrive, and n8n's version where they tell it; nil where none is on record.
        public var hints: HintSign?
        /// The last tick; nil where there was none.
        public var lastTick: TickState?
        /// Intents that are under way.
        public var underWay = 0
        /// Intents that nobody answered.
        public var unresolved = 0
        /// Those of them that are so old that no answer will come.
        public var unanswered = 0
        /// Chains whose retries are used up.
        public var exhausted = 0
        /// Retries that hold a place in `max_in_flight`, as the last tick saw them.
        public var placeHolders: [PlanReport.PlaceHolder] = []
        /// Replays that may still do something, the oldest first.
        public var replays: [Replay] = []
        /// What became of their executions, by their names, as `replay show` tells it; what cannot be read is not here.
        public var replayed: [String: [ReplayReport.Result: Int]] = [:]
        /// What people are asked and have not answered, the oldest first.
        public var asks: [Approval] = []
        /// Policies that are back in dry-run because they healed too little.
        public var demoted: [PolicyStanding] = []
        /// Incidents that go on, the oldest first.
        public var incidents: [Incident] = []
        /// Workflows that did not run as a policy wants them to, in order.
        public var absences: [Absence] = []
        /// Kinds of actions that n8n refuses this key, with its words.
        public var refused: [ActionKind: String] = [:]
        /// The ledger's last record.
        public var head: AuditHead
    }
}

/// `status`: how the instances are.
public enum StatusQuery {
    /// The state of every instance, or of one.
    public static func run(
        _ workspace: Workspace, instance name: String?
    ) async throws(MendflowFailure) -> [InstanceStatus] {
        try await run(workspace, instance: name, in: try await Fleet.read(workspace))
    }

    /// The same, where it is known how the agents share the ledger; `fleet` is nil where one has it to itself.
    public static func run(
        _ workspace: Workspace, instance name: String?, in fleet: Fleet?
    ) async throws(MendflowFailure) -> [InstanceStatus] {
        if let name { _ = try workspace.instance(name) }
        let told = try await AgentTold.read(workspace, fleet)
        // Where agents share the ledger, those that are there are looked at.
        let elsewhere = fleet?.isAlive == true ? nil : await AgentElsewhere.read(workspace)
        var all: [InstanceStatus] = []
        for instance in workspace.configuration.instances where name.map({ $0 == instance.name }) ?? true {
            let scope = LedgerScope(instances: [instance.name], since: workspace.ledgerStart(instance.name))
            let ledger = try await workspace.readLedger(scope)
            let now = workspace.clock.now()
            let tick = ledger.flatMap { ledger in
                ledger.baseline(of: instance.name).flatMap { ledger.tick(of: $0.instance) }
            }
            let life = told?.life(workspace, tick: tick?.at, now) ?? .never
            let mode = life.isRunning ? told?.mode(instance.name) : nil
            let present = life.isRunning ? told?.inForce(workspace) ?? workspace : workspace
            var status = status(of: instance, in: mode ?? workspace.mode(instance, asked: nil), present, now)
            status.isUnread = life.isRunning && told?.reading?.hasNotRead(workspace) ?? false
            (status.life, status.errand, status.elsewhere) = (life, told?.errand, elsewhere)
            status.lead = fleet?.lead(of: instance.name)
            status.pending = life.isRunning ? told?.reading?.pending : nil
            status.losesAtStart =
                life.isRunning || workspace.errorCount > 0 ? 0 : told?.reading?.losses(in: workspace).count ?? 0
            status.needsRestart = life.isRunning ? told?.reading?.needsRestart ?? [] : []
            status.isOverruled = life.isRunning && told?.reading?.overruled(workspace)[instance.name] != nil
            status.recent = told?.recent.activity(
                of: instance.name, in: status.mode, ledger?.baseline(of: instance.name), tick?.clockOffset ?? .zero,
                now: now)
            status.record = ledger.flatMap { record(of: instance.name, $0, status.mode, versions(present), now) }
            status.takeBack(status.record?.demoted ?? [])
            status.record?.hints = try await HintSign.newest(workspace, instance.name)
            status.record?.silentUntil = try await silence(workspace, instance.name, ledger?.head.sequence ?? 0)
            for replay in status.record?.replays ?? [] {
                let report = try? await ReplayReport.read(workspace, instance: instance.name, replay.name)
                status.record?.replayed[replay.name] = report?.counts
            }
            await look(workspace, instance, ledger, &status)
            all.append(status)
        }
        return all
    }

    private static func status(
        of instance: Configuration.Instance, in mode: Mode, _ workspace: Workspace, _ now: AgentTime
    ) -> InstanceStatus {
        let policies = workspace.policies(of: instance, mode: mode)
        var status = InstanceStatus(
            instance: instance.name, url: instance.url, mode: mode, acting: policies.acting, dryRun: policies.dryRun,
            now: now)
        status.held = workspace.policySet(instance).policies.filter(\.isOrphan).map(\.name)
        status.acting.removeAll(where: status.held.contains)
        status.dryRun.removeAll(where: status.held.contains)
        status.isOneOfSeveral = workspace.instanceNames.count > 1
        status.fresh = workspace.freshness
        status.interval = workspace.configuration.pollInterval
        status.fileErrors = workspace.errorCount
        return status
    }

    /// An instance's state as far as the ledger tells whoever runs its agent, without a look at its server.
    static func known(
        _ workspace: Workspace, _ instance: Configuration.Instance, _ ledger: LedgerState, _ now: AgentTime
    ) -> InstanceStatus {
        let mode = workspace.mode(instance, asked: nil)
        var status = status(of: instance, in: mode, workspace, now)
        status.record = record(of: instance.name, ledger, mode, versions(workspace), now)
        status.takeBack(status.record?.demoted ?? [])
        return status
    }

    /// The versions of the policies that are in force, by name.
    private static func versions(_ workspace: Workspace) -> [String: String] {
        Dictionary(workspace.policies.map { ($0.name, $0.version) }) { first, _ in first }
    }

    /// Among the last records: until when an agent leaves a server alone, unless a tick was made since.
    private static func silence(
        _ workspace: Workspace, _ name: String, _ head: Int64
    ) async throws(MendflowFailure) -> AgentTime? {
        guard let store = try await workspace.openLedgerReading() else { return nil }
        let records = try await workspace.ledger { () throws(LedgerFailure) in
            try await store.records(after: max(0, head - 100), limit: 100)
        }
        for sealed in records.reversed() {
            guard let record = try? CanonicalRecord(bytes: sealed.bytes).record else { continue }
            if record.kind == .tick, record.instance?.name == name { return nil }
            guard record.kind == .lifecycle,
                case .lifecycle(.silenced(name, let until))? = try? sealed.entry().event
            else { continue }
            return until > workspace.clock.now() ? until : nil
        }
        return nil
    }

    /// How many of the newest rows are looked at.
    private static let rows = 100

    /// Asks the server for its newest rows: whether it answers, and whether they are of the database that is known. The agent
    /// sees that at its next tick, and who asks before should not hear that all is well.
    private static func look(
        _ workspace: Workspace, _ instance: Configuration.Instance, _ ledger: LedgerState?,
        _ status: inout InstanceStatus
    ) async {
        do throws(MendflowFailure) {
            let adapters = try workspace.adapters(instance)
            do throws(ReadFailure) {
                let page = try await adapters.reader.list(ListQuery(limit: rows))
                status.limits = adapters.reader.keyLimits.words(at: workspace.clock.monotonic())
                guard status.record?.alarm == nil, let baseline = ledger?.baseline(of: instance.name) else { return }
                let watch = EpochWatch(baseline, ledger?.tick(of: baseline.instance))
                for row in page.executions {
                    do throws(EpochWatch.Contradiction) { try watch.check(row) } catch {
                        status.record?.alarm =
                            "\(error.sentence); n8n's database seems restored or swapped, and the agent will do nothing here"
                        return
                    }
                }
            } catch { (status.trouble, status.isKeyRefused) = (error.description, error.isOfKey) }
        } catch { (status.trouble, status.isKeyRefused) = (error.message, error.isOfKey) }
    }

    private static func record(
        of name: String, _ ledger: LedgerState, _ mode: Mode, _ versions: [String: String], _ now: AgentTime
    ) -> InstanceStatus.Record? {
        guard let baseline = ledger.baseline(of: name) else { return nil }
        let view = ledger.view(of: baseline.instance, shadow: mode != .enforce, at: now)
        let tick = ledger.tick(of: baseline.instance)
        return InstanceStatus.Record(
            epoch: baseline.instance.epoch, since: baseline.since, alarm: view.alarm,
            paused: ledger.pauseWords(on: name, at: now),
            pausedUntil: ledger.pauseEnds(on: name, at: now), isInDoubt: view.isInDoubt,
            lastTick: tick, underWay: view.intents.count(where: \.state.isOpen),
            unresolved: view.intents.count { $0.state == .unresolved },
            unanswered: view.intents.count { $0.state == .unresolved && $0.isOld(at: now) },
            exhausted: view.exhausted.count,
            placeHolders: placeHolders(view, baseline, tick, now),
            replays: ledger.replays(of: baseline.instance).filter(\.isOpen),
            asks: ledger.approvals(of: baseline.instance).filter { $0.isOpen(at: now) },
            demoted: demoted(ledger, baseline.instance, versions),
            incidents: ledger.incidents(of: baseline.instance).values.sorted {
                ($0.extent.firstSeen, $0.key) < ($1.extent.firstSeen, $1.key)
            },
            absences: ledger.absences(of: baseline.instance).sorted { $0.key < $1.key }.map(\.value),
            refused: view.suspended,
            head: ledger.head.chain)
    }

    /// The policies that are held as they stand now: an edited one begins anew.
    private static func demoted(
        _ ledger: LedgerState, _ key: InstanceKey, _ versions: [String: String]
    ) -> [PolicyStanding] {
        ledger.standings(of: key).filter { standing in
            versions[standing.demotion.policy].map(standing.holds) ?? false
        }
    }

    /// Who holds a place in `max_in_flight`, by the rows that the last tick saw.
    private static func placeHolders(
        _ view: LedgerView, _ baseline: InstanceBaseline, _ tick: TickState?, _ now: AgentTime
    ) -> [PlanReport.PlaceHolder] {
        let offset = tick?.clockOffset ?? .zero
        var snapshot = Snapshot(
            instance: baseline.instance, now: offset.server(now), clockOffset: offset, baseline: baseline.since,
            coverage: Coverage(retriesKnownFrom: tick?.coveredFrom))
        for live in tick?.live ?? [] { snapshot.executions[live.execution.id] = live.execution }
        return PlanReport.PlaceHolder.all(view, snapshot)
    }
}

extension InstanceStatus {
    /// Policies that went back to dry-run by themselves cannot act.
    fileprivate mutating func takeBack(_ demoted: [PolicyStanding]) {
        let names = demoted.map(\.demotion.policy).filter(acting.contains)
        acting.removeAll(where: names.contains)
        dryRun += names
    }
}

extension Workspace {
    /// The longest time that may lie behind the last tick of an agent that sees something.
    var freshness: Period { configuration.pollInterval + configuration.pollInterval + .minutes(1) }
}

extension Intent {
    /// Whether nobody has answered for so long that nobody will.
    fileprivate func isOld(at now: AgentTime) -> Bool { (now - (sendingAt ?? reservedAt)).magnitude >= Inbox.age }
}
