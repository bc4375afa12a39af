public import MendflowCore
import MendflowLedger
import MendflowPolicy
import MendflowReview
public import MendflowWorkspace
import MendflowYAML

/// What a replay would retry, looked at before anything is sent.
public struct ReplayPreview: Sendable {
    /// An execution that would be retried.
    public struct Item: Sendable, Hashable {
        /// The execution, its workflow by name where that can be seen, its status, and when it ended.
        public var execution: ExecutionID, workflow: String, status: ExecutionStatus, endedAt: ServerTime
        /// The workflow by id.
        public var workflowID: WorkflowID
        /// Why it failed, and whether a retry may do again what was done.
        public var errorClass: ErrorClass?, risk: RepeatRisk?
        /// What it waits for beside the replay's pace, and until when; nil where nothing.
        public var waitsFor: Reason?, until: ServerTime?
    }
    /// An execution that was asked for and is left out.
    public struct LeftOut: Sendable, Hashable {
        /// The execution, its workflow, why it is left out (a label), and the evidence in words.
        public var execution: ExecutionID, workflow: String, label: String, why: String
    }

    /// What was asked for, of which instance, and the name that the replay gets.
    public var request: ReplayRequest, instance: InstanceKey, name: String
    /// How far an agent may go there.
    public var mode: Mode
    /// The moment it judges.
    public var now: ServerTime
    /// What would be retried, the oldest first.
    public var items: [Item]
    /// What is left out, the oldest first.
    public var leftOut: [LeftOut]
    /// How many of them accepting unlikely repeats (`--repeats unlikely`) would take.
    public var unlikely = 0
    /// What limits the pace, the slowest first, and how long that takes at the least.
    public var limits: [(words: String, takes: Period)]
    /// Why not everything could be seen; empty where it was.
    public var unseen: [String]

    /// Looks what a request stands for now, as a plan does, and sends nothing.
    ///
    /// - Throws: where the request's conditions are no conditions, or the instance cannot be read.
    public static func look(
        _ workspace: Workspace, _ request: ReplayRequest, instance asked: String?,
        progress: @escaping @Sendable (ReadingProgress) -> Void = { _ in }
    ) async throws(MendflowFailure) -> ReplayPreview {
        let instance = try workspace.instance(asked)
        let state = try await workspace.readLedger(LedgerScope(instances: [instance.name]))
        let key = state?.baseline(of: instance.name)?.instance ?? InstanceKey(name: instance.name, epoch: 1)
        let name = Replay.name((state?.replays(of: key).compactMap { Replay.number(in: $0.name) }.max() ?? 0) + 1)
        let now = ClockOffset.zero.server(workspace.clock.now())
        try request.refuseNonsense(now)
        let policy = try policy(request, name, workspace)
        let reach = request.lookedFrom.map { min(now - $0 + .hours(1), Policy.longestReach) } ?? .zero
        let plan = try await Preview.plan(
            workspace.only(replay: policy, lookingBack: reach), instance: instance.name, policy: name,
            progress: progress)
        var preview = ReplayPreview(
            request: request, instance: key, name: name, mode: plan.header.mode, now: plan.header.now, items: [],
            leftOut: [], limits: [], unseen: [])
        preview.choose(from: plan)
        try await preview.leaveToOthers(state?.replays(of: key) ?? [], workspace)
        preview.limits = preview.limits(instance.limits, plan.runTimes)
        try await preview.lookAtNames(workspace.adapters(instance).reader)
        if let from = request.from, now - from > Policy.longestReach {
            preview.unseen.append("what ended more than \(Policy.longestReach) ago is not looked at")
        }
        return preview
    }

