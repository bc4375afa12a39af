public import MendflowCore
public import MendflowLedger
import MendflowPolicy
import MendflowReview
public import MendflowWorkspace

/// `report`: what was done in some time, by policy and workflow, and what analysts need of it.
public struct ActivityReport: Sendable {
    /// Something that was done, or would have been in dry-run.
    public struct Deed: Sendable, Hashable {
        /// When it was reserved, of which instance, and the intent's number.
        public var at: AgentTime, instance: String, intent: Int64
        /// What was done to which execution of which chain.
        public var action: ActionKind, execution: ExecutionID, root: ExecutionID
        /// The workflow, its name where the ledger tells it, and the policies.
        public var workflow: WorkflowID, workflowName: String?, policies: [String]
        /// Tags that were added.
        public var tags: [String]
        /// How far it came; `shadow` in dry-run.
        public var state: IntentState
        /// Why the run had failed; nil where the ledger does not tell.
        public var errorClass: ErrorClass?
        /// The node that failed, what it said and when, as far as the ledger tells.
        public var node: String?, message: String?, failedAt: ServerTime?
        /// Where n8n shows the execution.
        public var link: String
    }
    /// The counts of one policy or one workflow.
    public struct Line: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Requests that were carried out, by kind; those that did nothing for certain, and those that nobody answered.
        public var done: [ActionKind: Int] = [:], void = 0, unresolved = 0
        /// What dry-run would have sent.
        public var wouldHave = 0
        /// Chains that were retried, and those of them that are healed; chains that were given up.
        public var retried = 0, healed = 0, exhausted = 0
    }

    /// What people were asked, and what they said.
    public struct Asks: Sendable, Hashable {
        /// How often somebody was asked; how often they said yes, and no; asks that expired, and that were taken back.
        public var asked = 0, approved = 0, declined = 0, expired = 0, withdrawn = 0
    }

    /// Since when.
    public var since: AgentTime
    /// The newest records of that time that were sealed, and are not told of; nil where all are there.
    public var segment: LedgerSegment?
    /// Everything, oldest first.
    public var deeds: [Deed] = []
    /// By policy, and by workflow.
    public var policies: [Line] = [], workflows: [Line] = []
    /// How many executions were held for each reason, each once.
    public var held: [Reason: Int] = [:]
    /// Of how many executions something was due and withheld, by policy and reason.
    public var withheld: [String: [Reason: Int]] = [:]
    /// What people were asked.
    public var asks = Asks()
    /// Policies that went back to dry-run by themselves, and what was measured, oldest first.
    public var demotions: [Demotion] = []
    /// Chains that people retried.
    public var retriedByPeople = 0
    /// Chains that people retried, or we did: the ledger cannot tell.
    public var retriedBySomebody = 0
    /// How far dry-run and people agreed.
    public var agreement = Agreement()
    /// Workflows that did not run as a policy wants them to, in the order in which that was found.
    public var missed: [Missed] = []

    /// Incidents that opened, as they were written down last, in order.
    public var incidents: [Happened] = []

    /// An incident that opened in that time.
    public struct Happened: Sendable, Hashable {
        /// When it was found, and of which instance.
        public var at: AgentTime, instance: String
        /// The incident.
        public var incident: Incident
        /// When it was over; nil while it goes on.
        public var overAt: AgentTime?
    }

    /// That a workflow did not run.
    public struct Missed: Sendable, Hashable {
        /// When that was found, of which instance.
        public var at: AgentTime, instance: String
        /// What was missed.
        public var absence: Absence
        /// When it was over, and why; nil while it goes on.
        public var endedAt: AgentTime?, end: AbsenceEnd?
    }

    /// Reads what was done since a time; of one instance where one is named.
    public static func read(
        _ workspace: Workspace, instance name: String?, since: AgentTime
    ) async throws(MendflowFailure) -> ActivityReport {
        try name.map { (name) throws(MendflowFailure) in _ = try workspace.instance(name) }
        guard let store = try await workspace.openLedgerReading() else {
            throw MendflowFailure(.failed, "there is no ledger: `mendflow init` makes one")
        }
        var reading = ActivityReading(workspace, instance: name, since: since)
        return try await workspace.ledger { () throws(LedgerFailure) in
            let state = try await store.load(LedgerScope())
            let segment = state.newestSegment
            reading.baselines = state.baselines
            var last: Int64 = 0
            while true {
                let records = try await store.records(after: last, limit: 500)
                for record in records { reading.note(try record.entry(), number: record.sequence) }
                guard let end = records.last else {
                    var report = reading.report
                    report.segment = segment.flatMap { $0.until >= since ? $0 : nil }
                    return report
                }
                last = end.sequence
            }
        }
    }
}

