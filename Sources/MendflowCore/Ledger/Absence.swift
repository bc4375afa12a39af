/// What tells an absence from others: the policy that wants runs, and the workflow that has none.
public struct AbsenceKey: Sendable, Hashable, Comparable {
    /// The policy's name.
    public var policy: String
    /// The workflow.
    public var workflow: WorkflowID

    /// Makes a key.
    public init(_ policy: String, _ workflow: WorkflowID) {
        self.policy = policy
        self.workflow = workflow
    }

    /// Orders by policy, then by workflow.
    public static func < (one: AbsenceKey, other: AbsenceKey) -> Bool {
        one.policy != other.policy ? one.policy < other.policy : one.workflow < other.workflow
    }
}

/// That a workflow did not run as a policy wants it to, from the moment on at which that was found.
public struct Absence: Sendable, Hashable {
    /// The policy and the workflow.
    public var key: AbsenceKey
    /// The hash of the policy's text.
    public var version: String
    /// The workflow's name, as it was then.
    public var workflowName: String
    /// How long there may be no run.
    public var within: Period
    /// Since when there is one missing: so long after the last run ended.
    public var since: ServerTime
    /// The last run that was seen, how it ended, and when. What the policy tags is this run.
    public var last: ExecutionID, lastStatus: ExecutionStatus, lastEnded: ServerTime
    /// Whether the policy or the agent is in dry-run: then people are told of it in reports only.
    public var isShadow: Bool

    /// Makes an absence.
    public init(
        _ key: AbsenceKey, version: String, workflowName: String, within: Period, since: ServerTime, last: ExecutionID,
        lastStatus: ExecutionStatus, lastEnded: ServerTime, isShadow: Bool = false
    ) {
        self.key = key
        self.version = version
        self.workflowName = workflowName
        self.within = within
        self.since = since
        self.last = last
        self.lastStatus = lastStatus
        self.lastEnded = lastEnded
        self.isShadow = isShadow
    }

    /// What is so, in few words.
    public var shortWords: String { "'\(workflowName)' did not run within \(within)" }

    /// What is so, for people.
    public var words: String {
        "'\(workflowName)' did not run within \(within): its last run \(last) ended at \(lastEnded) (\(lastStatus.rawValue))"
    }
}

/// How an absence ends.
public struct AbsenceEnd: Sendable, Hashable {
    /// Why it is over.
    public enum Cause: String, Sendable, Hashable, CaseIterable {
        /// The workflow ran.
        case ran
        /// The workflow was switched off or archived, or is not there any more: it need not run.
        case switchedOff = "switched_off"
        /// No policy looks for it any more, or the policy says something else now.
        case unwatched

        /// The cause in words.
        public var words: String {
            switch self {
            case .ran: "it ran"
            case .switchedOff: "the workflow is switched off, archived or gone"
            case .unwatched: "no policy looks for it any more"
            }
        }
    }

    /// The policy and the workflow.
    public var key: AbsenceKey
    /// The workflow's name, as it was when the absence began.
    public var workflowName: String
    /// Since when a run was missing.
    public var since: ServerTime
    /// Why it is over.
    public var cause: Cause
    /// The run that ended it, and when it began; nil where none did.
    public var run: ExecutionID?, ranAt: ServerTime?
    /// Whether it was of dry-run.
    public var isShadow: Bool

    /// Makes the end of an absence.
    public init(_ absence: Absence, _ cause: Cause, run: ExecutionID? = nil, ranAt: ServerTime? = nil) {
        self.init(
            absence.key, workflowName: absence.workflowName, since: absence.since, cause, run: run, ranAt: ranAt,
            isShadow: absence.isShadow)
    }

    /// Makes the end of an absence of its parts.
    public init(
        _ key: AbsenceKey, workflowName: String, since: ServerTime, _ cause: Cause, run: ExecutionID? = nil,
        ranAt: ServerTime? = nil, isShadow: Bool = false
    ) {
        self.key = key
        self.workflowName = workflowName
        self.since = since
        self.cause = cause
        self.run = run
        self.ranAt = ranAt
        self.isShadow = isShadow
    }
}
