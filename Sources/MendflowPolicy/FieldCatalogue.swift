internal import MendflowCore

/// A field as policies write it. The parser and the JSON schema are both built from this catalogue, so that they cannot
/// differ.
struct FieldSpec {
    /// What may be written as its value.
    enum Form: Hashable {
        /// One of these words.
        case words([String])
        /// One of these words, or a pattern: n8n may add more.
        case openWords([String])
        /// Text with `*` wild.
        case text
        /// A set of texts.
        case set
        /// Text, or a whole number; `5xx` is every code from 500 to 599.
        case httpCode
        /// A whole number.
        case number
        /// true or false.
        case flag
        /// A length of time, by comparison.
        case period
    }
    let key: String
    let field: Field
    let form: Form
    let summary: String

    init(_ key: String, _ field: Field, _ form: Form, _ summary: String) {
        self.key = key
        self.field = field
        self.form = form
        self.summary = summary
    }
}

extension FieldSpec.Form {
    /// The operators that fit.
    var operators: [String] {
        switch self {
        case .words: ["eq", "ne", "in", "not_in", "exists"]
        case .openWords, .text, .set, .httpCode: FieldCatalogue.textOperators
        case .number: ["eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte", "exists"]
        case .flag: ["eq", "ne", "exists"]
        case .period: ["gt", "gte", "lt", "lte", "exists"]
        }
    }

    /// The kind in words.
    var words: String {
        switch self {
        case .words, .openWords: "one of a few words"
        case .text: "text"
        case .set: "a set of names"
        case .httpCode: "a code"
        case .number: "a whole number"
        case .flag: "true or false"
        case .period: "a length of time"
        }
    }
}

/// The fields of `match`, `exceptions` and `protect`.
enum FieldCatalogue {
    static let textOperators = ["eq", "ne", "in", "not_in", "matches", "glob", "contains", "exists"]
    static let operators = [
        "eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte", "matches", "glob", "contains", "exists",
    ]
    static let statuses = ExecutionStatus.allCases.filter { $0 != .unrecognised }.map(\.rawValue)
    /// The modes that n8n records.
    static let modes = [
        "webhook", "trigger", "chat", "manual", "integrated", "retry", "error", "internal", "cli", "evaluation",
    ]
    /// The modes of production traffic.
    static let productionModes = ["webhook", "trigger", "chat"]
    /// `any` lifts the restriction to production roots.
    static let any = "any"
    /// The fields that take it: something is implied where a policy says nothing of them.
    static let fieldsWithAny: Set<Field> = [.executionMode, .workflowActive]

    /// Keys with a value form of their own.
    static let fields: [FieldSpec] = [
        FieldSpec("id", .executionID, .number, "The execution's own id."),
        FieldSpec("status", .status, .words(statuses), "The present status."),
        FieldSpec(
            "execution_mode", .executionMode, .openWords(modes),
            "How the chain's root was started; production roots only where absent; `any` for all."),
        FieldSpec("started_ago", .startedAgo, .period, "Time since the run started."),
        FieldSpec("ran_for", .ranFor, .period, "Run time; a length, or a multiple of the workflow's own p95."),
        FieldSpec("overdue", .overdue, .period, "Time past the moment at which a waiting run was to go on."),
        FieldSpec("waiting_for", .waitingFor, .words(["timer", "event"]), "What a waiting run waits for."),
        FieldSpec("retries", .retries, .number, "Retries made in the chain, people's included."),
        FieldSpec("is_retry", .isRetry, .flag, "Whether the execution is itself a retry."),
        FieldSpec("healed", .healed, .flag, "Whether some run of the chain has succeeded."),
        FieldSpec("succeeded_since", .succeededSince, .flag, "Whether a newer run of the workflow has succeeded."),
        FieldSpec(
            "repeat_risk", .repeatRisk, .words(["none", "unlikely", "possible", "restart"]),
            "Whether a retry may do again what was done already."),
        FieldSpec("execution_tag", .executionTag, .set, "Names of annotation tags, of the run and of its chain."),
    ]

    static let workflow: [FieldSpec] = [
        FieldSpec("id", .workflowID, .text, "The workflow's id."),
        FieldSpec("name", .workflowName, .text, "The workflow's present name."),
        FieldSpec("tag", .workflowTag, .set, "Names of its workflow tags."),
        FieldSpec("project", .workflowProject, .set, "Ids and names of its projects."),
        FieldSpec("active", .workflowActive, .flag, "Whether it is active."),
    ]

    static let error: [FieldSpec] = [
        FieldSpec(
            "class", .errorClass, .words(ErrorClass.allCases.map(\.rawValue)), "The class that the error rules give."),
        FieldSpec("name", .errorName, .text, "The error's class name, such as NodeApiError."),
        FieldSpec("message", .errorMessage, .text, "The error's message."),
        FieldSpec("http_code", .errorHTTPCode, .httpCode, "The code: 429, 5xx, ECONNRESET."),
        FieldSpec(
            "http_method", .errorHTTPMethod, .words(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
            "The method of the failed request."),
        FieldSpec("node", .errorNode, .text, "The failed node's name."),
        FieldSpec("node_type", .errorNodeType, .text, "The failed node's type, such as *.httpRequest."),
        FieldSpec("cause", .errorCause, .text, "What n8n names as the cause."),
        FieldSpec("items", .errorItems, .number, "Input items that a retry would feed again."),
    ]

    /// Keys that are not plain fields.
    static let groups = ["all", "any", "not"]
    static let special = ["workflow", "error", "custom_data", "older_than", "newer_than", "ended_between"]
    /// Every key of a condition.
    static let keys = groups + fields.map(\.key) + special
}