/// Goes through a ledger and notes what a report tells.
private struct ActivityReading {
    private let workspace: Workspace
    private let instance: String?
    private let since: AgentTime
    private var deeds: [IntentID: ActivityReport.Deed] = [:]
    private var names: [WorkflowID: String] = [:]
    /// What the data of a failed run tells.
    private struct Failure {
        var errorClass: ErrorClass, node: String?, message: String?
        var at: ServerTime?
    }
    private var failures: [ExecutionID: Failure] = [:]
    /// The same by the data's hash: runs that leave the same data share it.
    private var failuresOfData: [EvidenceHash: Failure] = [:]
    private var healed: Set<ExecutionID> = [], people: Set<ExecutionID> = [], somebody: Set<ExecutionID> = []
    /// Those of the newest epochs, by instance.
    var baselines: [String: InstanceBaseline] = [:]
    private var doubts = RetriesInDoubt()
    private var exhausted: [String: Set<ExecutionID>] = [:]
    private var held: [Reason: Set<ExecutionID>] = [:]
    private var agreement = AgreementReading()
    private var withheld: [String: [Reason: Set<ExecutionID>]] = [:]
    private var missed: [ActivityReport.Missed] = []
    private var incidents: [ActivityReport.Happened] = []
    private var asks = ActivityReport.Asks()
    private var demotions: [Demotion] = []

    init(_ workspace: Workspace, instance: String?, since: AgentTime) {
        self.workspace = workspace
        self.instance = instance
        self.since = since
    }

    mutating func note(_ entry: LedgerEntry, number: Int64) {
        doubts.note(entry.event, at: entry.at)
        guard instance == nil || entry.event.instance?.name == nil || entry.event.instance?.name == instance else {
            return
        }
        // Names and classes are told once, however long ago.
        if case .planned(_, let planning) = entry.event { for piece in planning.pieces { note(piece) } }
        if case .decided(let decided) = entry.event { noteData(of: decided) }
        if case .latched(_, let latch, shadow: false) = entry.event, latch.kind == .child {
            agreement.note(child: ExecutionID(latch.value), of: latch.execution)
        }
        guard entry.at >= since else { return }
        switch entry.event {
        case .reserved(let reservation):
            begin(reservation.draft, IntentID(number), at: entry.at)
            agreement.note(reservation.draft, at: entry.at)
        case .outcome(let ref, let settlement): deeds[ref.id]?.state = settlement.state
        case .resolved(let ref, let ran, _, _): deeds[ref.id]?.state = ran ? .applied : .void
        case .approvalAsked: asks.asked += 1
        case .approvalAnswered(_, let answer):
            if answer.isYes { asks.approved += 1 } else { asks.declined += 1 }
        case .approvalClosed(_, let end):
            if end.kind == .expired { asks.expired += 1 } else { asks.withdrawn += 1 }
        case .demoted(_, let demotion): demotions.append(demotion)
        case .latched(let key, let latch, shadow: false): note(latch, of: key)
        case .incidentOpened(let key, let incident):
            incidents.append(ActivityReport.Happened(at: entry.at, instance: key.name, incident: incident))
        case .incidentMoved(let key, let move):
            guard let place = place(key, move.key) else { break }
            (incidents[place].incident.state, incidents[place].incident.extent) = (move.state, move.extent)
        case .incidentOver(let key, let end):
            guard let place = place(key, end.key) else { break }
            (incidents[place].incident.extent, incidents[place].overAt) = (end.extent, entry.at)
        case .absenceBegan(let key, let absence):
            missed.append(ActivityReport.Missed(at: entry.at, instance: key.name, absence: absence))
        case .absenceEnded(let key, let end):
            if let place = missed.lastIndex(where: { $0.instance == key.name && $0.absence.key == end.key }) {
                (missed[place].endedAt, missed[place].end) = (entry.at, end)
            }
        case .decided(let decided):
            agreement.note(decided)
            for part in decided.parts {
                guard let reason = Reason(rawValue: part.label) else { continue }
                held[reason, default: []].insert(decided.execution)
                guard reason.withholds, let policy = part.verdict.policy else { continue }
                withheld[policy, default: [:]][reason, default: []].insert(decided.execution)
            }
        default: break
        }
    }

    private func place(_ instance: InstanceKey, _ key: String) -> Int? {
        incidents.lastIndex { $0.instance == instance.name && $0.incident.key == key && $0.overAt == nil }
    }

