public import MendflowCore
public import MendflowLedger
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
        /// Whether a request went out for it: not where a last look or a person spoke against it, nor in dry-run.
        public var wasSent: Bool { wasAboutToBe && !changedNothing }
        /// Whether the ledger says that it was about to be sent.
        var wasAboutToBe = false
        /// Whether what it was to change was so already, as tags that are there, so that nothing was sent.
        public var changedNothing = false
        /// The run that a retry started, as far as the ledger tells, and whether its chain is healed by now; nil for what is no
        /// retry.
        public var child: ExecutionID?, isHealed: Bool?
        /// Whether that run is known to have come to its end, or its chain was given up.
        public var hasEnded = false
        /// Whether it was done on the database that n8n had before the one that it has now: nobody looks any more what came of it.
        public var isOfFormer = false
        /// Why the run had failed; nil where the ledger does not tell.
        public var errorClass: ErrorClass?
        /// The node that failed, what it said, and when the run had ended so, as far as the ledger tells.
        public var node: String?, message: String?, failedAt: ServerTime?
        /// Where n8n shows the execution.
        public var link: String

        /// What came of it, in one word for all who tell of it.
        public var outcome: Outcome {
            switch state {
            case .shadow: .wouldHave
            case .void where isUnsent: .unsent
            case .void, .ineffective: .void
            case .reserved, .sending: isOfFormer ? .unknown : .underWay
            case .unresolved, .superseded: isOfFormer ? .unknown : .unresolved
            case .applied:
                switch isHealed {
                case nil: .done
                case true?: .healed
                case false?: hasEnded ? .notHealed : isOfFormer ? .unknown : .running
                }
            }
        }

        /// Whether it was about to be sent and was not.
        public var isUnsent: Bool { changedNothing || state == .void && !wasSent }
    }
    /// What came of something that was done.
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        /// It would have been sent; it was not in the end; it is on its way.
        case wouldHave = "would_have"
        case unsent
        case underWay = "under_way"
        /// It did nothing for certain, or nobody answered.
        case void, unresolved
        /// It was done; it is no retry.
        case done
        /// The chain of the retry healed; the retry's run goes on, or is not known to have ended; it ended, and the chain
        /// has not healed.
        case healed, running
        case notHealed = "not_healed"
        /// It was done on n8n's former database, and what came of it was not known when that was replaced.
        case unknown
    }

    /// The counts of one policy or one workflow.
    public struct Line: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Under which other names a policy did some of it, where it was renamed since, in order.
        public var formerly: [String] = []
        /// Requests that were carried out, by kind; those that did nothing for certain, and those that nobody answered.
        public var done: [ActionKind: Int] = [:], void = 0, unresolved = 0
        /// What was about to be sent and was not, since the last look or a person spoke against it, or the tags were there already.
        public var unsent = 0
        /// What is on its way.
        public var underWay = 0
        /// What dry-run would have sent.
        public var wouldHave = 0
        /// Chains that were retried, and those of them that are healed; chains that were given up.
        public var retried = 0, healed = 0, exhausted = 0
    }

    /// A chain that was given up.
    public struct GivenUp: Sendable, Hashable {
        /// When, of which instance, the first run of the chain and the policy that gave it up.
        public var at: AgentTime, instance: String, execution: ExecutionID, policy: String
        /// The workflow's name, or its id, and where n8n shows the run; nil where the ledger does not tell the workflow.
        public var workflow: String?, link: String?
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
    /// Chains that were given up, in the order in which that happened.
    public var givenUp: [GivenUp] = []
    /// How many executions were held for each reason at any time, each once for each.
    public var held: [Reason: Int] = [:]
    /// Those that are held still, each once, by what was said of them last; nothing was done to them since, and they have
    /// not healed.
    public var heldNow: [Reason: Int] = [:]
    /// How many of those by a text that the policy has no more: the agent judges them anew at its next look.
    public var heldFormerly: [Reason: Int] = [:]
    /// Of how many executions something is due and withheld, by policy and by the last reason; nobody has done it since.
    public var withheld: [String: [Reason: Int]] = [:]
    /// Of how many executions something was withheld and was done since, by whomever, or they have healed: by policy.
    public var withheldDone: [String: Int] = [:]
    /// What people were asked.
    public var asks = Asks()
    /// Policies that went back to dry-run by themselves, and what was measured, oldest first.
    public var demotions: [Dated<Demotion>] = []
    /// Policies that a person let act again, oldest first.
    public var promotions: [Dated<Promotion>] = []
    /// Chains that people retried since an agent looked for the first time.
    public var retriedByPeople: Int { agreement.byPeople }
    /// Chains that people retried, or we did: the ledger cannot tell.
    public var retriedBySomebody: Int { agreement.untold }
    /// How far dry-run and people agreed.
    public var agreement = Agreement()
    /// Workflows that did not run as a policy wants them to, in the order in which that was found.
    public var missed: [Missed] = []

    /// Incidents that opened, as they were written down last, in order.
    public var incidents: [Happened] = []

    /// Something that happened, and when.
    public struct Dated<What: Sendable & Hashable>: Sendable, Hashable {
        /// When.
        public var at: AgentTime
        /// What.
        public var what: What
    }

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
            throw await workspace.noLedger()
        }
        return try await workspace.ledger { () throws(LedgerFailure) in
            let state = try await store.load(LedgerScope())
            let past = try await PastPolicies.read(workspace, store, after: 0)
            var reading = ActivityReading(
                workspace, instance: name, since: since, renamed: workspace.policies.presentNames(past))
            let segment = state.newestSegment
            (reading.baselines, reading.isWhole) = (state.baselines, segment == nil)
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
