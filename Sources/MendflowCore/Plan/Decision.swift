/// Why something is not done, or not yet; the label goes to records, metrics and tables.
public enum Reason: String, Sendable, Hashable, CaseIterable {
    // Nobody's.
    /// No enforced policy matches.
    case noPolicy = "no_policy"
    /// It ended longer ago than the agent looks back.
    case beyondLookBack = "beyond_look_back"
    /// It ended before `init`.
    case beforeBaseline = "before_baseline"
    /// The chain succeeded.
    case healed
    /// A fact that the decision needs could not be fetched yet.
    case factPending = "fact_pending"

    // Owned and waiting for a time.
    /// The interval before the next retry has not passed.
    case backoff
    /// The failed service asked to wait.
    case providerWait = "provider_wait"
    /// n8n or a proxy asked to wait, or refused a moment ago.
    case refusedRecently = "refused_recently"
    /// A person retried the chain.
    case yieldToHumans = "yield_to_humans"
    /// Outside the policy's hours.
    case outsideWindow = "outside_window"
    /// The policy's cap on actions.
    case maxActions = "max_actions"
    /// The instance's cap on actions.
    case instanceLimit = "instance_limit"
    /// The policy's rate limit.
    case rateLimit = "rate_limit"
    /// The policy acted on the workflow a moment ago.
    case cooldown
    /// The policy's actions failed too often.
    case circuitOpen = "circuit_open"
    /// As many retries as allowed are running.
    case maxInFlight = "max_in_flight"
    /// A stop was sent and is being verified.
    case verifying

    // Owned and held.
    /// A run of the chain is live.
    case live
    /// A request for the chain is on its way.
    case inFlight = "in_flight"
    /// Nobody knows whether our last request did anything.
    case unresolved
    /// A retry may do again what was done already.
    case mayRepeat = "may_repeat"
    /// An exception of the policy.
    case excepted
    /// A protection of the configuration.
    case protected
    /// The policy that owns the chain is gone or no longer matches.
    case ownerGone = "owner_gone"
    /// All retries are used up, or it took too long.
    case exhausted
    /// The newest run was not kept.
    case leafGone = "leaf_gone"
    /// Three tries were refused.
    case refused
    /// n8n says that it cannot be acted on.
    case closed
    /// The key may not do it.
    case forbidden
    /// The workflow's name belongs to several workflows.
    case ambiguousWorkflow = "ambiguous_workflow"
    /// The parent run failed too, and is the one to retry.
    case parentFailed = "parent_failed"
    /// We stopped it ourselves.
    case stoppedByUs = "stopped_by_us"
    /// Draft and published workflow differ.
    case draftDiffers = "draft_differs"
    /// The stop did not take, twice.
    case ineffective
    /// The tag's name has no id.
    case unmappedTag = "unmapped_tag"
    /// Acting is paused.
    case paused
    /// n8n's database seems to be another one than it was.
    case epochAlarm = "epoch_alarm"
    /// The poll was incomplete.
    case incompletePoll = "incomplete_poll"
    /// It was started by another run's failure, and the policy does not name that mode.
    case errorWorkflow = "error_workflow"
    /// One request stops it together with others.
    case inBulk = "in_bulk"
    /// It may still be retried, so it is not deleted.
    case retryHorizon = "retry_horizon"
    /// The run that it retries is deleted first.
    case olderFirst = "older_first"
    /// In dry-run it was decided already.
    case shadowed
    /// It is tagged already by this policy.
    case done
}

/// An action with everything that is needed to do it and to show it.
public struct ProposedAction: Sendable, Hashable {
    /// What would be written down.
    public var draft: IntentDraft
    /// For a retry the most there may be.
    public var attempts: Int
    /// The repeat risk, in words.
    public var risk: RepeatRiskVerdict?
    /// The error's class and rule.
    public var classification: Classification?
    /// When it was or is due.
    public var due: Timestamp
    /// The older intent that this re-send replaces.
    public var supersedes: IntentID?

    /// Makes an action.
    public init(
        draft: IntentDraft, attempts: Int = 1, risk: RepeatRiskVerdict? = nil, classification: Classification? = nil,
        due: Timestamp, supersedes: IntentID? = nil
    ) {
        self.draft = draft
        self.attempts = attempts
        self.risk = risk
        self.classification = classification
        self.due = due
        self.supersedes = supersedes
    }

    /// The literal request: method, path below the API's base, body.
    public var request: String {
        switch draft.action {
        case .retry: "POST /executions/\(draft.execution)/retry {\"loadWorkflow\":\(draft.loadWorkflow)}"
        case .stop: "POST /executions/\(draft.execution)/stop"
        case .delete: "DELETE /executions/\(draft.execution)"
        case .bulkStop: "POST /executions/stop \(draft.bulk?.request.text ?? "")"
        case .tag: "PUT /executions/\(draft.execution)/tags + \(draft.tags.joined(separator: ", "))"
        }
    }