    private mutating func begin(_ draft: IntentDraft, _ id: IntentID, at time: AgentTime) {
        let url = workspace.configuration.instances.first { $0.name == draft.instance.name }?.address ?? ""
        deeds[id] = ActivityReport.Deed(
            at: time, instance: draft.instance.name, intent: id.number, action: draft.action,
            execution: draft.execution, root: draft.root, workflow: draft.workflow, workflowName: nil,
            policies: draft.contributors, tags: draft.tags, state: draft.isShadow ? .shadow : .reserved,
            errorClass: nil, link: ExecutionLink.text(url, draft.workflow, draft.execution))
    }

    private mutating func note(_ latch: Latch, of key: InstanceKey) {
        switch latch.kind {
        case .healed: healed.insert(latch.execution)
        case .exhausted: exhausted[latch.policy, default: []].insert(latch.execution)
        // When it was seen says nothing of when it was: a new agent sees a whole look-back at once.
        case .personRetried where latch.at.milliseconds >= since.milliseconds:
            let baseline = baselines[key.name].flatMap { $0.instance == key ? $0 : nil }
            if doubts.covers(latch) || baseline?.wasThere(ExecutionID(latch.value)) ?? false {
                somebody.insert(latch.execution)
                break
            }
            people.insert(latch.execution)
            agreement.note(personRetried: latch.execution, ended: latch.at)
        default: break
        }
    }

    private mutating func note(_ piece: EvidencePiece) {
        if let id = piece.execution {
            guard let detail = try? ExecutionDetail(piece.value),
                case .known(let found) = workspace.configuration.classifier.classify(
                    status: detail.status, detail: detail)
            else { return }
            let failure = Failure(
                errorClass: found.errorClass, node: detail.lastNode?.name, message: detail.error?.message)
            failures[id] = failure
            failuresOfData[piece.hash] = failure
        } else if let workflow = try? WorkflowInfo(piece.value) {
            names[workflow.id] = workflow.name
        }
    }

    /// Which data a decision was made from.
    private mutating func noteData(of decided: DecidedExecution) {
        for case .own(let slice)? in [decided.evidence?.enforced, decided.evidence?.dryRun] {
            for facts in slice.facts {
                guard var found = facts.detail.flatMap({ failuresOfData[$0] }) else { continue }
                found.at = facts.failedAt
                failures[facts.execution] = found
            }
        }
    }

    // MARK: - Counting

    var report: ActivityReport {
        var report = ActivityReport(since: since)
        report.deeds = deeds.sorted { $0.key < $1.key }.map { _, deed in
            var deed = deed
            deed.workflowName = names[deed.workflow]
            guard let failure = failures[deed.execution] else { return deed }
            (deed.errorClass, deed.node) = (failure.errorClass, failure.node)
            (deed.message, deed.failedAt) = (failure.message, failure.at)
            return deed
        }
        report.held = held.mapValues(\.count)
        report.withheld = withheld.mapValues { $0.mapValues(\.count) }
        (report.asks, report.demotions) = (asks, demotions)
        (report.retriedByPeople, report.retriedBySomebody) = (people.count, somebody.subtracting(people).count)
        report.agreement = agreement.agreement(healed: healed)
        (report.missed, report.incidents) = (missed, incidents)
        var policies: [String: [ActivityReport.Deed]] = [:], workflows: [String: [ActivityReport.Deed]] = [:]
        for deed in report.deeds {
            for policy in deed.policies { policies[policy, default: []].append(deed) }
            workflows[deed.workflowName ?? deed.workflow.text, default: []].append(deed)
        }
        report.policies = policies.sorted { $0.key < $1.key }.map { name, deeds in
            var line = line(name, deeds)
            line.exhausted = exhausted[name]?.count ?? 0
            return line
        }
        let givenUp = exhausted.values.reduce(into: Set<ExecutionID>()) { $0.formUnion($1) }
        report.workflows = workflows.sorted { $0.key < $1.key }.map { name, deeds in
            var line = line(name, deeds)
            line.exhausted = givenUp.intersection(deeds.map(\.root)).count
            return line
        }
        return report
    }

    private func line(_ name: String, _ deeds: [ActivityReport.Deed]) -> ActivityReport.Line {
        var line = ActivityReport.Line(name: name)
        var retried: Set<ExecutionID> = []
        for deed in deeds {
            switch deed.state {
            case .shadow: line.wouldHave += 1
            case .void: line.void += 1
            case .unresolved: line.unresolved += 1
            default: line.done[deed.action, default: 0] += 1
            }
            if deed.action == .retry, deed.state != .shadow, deed.state != .void { retried.insert(deed.root) }
        }
        (line.retried, line.healed) = (retried.count, retried.intersection(healed).count)
        return line
    }
}
