/// A field of an execution that conditions can test. The catalogue here is the whole language (docs/policies.md).
public enum Field: Hashable, Sendable {
    /// The execution's own id.
    case executionID
    /// The present status.
    case status
    /// The workflow's present name, id, workflow tags, projects (ids and names), and whether it is active.
    case workflowName, workflowID, workflowTag, workflowProject, workflowActive
    /// n8n's mode of the chain's root.
    case executionMode
    /// Time in the present status; `older_than` and `newer_than` are comparisons of it.
    case age
    /// Time since the run started.
    case startedAgo
    /// When the run ended.
    case endedAt
    /// Run time.
    case ranFor
    /// Run time in hundredths of the p95 of the workflow's own successful runs.
    case ranForOfP95
    /// Time past `waitTill`.
    case overdue
    /// `timer` or `event`.
    case waitingFor
    /// Retries made in the chain, people's included.
    case retries
    /// Whether the execution is a retry; whether its chain has been healed; whether a newer run succeeded since.
    case isRetry, healed, succeededSince
    /// The class that the error rules give, and the parts of the error and of the failed node.
    case errorClass, errorName, errorMessage, errorHTTPCode, errorHTTPMethod, errorNode, errorNodeType, errorCause
    /// Input items that a retry would feed again.
    case errorItems
    /// Whether a retry may do again what was done already.
    case repeatRisk
    /// A key that the workflow noted with `$execution.customData`.
    case customData(String)
    /// Names of annotation tags.
    case executionTag

    /// The kind of value that the field has.
    public var kind: FieldKind {
        switch self {
        case .status, .workflowName, .workflowID, .executionMode, .waitingFor, .errorClass, .errorName, .errorMessage,
            .errorHTTPCode, .errorHTTPMethod, .errorNode, .errorNodeType, .errorCause, .repeatRisk, .customData:
            .text
        case .workflowTag, .workflowProject, .executionTag: .set
        case .age, .startedAgo, .ranFor, .overdue: .period
        case .endedAt: .time
        case .executionID, .retries, .errorItems, .ranForOfP95: .number
        case .workflowActive, .isRetry, .healed, .succeededSince: .flag
        }
    }

    /// The field's name as policies spell it, with dots for nesting.
    public var name: String {
        switch self {
        case .executionID: "id"
        case .status: "status"
        case .workflowName: "workflow.name"
        case .workflowID: "workflow.id"
        case .workflowTag: "workflow.tag"
        case .workflowProject: "workflow.project"
        case .workflowActive: "workflow.active"
        case .executionMode: "execution_mode"
        case .age: "age"
        case .startedAgo: "started_ago"
        case .endedAt: "ended_between"
        case .ranFor: "ran_for"
        case .ranForOfP95: "ran_for.p95"
        case .overdue: "overdue"
        case .waitingFor: "waiting_for"
        case .retries: "retries"
        case .isRetry: "is_retry"
        case .healed: "healed"
        case .succeededSince: "succeeded_since"
        case .errorClass: "error.class"
        case .errorName: "error.name"
        case .errorMessage: "error.message"
        case .errorHTTPCode: "error.http_code"
        case .errorHTTPMethod: "error.http_method"
        case .errorNode: "error.node"
        case .errorNodeType: "error.node_type"
        case .errorCause: "error.cause"
        case .errorItems: "error.items"
        case .repeatRisk: "repeat_risk"
        case .customData(let key): "custom_data.\(key)"
        case .executionTag: "execution_tag"
        }
    }

    /// Whether the field depends on nothing but a failure's own data, so that equal failures give equal answers.
    var isOfError: Bool {
        switch self {
        case .errorClass, .errorName, .errorMessage, .errorHTTPCode, .errorHTTPMethod, .errorNode, .errorNodeType,
            .errorCause, .errorItems, .repeatRisk:
            true
        default: false
        }
    }

    /// What it costs to read the field: 0 if it stands in the row of the list, 1 if it needs the chain or the workflow,
    /// 2 if it needs a request.
    public var cost: Int {
        switch self {
        case .errorClass, .errorName, .errorMessage, .errorHTTPCode, .errorHTTPMethod, .errorNode, .errorNodeType,
            .errorCause, .errorItems, .repeatRisk, .customData, .executionTag, .waitingFor:
            2
        case .retries, .healed, .succeededSince, .ranForOfP95, .executionMode, .workflowName, .workflowTag,
            .workflowProject,
            .workflowActive:
            1
        default: 0
        }
    }
}

/// The kinds of values that fields have; they do not convert into each other.
public enum FieldKind: String, Sendable, Hashable {
    /// A text.
    case text
    /// A set of texts.
    case set
    /// A length of time.
    case period
    /// A point in time.
    case time
    /// A whole number.
    case number
    /// true or false.
    case flag
}

/// A value of a field.
public enum FieldValue: Sendable, Hashable, CustomStringConvertible {
    /// A text.
    case text(String)
    /// A set of texts, in a fixed order.
    case set([String])
    /// The texts that a run bears by itself, and all those that its chain's runs bear. Where it matters whose they are,
    /// nobody can tell whether a test holds: so a tag on any run of a chain protects it, and lets nothing be done to others.
    case shared(own: [String], all: [String])
    /// A length of time.
    case period(Period)
    /// A point in time.
    case time(ServerTime)
    /// A whole number.
    case number(Int64)
    /// true or false.
    case flag(Bool)

    /// The value as `explain` shows it.
    public var description: String {
        switch self {
        case .text(let text): text
        case .set(let texts): "[" + texts.joined(separator: ", ") + "]"
        case .shared(let own, let all):
            "\(FieldValue.set(own)), and \(FieldValue.set(all.filter { !own.contains($0) })) on other runs of its chain"
        case .period(let period): period.description
        case .time(let time): time.description
        case .number(let number): String(number)
        case .flag(let flag): String(flag)
        }
    }
}
