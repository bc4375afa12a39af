internal import MendflowCore

/// The members of a row that are read, in the order in which n8n writes them.
enum RowMember: String, CaseIterable {
    case id, mode, retryOf, retrySuccessId, status, createdAt, startedAt, stoppedAt, workflowId, waitTill

    /// Those that hold a time, or null.
    static let times: [RowMember] = [.createdAt, .startedAt, .stoppedAt, .waitTill]
}

/// A row while it is being read, member by member; the later of two with one name wins.
struct RowDraft: Sendable {
    private var id: ExecutionID?
    private var workflow: WorkflowID?
    private var status: ExecutionStatus?
    private var unrecognisedWord: String?
    private var mode = ExecutionMode.unread
    private var retryOf: ExecutionID?
    private var hidesRetryOf = true
    private var retrySuccess: ExecutionID?
    private var createdAt: ServerTime?
    private var startedAt: ServerTime?
    private var stoppedAt: ServerTime?
    private var waitTill: ServerTime?
    /// Whether something that is no time stands where one should.
    private(set) var hasUnreadTime = false
    /// What stands where every row has a word.
    private var kinds: (id: JSONKind?, workflow: JSONKind?, status: JSONKind?)

    /// Begins another row. Member by member, for a new draft would be copied into this one's place as a whole.
    mutating func clear() {
        (id, workflow, status, unrecognisedWord, mode) = (nil, nil, nil, nil, .unread)
        (retryOf, hidesRetryOf, retrySuccess) = (nil, true, nil)
        (createdAt, startedAt, stoppedAt, waitTill) = (nil, nil, nil, nil)
        hasUnreadTime = false
        kinds = (nil, nil, nil)
    }

    /// Takes a member; `text` is what a text or a number says.
    mutating func set(_ member: RowMember, _ kind: JSONKind, _ text: Span<UInt8>, _ words: inout RowWords) {
        let kind = kind == .text && text.isLongWritten ? .cutText : kind
        switch member {
        case .id: (id, kinds.id) = (kind.isWord ? ExecutionID(text) : nil, kind)
        case .workflowId: (workflow, kinds.workflow) = (kind.isWord ? words.workflow(text) : nil, kind)
        case .status:
            (status, kinds.status) = (kind.isWord ? words.status(text) : nil, kind)
            unrecognisedWord = status == .unrecognised ? text.text : nil
        // Every row has a mode; one that is missing or no text is not known, which is not the same as any other mode.
        case .mode: mode = kind == .text ? words.mode(text) : .unread
        // Whether a member that is an id, null or empty is something else, or is not there.
        case .retryOf:
            retryOf = kind.isWord ? ExecutionID(text) : nil
            hidesRetryOf = !kind.isWord && kind != .null && kind != .emptyText
        case .retrySuccessId: retrySuccess = kind.isWord ? ExecutionID(text) : nil
        case .createdAt: createdAt = time(kind, text)
        case .startedAt: startedAt = time(kind, text)
        case .stoppedAt: stoppedAt = time(kind, text)
        case .waitTill: waitTill = time(kind, text)
        }
    }

    private mutating func time(_ kind: JSONKind, _ text: Span<UInt8>) -> ServerTime? {
        let time = RowDraft.time(kind, text)
        if time == nil, kind != .null { hasUnreadTime = true }
        return time
    }

    /// What a member says; nil where it says no time.
    static func time(_ kind: JSONKind, _ text: Span<UInt8>) -> ServerTime? {
        kind == .text ? ServerTime(rfc3339: text) : nil
    }

    /// The row; nil where a member that every row has is missing.
    var execution: Execution? {
        guard let id, let workflow, let status else { return nil }
        return Execution(
            id: id, workflow: workflow, status: status, mode: mode, retryOf: retryOf, retrySuccess: retrySuccess,
            createdAt: createdAt, startedAt: startedAt, stoppedAt: stoppedAt, waitTill: waitTill,
            hidesRetryOf: hidesRetryOf, unrecognisedWord: unrecognisedWord)
    }

    /// What keeps it from being a row; nil where nothing does.
    var lack: RowLack? {
        if id == nil { return RowLack("id", kinds.id) }
        if workflow == nil { return RowLack("workflowId", kinds.workflow, id: id?.text) }
        return status == nil ? RowLack("status", kinds.status, id: id?.text) : nil
    }
}

/// Texts that many rows share, each made once.
struct RowWords: Sendable {
    private var workflows: Memo<WorkflowID>
    private var modes: Memo<ExecutionMode>
    private var statuses: Memo<ExecutionStatus>

    /// Remembers about so many workflows.
    init(workflows count: Int = 64) {
        workflows = Memo(count)
        modes = Memo(count / 4)
        statuses = Memo(count / 4)
    }

    mutating func workflow(_ text: Span<UInt8>) -> WorkflowID { workflows.value(text) { WorkflowID($0) } }
    mutating func mode(_ text: Span<UInt8>) -> ExecutionMode { modes.value(text) { ExecutionMode($0) } }
    mutating func status(_ text: Span<UInt8>) -> ExecutionStatus { statuses.value(text) { ExecutionStatus(api: $0) } }
}

/// What was last made of texts: one value a place, and a place for each text.
private struct Memo<Value: Sendable>: Sendable {
    private var places: [(print: BytePrint, value: Value)?]

    init(_ count: Int) { places = Array(repeating: nil, count: max(1, count)) }

    mutating func value(_ text: Span<UInt8>, make: (String) -> Value) -> Value {
        let print = BytePrint(text)
        let place = print.spread % places.count
        if let known = places[place], print.isWhole, known.print == print { return known.value }
        let value = make(text.text)
        places[place] = (print, value)
        return value
    }
}

extension Span<UInt8> {
    /// Whether it is too long for a word once it is written: each byte that is no UTF-8 becomes three, and what was read
    /// whole would be cut when it is read again.
    fileprivate var isLongWritten: Bool { count > JSONPlan.wordLimit / 3 && text.utf8.count > JSONPlan.wordLimit }
}
