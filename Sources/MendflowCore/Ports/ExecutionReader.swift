/// One page of a list, newest first.
public struct ExecutionPage: Sendable, Hashable {
    /// The rows, as n8n ordered them.
    public var executions: [Execution]
    /// The cursor of the next page; nil at the end, which is the only sign of it.
    public var nextCursor: String?
    /// The server's `Date`, for the clock offset.
    public var serverTime: ServerTime?
    /// Bytes of body read; 0 where the server said that the page is the one that was read before.
    public var bytes: Int

    /// Makes a page.
    public init(executions: [Execution], nextCursor: String?, serverTime: ServerTime? = nil, bytes: Int = 0) {
        self.executions = executions
        self.nextCursor = nextCursor
        self.serverTime = serverTime
        self.bytes = bytes
    }
}

/// What to list.
public struct ListQuery: Sendable, Hashable {
    /// Only this status; nil for the default list, which hides what is running.
    public var status: ExecutionStatus?
    /// The cursor of the page before; the other fields are repeated with it, for n8n's cursor carries no filter.
    public var cursor: String?
    /// Rows per page, 1 to 250.
    public var limit: Int
    /// Only runs that started at or after this time; to be given only where the server can (`boundsByStart`).
    public var startedAfter: ServerTime?

    /// Only runs that started at or before this time; as above.
    public var startedBefore: ServerTime?

    /// Makes a query.
    public init(
        status: ExecutionStatus? = nil, cursor: String? = nil, limit: Int = 250, startedAfter: ServerTime? = nil,
        startedBefore: ServerTime? = nil
    ) {
        self.status = status
        self.cursor = cursor
        self.limit = limit
        self.startedAfter = startedAfter
        self.startedBefore = startedBefore
    }
}

/// A row with its data, as asked for by id.
public struct DetailedExecution: Sendable, Hashable {
    /// The row.
    public var execution: Execution
    /// What its data says.
    public var detail: ExecutionDetail
    /// Makes a detailed row.
    public init(execution: Execution, detail: ExecutionDetail) {
        self.execution = execution
        self.detail = detail
    }
}

/// A read that brought no answer to use.
public struct ReadFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// No connection, no answer, a cut-off answer or a deadline.
        case unreachable
        /// The key is missing, wrong or expired (401).
        case unauthorized
        /// The key lacks a scope (403).
        case forbidden
        /// n8n is starting up.
        case startingUp = "starting_up"
        /// 429 or a proxy that asks for patience.
        case throttled
        /// The answer is not n8n's: HTML, text, another API, an empty 204.
        case notN8N = "not_n8n"
        /// n8n refused the request (400, 404 of the route, 415).
        case refused
        /// n8n's own 5xx.
        case serverError = "server_error"
        /// More bytes than we read.
        case tooLarge = "too_large"
    }
    /// What went wrong.
    public var kind: Kind
    /// What was asked, without secrets: `GET /executions?status=error`.
    public var request: String
    /// The HTTP status, where there was one.
    public var status: Int?
    /// What was said, and what to do about it.
    public var message: String
    /// How long the server asks us to wait.
    public var retryAfter: Period?
    /// The query key that n8n refused since it does not know it: the server can do less than was thought.
    public var unknownQueryKey: String?

    /// Makes a failure.
    public init(
        _ kind: Kind, request: String, status: Int? = nil, message: String, retryAfter: Period? = nil,
        unknownQueryKey: String? = nil
    ) {
        self.kind = kind
        self.request = request
        self.status = status
        self.message = message
        self.retryAfter = retryAfter
        self.unknownQueryKey = unknownQueryKey
    }

    /// Whether it may say something of the one row that was asked for, and nothing of the server.
    public var concernsOneRow: Bool {
        switch kind {
        case .serverError, .tooLarge, .refused: true
        case .notN8N: status == 200
        case .unreachable, .unauthorized, .forbidden, .startingUp, .throttled: false
        }
    }

    /// Whether it is because of the key: n8n answers, and does not take it for this, or the key cannot be had.
    public var isOfKey: Bool { kind == .unauthorized || kind == .forbidden }

    /// Whether it may be an accident of this one request, so that the same asked at once may well be answered.
    public var mayPassAtOnce: Bool {
        switch kind {
        case .unreachable, .serverError: true
        case .notN8N: status.map { $0 >= 500 } ?? false
        case .unauthorized, .forbidden, .startingUp, .throttled, .refused, .tooLarge: false
        }
    }

    /// Request and message.
    public var description: String { "\(request): \(message)" }
}

/// Reads from one instance. Nothing that conforms to it can change anything there.
public protocol ExecutionReader: Sendable {
    /// One page of the list.
    func list(_ query: ListQuery) async throws(ReadFailure) -> ExecutionPage
    /// A row by id; nil where n8n says that there is none.
    func execution(_ id: ExecutionID) async throws(ReadFailure) -> Execution?
    /// A row with its data; nil where n8n says that there is none. Data that cannot be read is a detail that says so.
    func detail(_ id: ExecutionID) async throws(ReadFailure) -> DetailedExecution?
    /// A workflow as it is saved now; nil where n8n says that there is none. Needs another scope than the list of all.
    func workflow(_ id: WorkflowID) async throws(ReadFailure) -> WorkflowInfo?
    /// All workflows that the key can see.
    func workflows() async throws(ReadFailure) -> [WorkflowInfo]
    /// The annotation tags of an execution; nil where n8n says that there is none.
    func tags(of id: ExecutionID) async throws(ReadFailure) -> [AnnotationTag]?
    /// What the server can do, asked now.
    func capabilities() async throws(ReadFailure) -> ServerCapabilities
    /// What its last answers, to reads and to what changes something, told of limits of the API key.
    var keyLimits: KeyLimits { get }
    /// Takes one request that changes something out of what the key's limit leaves: several that wait for the same window
    /// would leave together, and most would be refused. How long to wait where nothing is left; nil where one was taken, or
    /// nothing is limited.
    func takeWrite() -> Period?
}

extension ExecutionReader {
    /// None: a server that limits nothing tells nothing.
    public var keyLimits: KeyLimits { KeyLimits() }
    /// Nothing is limited.
    public func takeWrite() -> Period? { nil }
}