    /// The policy of a request.
    static func policy(
        _ request: ReplayRequest, _ name: String, _ workspace: Workspace, _ chosen: [ExecutionID]? = nil
    ) throws(MendflowFailure) -> Policy {
        let (policy, findings) = workspace.replayPolicy(request.policyText(name, chosen), named: "the replay")
        if let policy { return policy }
        let errors = findings.filter { $0.severity == .error }.map { finding in
            finding.suggestion.map { "\(finding.message); did you mean \($0)?" } ?? finding.message
        }
        // What else is in the text is the program's own.
        let place = request.match == nil ? "" : "--match is no condition: "
        throw MendflowFailure(.usage, place + errors.joined(separator: "; "))
    }

    private mutating func choose(from plan: PlanReport) {
        for entry in plan.entries {
            let draft = entry.action.draft
            let errorClass = entry.action.classification?.errorClass
            let workflow = entry.workflowName ?? draft.workflow.text
            // Whoever names classes or executions means them.
            if let errorClass, ErrorClass.notHelpedByRetry.contains(errorClass), !request.namesWhatFailed {
                leftOut.append(
                    LeftOut(
                        execution: draft.execution, workflow: workflow, label: "class_\(errorClass.rawValue)",
                        why:
                            "a retry does not help against '\(errorClass.rawValue)'; --class \(errorClass.rawValue) takes it"
                    ))
                continue
            }
            let isOwnPace = entry.waitsFor.map(ReplayPreview.pace.contains) ?? true
            items.append(
                Item(
                    execution: draft.execution, workflow: workflow, status: entry.status, endedAt: entry.since,
                    workflowID: draft.workflow,
                    errorClass: errorClass, risk: entry.action.risk?.risk, waitsFor: isOwnPace ? nil : entry.waitsFor,
                    until: isOwnPace ? nil : entry.until))
        }
        unlikely = plan.releasable.values.count { errorClass in
            request.namesWhatFailed || !(errorClass.map(ErrorClass.notHelpedByRetry.contains) ?? false)
        }
        leftOut += plan.held.map { held in
            LeftOut(
                execution: held.execution, workflow: held.workflow, label: held.reason.rawValue,
                why: held.why.isEmpty ? held.reason.words : held.why)
        }
        items.sort { ($0.endedAt, $0.execution) < ($1.endedAt, $1.execution) }
        leftOut.sort { $0.execution < $1.execution }
        if case .partial(let why) = plan.header.completeness { unseen = why }
        if plan.header.coverage.unreadRanges > 0 { unseen.append("older parts of n8n's list were not read") }
    }

    /// What waits for the replay's own pace, or for others of it.
    private static let pace: Set<Reason> = [
        .maxActions, .instanceLimit, .rateLimit, .maxInFlight, .canary,
    ]

    private func limits(
        _ limits: InstanceLimits, _ runTimes: [WorkflowID: RunTimes]
    ) -> [(words: String, takes: Period)] {
        var found: [(words: String, takes: Period)] = []
        func add(_ most: Int, _ per: Period, _ words: String) {
            // A window lets so many go at once, and the next ones when it has passed.
            let windows = (items.count - 1) / max(1, most)
            if windows > 0 { found.append((words, Period(milliseconds: per.milliseconds * Int64(windows)))) }
        }
        if let rate = request.rate { add(rate.max, rate.per, "--rate \(rate.max)/\(rate.per)") }
        for cap in limits.maxActions {
            if case .window(let per) = cap.per { add(cap.amount, per, "limits.max_actions of the instance: \(cap)") }
        }
        let atOnce = min(request.pace.inFlightPerWorkflow ?? .max, limits.maxInFlight)
        for (id, group) in Dictionary(grouping: items, by: \.workflowID) {
            guard let takes = runTimes[id]?.p95, let name = group.first?.workflow else { continue }
            let rounds = (group.count + atOnce - 1) / atOnce
            let words = "\(atOnce) runs of '\(name)' at once, which take up to \(takes) each"
            found.append((words, Period(milliseconds: takes.milliseconds * Int64(rounds))))
        }
        return found.sorted { ($1.takes, $0.words) < ($0.takes, $1.words) }
    }
}
