/// What was decided.
public enum Verdict: Sendable, Hashable {
    /// Due now.
    case act(ProposedAction)
    /// Due later, or when something frees up (nil).
    case wait(ProposedAction, until: ServerTime?, Reason)
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
    public var since: ServerTime
    /// The policy that owns it; nil where none does.
    public var policy: Policy? {
        get { shared?.policy }
        set { shared = newValue.map { SharedPolicy($0) } }
    }
    private(set) var shared: SharedPolicy?
    /// What was decided.
    public var verdict: Verdict
    /// In a second pass: the enforced policy that owns it now.
    public var takenFrom: String?
    /// What would be done, where it is due and something other than a rule about the execution withholds it.
    public internal(set) var withheld: ProposedAction?
    /// Why the bulk stop that would have stopped it together with others is held.
    public var bulkHeld: String?

    /// Makes a decision.
    public init(
        execution: ExecutionID, root: ExecutionID, workflow: WorkflowID, status: ExecutionStatus, since: ServerTime,
        policy: Policy?, verdict: Verdict, takenFrom: String? = nil
    ) {
        self.init(
            execution: execution, root: root, workflow: workflow, status: status, since: since,
            shared: policy.map { SharedPolicy($0) }, verdict: verdict, takenFrom: takenFrom)
    }

    init(
        execution: ExecutionID, root: ExecutionID, workflow: WorkflowID, status: ExecutionStatus, since: ServerTime,
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

    /// The same, not done for a reason.
    func held(_ reason: Reason, _ words: String) -> Decision {
        var decision = self
        decision.verdict = .held(reason, words)
        return decision
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
