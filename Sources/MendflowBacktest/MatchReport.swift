public import MendflowCore
public import MendflowHistory

/// Which executions of a history policies match, by themselves: no guard, group, exception or owner is asked, and nothing that
/// the agent would have done changes anything.
public struct MatchReport: Sendable, Hashable {
    /// What one policy matches.
    public struct Line: Sendable, Hashable {
        /// The policy's name.
        public var policy: String
        /// Executions that it matches at some moment, and those of which nobody can tell.
        public var matched = 0, unknown = 0
        /// The workflows that it matches executions of, with how many, the most first.
        public var workflows: [Workflow] = []
    }

    /// The executions of a workflow that a policy matches.
    public struct Workflow: Sendable, Hashable {
        /// Its id, its name where it is known, and how many of its executions match.
        public var id: WorkflowID, name: String?, matched: Int
    }

    /// From when until when executions were looked at.
    public var span: Range<ServerTime>
    /// How many executions there are, and how many failed ones whose data was asked for and is not there.
    public var executions: Int, withoutData: Int
    /// The policies in their order.
    public var policies: [Line]
    /// Policies that expect something, which only what is done can show.
    public var expecting: [String]
    /// What of the history could not be taken as it is written.
    public var findings: HistoryFindings
}
