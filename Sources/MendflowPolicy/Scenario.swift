public import MendflowCore
public import MendflowYAML

/// Tests of policies: executions and what they do over time, and what is expected to be decided about them.
public struct ScenarioFile: Sendable {
    /// The file's name, and the policy files that are tested, relative to it.
    public var name: String, policies: [ScenarioPath]
    /// The scenarios, in order.
    public var scenarios: [Scenario]
}

/// A file that a scenario's file names.
public struct ScenarioPath: Sendable, Hashable {
    /// Its path, relative to the file that names it.
    public var text: String
    /// Where it is named.
    public var range: SourceRange
}

/// One test: a small history, and what is expected.
public struct Scenario: Sendable {
    /// What it shows, and where it stands.
    public var name: String, place: SourcePlace
    /// The workflows.
    public var workflows: [WorkflowInfo]
    /// The executions, by ascending id.
    public var executions: [Given]
    /// How retries turn out, by the execution that is retried first; `succeed` or `fail` for all others.
    public var outcome: Outcome
    /// How long it goes on, from noon of 2026-05-04.
    public var length: Period
    /// What is expected, in order.
    public var expectations: [Expectation]

    /// How retries of ours turn out.
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        /// All fail as the run before did, or all succeed.
        case fail, succeed
    }

    /// An execution that is given.
    public struct Given: Sendable {
        /// The row as it is at its end.
        public var row: Execution
        /// Its data; nil where it has none.
        public var detail: ExecutionDetail?
        /// A file with saved data, relative to the scenario's; nil where there is none.
        public var fixture: ScenarioPath?
        /// Where it stands.
        public var place: SourcePlace
    }

    /// Something that is expected.
    public struct Expectation: Sendable {
        /// What is expected of an execution.
        public enum What: Sendable, Hashable {
            /// An action, by this policy, with these tags, that is number so and so of the retries; nil where any will do.
            case action(ActionKind, policy: String?, tags: [String]?, attempt: Int?)
            /// To be held, or to wait, for a reason.
            case held(Reason)
            /// That nothing at all is done to it.
            case nothing
            /// To be given up.
            case exhausted
        }
        /// What.
        public var what: What
        /// Of which execution.
        public var execution: ExecutionID
        /// When, from the scenario's beginning; nil where any time will do.
        public var between: ClosedRange<Period>?
        /// Where it stands.
        public var place: SourcePlace
    }

    /// When every scenario begins: noon of 2026-05-04, a Monday, in UTC.
    public static let beginning = ServerTime(milliseconds: 1_777_896_000_000)
}
