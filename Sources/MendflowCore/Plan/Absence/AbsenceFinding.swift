/// What a policy that looks for what did not happen finds of one workflow.
public struct AbsenceFinding: Sendable, Hashable {
    /// How it stands.
    public enum Standing: Sendable, Hashable {
        /// It ran: the newest run that counts, and until when that is enough; nil while the run is live.
        case ran(ExecutionID, until: ServerTime?)
        /// It did not run.
        case absent(Absence)
        /// No run was seen, and nobody is told, for this reason.
        case untold(AbsenceDoubt)
    }
    /// A run that counts.
    public struct Run: Sendable, Hashable {
        /// The run, and its status.
        public var execution: ExecutionID, status: ExecutionStatus
        /// When it ended; where it goes on, when it began, as far as that is known.
        public var at: ServerTime?

        /// Makes a run.
        public init(execution: ExecutionID, status: ExecutionStatus, at: ServerTime?) {
            (self.execution, self.status, self.at) = (execution, status, at)
        }
    }
    /// The policy and the workflow.
    public var key: AbsenceKey
    /// The workflow's name.
    public var workflowName: String
    /// How long there may be none.
    public var within: Period
    /// Whether the policy or the agent is in dry-run.
    public var isShadow: Bool
    /// When the run began by which it ran; nil where it did not, or that is not known.
    public var ranAt: ServerTime?
    /// How it stands.
    public var standing: Standing
    /// The newest run that counts; nil where none is seen.
    public var last: Run?

    /// `absent`, `ran`, or the label of the doubt.
    public var label: String {
        switch standing {
        case .ran: "ran"
        case .absent: "absent"
        case .untold(let doubt): doubt.rawValue
        }
    }

    /// How it stands, for people.
    public var words: String {
        switch standing {
        case .ran(let id, nil): "run \(id) goes on"
        case .ran(let id, let until?): "ran: \(id); missed from \(until) on"
        case .absent(let absence): absence.words
        case .untold(let doubt): "not told: \(doubt.words)"
        }
    }
}
