public import MendflowCore

/// The loop for one instance: polls, decides, acts, records. It owns its ledger connection and sees ports only.
public actor InstanceAgent {
    private(set) var configuration: AgentConfiguration
    let reader: any ExecutionReader
    /// Nil in dry-run: there is nothing that could change the instance.
    let writer: (any ExecutionWriter)?
    let ledger: any Ledger
    let clock: any AgentClock
    let events: any EventSink
    let instance: InstanceKey
    let baseline: InstanceBaseline
    let hook: StepHook?
    let refresh: PolicyRefresh?
    var policies: PolicySet

    var book: ExecutionBook
    var progress: Intake.Progress
    var state: TickState?
    /// The server's clock minus ours, as last measured.
    var clockOffset = Period.zero
    var capabilities: ServerCapabilities?
    var mustProbeServer = true
    var probedAt: Period?
    /// What last looks may still ask for ids that no list shows, until the next tick.
    var lookProbes = 0
    /// Polls that failed in a row, and how long the server asked to be left alone.
    var failedPolls = 0
    var askedToWait: Period?
    /// Why bulk stops are held, as it was said last, by policy.
    var heldBulkSaid: [String: String] = [:]
    /// When it was last said that gaps have outgrown the budget; nil while they have not.
    var gapsSaidAt: Period?
    var workflowsReadAt: Timestamp?
    var tags: [ExecutionID: [AnnotationTag]] = [:]
    var tagsReadAt: Timestamp?
    /// Ids of annotation tags that executions bore, by name: n8n's API can list them no other way.
    var learnedTags: [String: String] = [:]
    /// Data and tags that could not be read.
    var unreadable: [ExecutionID: UnreadableFact] = [:]
    var unreadableTags: [ExecutionID: UnreadableFact] = [:]
    /// Facts that were asked for and not answered, and how often.
    var unansweredNeeds: [Need: Int] = [:]
    var look: SharedLook?
    /// Whether a look is being taken, and the actions that wait for it.
    var isLooking = false
    var awaitingLook: [CheckedContinuation<Void, Never>] = []
    /// Outcomes that are known and could not be written down; tried again at every tick.
    var unwritten: [(changes: [LedgerChange], audit: [AuditRecord])] = []
    /// Old rows that are about to be deleted; the book keeps only what is within the look-back.
    var old: [ExecutionID: Execution] = [:]
    /// Asks for the next page of what is older than the look-back; nil at the start of a round.
    var walk: ListQuery?
    /// Stops whose runs were looked at again, and how often.
    var lookedAtAgain: [IntentID: Int] = [:]
    var isRecovered = false
    /// Whether this process said already that the database is another one.
    var hasSaidAlarm = false
    /// Nothing is dropped and nothing taken back: somebody wants to see what was judged.
    var isPreview = false
    var lastWall: Timestamp?
    var lastMonotonic: Period?
    /// Set by a test's hook: this agent is dead and must not write another word.
    var isKilled = false

    /// Makes an agent of an instance that `init` has written a baseline for.
    ///
    /// - Throws: `LedgerFailure.missing` where there is no baseline, or what the ledger says.
    public init(
        configuration: AgentConfiguration, reader: any ExecutionReader, writer: (any ExecutionWriter)?,
        ledger: sending any Ledger, clock: any AgentClock, events: any EventSink, policies: PolicySet,
        hook: StepHook? = nil, refresh: PolicyRefresh? = nil
    ) throws(LedgerFailure) {
        guard let baseline = try ledger.baseline(of: configuration.instance) else {
            throw .missing("a baseline of instance '\(configuration.instance)'")
        }
        self.baseline = baseline
        instance = baseline.instance
        let state = try ledger.tickState(of: baseline.instance)
        self.state = state
        book = ExecutionBook(EpochWatch(baseline, state))
        let edge = clock.now() + (state?.clockOffset ?? .zero) - configuration.lookBack
        progress = Intake.Progress(coverage: ListCoverage(state, since: edge), lastRows: state?.rows ?? 0)
        self.configuration = configuration
        self.reader = reader
        self.writer = configuration.mode == .enforce ? writer : nil
        self.ledger = ledger
        self.clock = clock
        self.events = events
        self.policies = policies
        self.refresh = refresh
        self.hook = hook
        if let state {
            book.restore(state)
            clockOffset = state.clockOffset
            if let accounted = state.accounted { book.noteHeight(accounted, at: state.at + state.clockOffset) }
        }
    }

    /// Whether this agent can change anything.
    public var canAct: Bool { writer != nil }

    /// Ticks until the task is cancelled; actions run beside the loop, and what is under way then is left to recovery.
    public func run() async {
        await withDiscardingTaskGroup { group in
            var next = clock.monotonic()
            while !Task.isCancelled, !isKilled {
                for action in await tick().started { group.addTask { await self.perform(action) } }
                // The next slot follows from the last one, not from now: a slow tick does not shift all that follow.
                next = max(next + pause, clock.monotonic())
                do { try await clock.sleep(for: next - clock.monotonic()) } catch { break }
            }
            group.cancelAll()
        }
    }

    /// Time to the next tick; longer where polls fail, or the server asked to be left alone.
    private var pause: Period {
        guard failedPolls > 0 else { return configuration.pollInterval }
        let doubled = Period(milliseconds: configuration.pollInterval.milliseconds << min(failedPolls - 1, 6))
        let longest = max(configuration.pollInterval, .minutes(5))
        return max(min(doubled, longest), min(askedToWait ?? .zero, .minutes(15)))
    }

    /// One tick that waits, bounded, for its actions; what is under way at the deadline is left to recovery.
    @discardableResult
    public func runOnce() async -> TickReport {
        var report = await tick()
        let started = report.started
        guard !started.isEmpty else { return report }
        let deadline = configuration.onceDeadline
        let clock = self.clock
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await withDiscardingTaskGroup { inner in
                    for action in started { inner.addTask { await self.perform(action) } }
                }
                return true
            }
            group.addTask {
                // Cancelled as soon as the actions have ended.
                do { try await clock.sleep(for: deadline) } catch { return false }
                return false
            }
            _ = await group.next()
            group.cancelAll()
        }
        writeOutstanding()
        report.ledgerFailed = report.ledgerFailed || !unwritten.isEmpty
        return report
    }

    /// Takes new policies; chains keep their owners by name.
    public func reload(_ fresh: FreshPolicies) {
        policies = fresh.policies
        policies.learn(learnedTags)
        // What lies further back was never read: the retries of chains there are not known.
        if fresh.lookBack > configuration.lookBack { progress.reachFurther() }
        configuration.lookBack = fresh.lookBack
    }

    func emit(
        _ level: AgentEvent.Level, _ name: String, _ message: String, _ fields: [(String, String)] = []
    ) {
        events.emit(
            AgentEvent(
                at: clock.now(), level, name, instance: instance.name, message,
                fields: fields.map { AgentEvent.Field($0.0, $0.1) }))
    }

    /// Says that something could not be read; what a stop of the program cut off is no fault.
    func emit(_ failure: ReadFailure) {
        guard !Task.isCancelled else { return }
        emit(.warning, "read.failed", "\(failure)", [("kind", failure.kind.rawValue)])
    }

    /// Commits, or says why not; nothing is sent that could not be written down first.
    func commit(_ changes: [LedgerChange], _ audit: [AuditRecord]) -> [IntentID]? {
        guard !isKilled, !(changes.isEmpty && audit.isEmpty) else { return isKilled ? nil : [] }
        do {
            return try ledger.commit(changes, audit: audit, at: clock.now())
        } catch {
            emit(.error, "ledger.failed", "\(error)")
            return nil
        }
    }

    /// Writes down what could not be written before; what recovery settled meanwhile is left as it is.
    func writeOutstanding() {
        guard !isKilled else { return }
        while let next = unwritten.first {
            do throws(LedgerFailure) {
                try ledger.commit(next.changes, audit: next.audit, at: clock.now())
            } catch .wrongState(_, _) {
                // Its child was seen, and settled it; what the answer told beside that is kept.
                unwritten[0].changes.removeAll { if case .settle = $0 { true } else { false } }
                unwritten[0].audit.removeAll { $0.kind == .outcome }
                if !unwritten[0].changes.isEmpty { continue }
            } catch {
                return emit(.error, "ledger.failed", "\(error); \(unwritten.count) outcomes are still to be written")
            }
            unwritten.removeFirst()
        }
    }

    /// How far back the ledger is read.
    func viewStart() -> Timestamp {
        // The book keeps rows an hour longer than the look-back: their intents must not be forgotten before them.
        clock.now() - max(configuration.lookBack + .hours(2), policies.longestWindow)
    }
}