    /// Where a retry would start and what it would feed, in words.
    public var start: String? { risk?.start.words }
}

/// What was decided.
public enum Verdict: Sendable, Hashable {
    /// Due now.
    indirect case act(ProposedAction)
    /// Due later, or when something frees up (nil).
    indirect case wait(ProposedAction, until: Timestamp?, Reason)
    /// Not done, for a reason and its evidence in words.
    case held(Reason, String)

    /// The reason's label; `act` for what is due.
    public var label: String {
        switch self {
        case .act: "act"
        case .wait(_, _, let reason), .held(let reason, _): reason.rawValue
        }
    }
}

/// A decision about one execution.
public struct Decision: Sendable, Hashable {
    /// The execution.
    public var execution: ExecutionID
    /// The root of its chain.
    public var root: ExecutionID
    /// Its workflow.
    public var workflow: WorkflowID
    /// Its status when it was judged.
    public var status: ExecutionStatus
    /// When that status began, by which the oldest act first.
    public var since: Timestamp
    /// The policy that owns it; nil where none does.
    public var policy: Policy? {
        get { shared?.policy }
        set { shared = newValue.map(SharedPolicy.init) }
    }
    private var shared: SharedPolicy?
    /// What was decided.
    public var verdict: Verdict
    /// In a second pass: the enforced policy that owns it now.
    public var takenFrom: String?
    /// Why the bulk stop that would have stopped it together with others is held.
    public var bulkHeld: String?

    /// Makes a decision.
    public init(
        execution: ExecutionID, root: ExecutionID, workflow: WorkflowID, status: ExecutionStatus, since: Timestamp,
        policy: Policy?, verdict: Verdict, takenFrom: String? = nil
    ) {
        self.init(
            execution: execution, root: root, workflow: workflow, status: status, since: since,
            shared: policy.map(SharedPolicy.init), verdict: verdict, takenFrom: takenFrom)
    }

    init(
        execution: ExecutionID, root: ExecutionID, workflow: WorkflowID, status: ExecutionStatus, since: Timestamp,
        shared: SharedPolicy?, verdict: Verdict, takenFrom: String? = nil
    ) {
        self.execution = execution
        self.root = root
        self.workflow = workflow
        self.status = status
        self.since = since
        self.shared = shared
        self.verdict = verdict
        self.takenFrom = takenFrom
    }

    /// The same for another policy, with another verdict.
    func owned(by shared: SharedPolicy, _ verdict: Verdict) -> Decision {
        var decision = self
        decision.shared = shared
        decision.verdict = verdict
        return decision
    }

    /// The owning policy's name; empty where none owns.
    var policyName: String { shared?.policy.name ?? "" }
}

/// A bulk stop that is not sent.
public struct HeldBulkStop: Sendable, Hashable {
    /// The policy.
    public var policy: String
    /// Why, in words.
    public var why: String
    /// Makes one.
    public init(policy: String, why: String) {
        self.policy = policy
        self.why = why
    }
}

/// Everything decided at one moment.
public struct Plan: Sendable, Hashable {
    /// One decision per failed chain, live execution and tag write, oldest first.
    public var decisions: [Decision]
    /// Facts that some decisions still need; empty when the plan is final.
    public var needs: [Need]
    /// Facts about chains that are to be latched.
    public var latches: [Latch]
    /// Number of rows that were judged, and of (row, policy) pairs that status, workflow and mode alone did not decide.
    public var rowsJudged: Int, pairsEvaluated: Int
    /// The groups that policies with `when` found, by policy and workflow.
    public var groups: [GroupCount]
    /// Bulk stops that are not safe now, by policy, and why; their executions are stopped one by one.
    public var heldBulkStops: [HeldBulkStop]

    /// Makes a plan.
    public init(
        decisions: [Decision] = [], needs: [Need] = [], latches: [Latch] = [], rowsJudged: Int = 0,
        pairsEvaluated: Int = 0, groups: [GroupCount] = [], heldBulkStops: [HeldBulkStop] = []
    ) {
        self.decisions = decisions
        self.needs = needs
        self.latches = latches
        self.rowsJudged = rowsJudged
        self.pairsEvaluated = pairsEvaluated
        self.groups = groups
        self.heldBulkStops = heldBulkStops
    }

    /// What is due now, in order.
    public var actions: [ProposedAction] {
        decisions.compactMap { if case .act(let action) = $0.verdict { action } else { nil } }
    }
}
