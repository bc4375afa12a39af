import MendflowAgent
import MendflowCore
import MendflowCycle
import MendflowLedger
import MendflowPolicy
import MendflowReview
import MendflowWorkspace

/// What a look at an instance brought: it polls and decides as an agent in the same mode does, and writes nothing anywhere.
struct InstanceSurvey {
    let instance: Configuration.Instance
    /// How far an agent may go there.
    let mode: Mode
    /// What was found and decided.
    let survey: Survey
    /// What the server can do; nil where it could not be asked.
    let capabilities: ServerCapabilities?
    /// How far n8n's clock is ahead.
    let clockOffset: ClockOffset
    /// Parts of the list that there was no room for.
    let unreadRanges: Int
    /// The ledger that was decided with; nil where there is none.
    let ledger: LedgerState?
    /// Reads more from the instance.
    let reader: any ExecutionReader

    /// How long it goes on where one look has no room for everything.
    static let longest = Period.minutes(2)

    /// How much data of single executions is asked for from one look at the lists to the next: somebody waits for the answer,
    /// and an agent's tick, which has to end soon, asks for less.
    private static let detailsPerLook = 1000

    /// Looks at an instance until the whole look-back is read, or once where that much is not wanted; `execution` is the
    /// only one that is wanted, with its past, whether the poll shows it or not. `forgetsDryRun` leaves out what dry-run
    /// wrote down, which would hide what is shown once.
    static func look(
        _ workspace: Workspace, _ instance: Configuration.Instance, mode asked: Mode?,
        about execution: ExecutionID? = nil, isWhole: Bool = true, forgetsDryRun: Bool = false,
        progress: @escaping @Sendable (ReadingProgress) -> Void = { _ in }
    ) async throws(MendflowFailure) -> InstanceSurvey {
        let mode = workspace.mode(instance, asked: asked)
        let clock = workspace.clock
        let reader = try workspace.adapters(instance).reader
        let stored = try await workspace.readLedger(LedgerScope(instances: [instance.name]))
        let known = stored?.baseline(of: instance.name)
        let baseline = known ?? .memoryless(instance)
        var configuration = workspace.agentConfiguration(instance, mode: mode)
        configuration.detailsPerTick = InstanceSurvey.detailsPerLook
        let surveyor = Surveyor(
            configuration: configuration, reader: reader, clock: clock,
            policies: workspace.policySet(instance), baseline: baseline, tick: stored?.tick(of: baseline.instance))
        let source = StoredLedger(
            store: known == nil ? nil : try await workspace.openLedgerReading(), baseline: baseline,
            execution: execution,
            forgetsDryRun: forgetsDryRun)
        let survey = try await workspace.ledger { () throws(LedgerFailure) in
            try await surveyor.review(source, about: execution, within: isWhole ? InstanceSurvey.longest : .zero) {
                survey in
                progress(
                    ReadingProgress(rows: survey.step?.snapshot.executions.count ?? 0, details: survey.details))
            }
        }
        let found = InstanceSurvey(
            instance: instance, mode: mode, survey: survey, capabilities: await surveyor.capabilities,
            clockOffset: await surveyor.clockOffset, unreadRanges: await surveyor.unreadRanges, ledger: stored,
            reader: reader)
        try found.refuseBlindness()
        return found
    }

    /// A look that saw nothing would look like one at a healthy instance.
    private func refuseBlindness() throws(MendflowFailure) {
        let isBlind = capabilities == nil || survey.rows == 0
        let failure = survey.failures.first { $0.kind != .forbidden || capabilities == nil }
        if isBlind, let failure { throw MendflowFailure(.unreachable, failure.description) }
    }

    /// Executions whose data says that it cannot be read, or was not to be had at all.
    var unreadable: [PlanReport.Unreadable] {
        guard let snapshot = survey.step?.snapshot else { return [] }
        var troubles = snapshot.details.compactMapValues(\.readability.trouble)
        for (id, failure) in survey.unread where snapshot.details[id] == nil { troubles[id] = failure.description }
        return troubles.sorted { $0.key < $1.key }.map { .init($0.key, why: $0.value) }
    }
}

/// How far a look at an instance is.
public struct ReadingProgress: Sendable, Hashable {
    /// Executions read, and failures whose data was asked for.
    public var rows: Int, details: Int
    /// Executions of which it was asked which tags they bear.
    public var tags = 0
}

/// A ledger as it stands in its file; where there is none, an empty one.
private struct StoredLedger: LedgerSource {
    let store: (any LedgerStore)?
    let baseline: InstanceBaseline
    let execution: ExecutionID?
    let forgetsDryRun: Bool

    func state(since: AgentTime, chains: Set<ExecutionID>) async throws(LedgerFailure) -> LedgerState {
        guard let store else { return .memoryless(baseline) }
        let state = try await store.load(
            .instance(baseline.instance.name, since: since, chains: chains.union([execution].compactMap { $0 })))
        return forgetsDryRun ? state.withoutDryRun : state
    }

    func endsOfIncidents(
        of instance: InstanceKey, since: AgentTime
    ) async throws(LedgerFailure) -> [IncidentEnd] {
        guard let store else { return [] }
        let head = try await store.load(LedgerScope(instances: [])).head.sequence
        return try await store.endsOfIncidents(of: instance, since: since, before: head)
    }
}

extension InstanceBaseline {
    /// What stands for a baseline where there is no ledger: the surveyor then looks at everything within the look-back.
    fileprivate static func memoryless(_ instance: Configuration.Instance) -> InstanceBaseline {
        let never = ServerTime(milliseconds: .min)
        return InstanceBaseline(
            instance: InstanceKey(name: instance.name, epoch: 1), url: instance.address, since: never, highest: nil,
            fingerprints: [], at: never)
    }
}