/// What one tick did.
public struct TickReport: Sendable {
    /// An intent that was written down and is to be carried out.
    public struct Started: Sendable {
        /// The intent.
        public var intent: Intent
        /// What it is to do.
        public var action: ProposedAction
    }
    /// The tick's number.
    public var tick: Int64 = 0
    /// Requests sent to read, lists and ids, without details and workflows.
    public var requests = 0
    /// Bytes of lists read.
    public var bytes = 0
    /// Ids between known ones that are neither rows nor known to be missing; counted where such ids are asked for.
    public var gapsLeft = 0
    /// From this id on every id is a row or known to be missing, but for `gapsLeft`; nil where ids are not asked for.
    public var accountedFrom: ExecutionID?
    /// Executions below this id may have retries that were not read yet; nil where all were.
    public var coveredFrom: ExecutionID?
    /// Requests for details.
    public var details = 0
    /// Rows read.
    public var rows = 0
    /// Whether everything was seen.
    public var completeness: Completeness = .complete
    /// Reads that failed.
    public var failures: [ReadFailure] = []
    /// The plan of the enforced policies, and that of the dry-run policies.
    public var plan = Plan(), dryRunPlan = Plan()
    /// The moment it judged, on the server's clock.
    public var now = Timestamp(milliseconds: 0)
    /// The server's clock minus ours.
    public var clockOffset = Period.zero
    /// What was started.
    public var started: [Started] = []
    /// What could not be written down; the tick acted on nothing then.
    public var ledgerFailed = false
}
