public import MendflowCore
public import MendflowHTTP

/// Reads executions and workflows from one n8n over its Public API.
///
/// Each request has 30 seconds on the given clock. n8n's filters are sent but not trusted: era A ignores some of them
/// (n8n facts 2.5), so callers filter the rows again.
public struct N8NReader: ExecutionReader {
    /// How many bytes of an answer's body are read at most.
    struct Limits: Sendable {
        var list = 8 << 20
        /// Details are scanned as they come and not held, so they may be much larger.
        var detail = 64 << 20
        /// All pages of workflows together.
        var workflows: Int { 4 * detail }
    }

    /// What reading all workflows may cost, in pages and time.
    private static let workflowPages = 100, workflowTime = Period.minutes(1)

    let exchange: Exchange
    var limits = Limits()
    private let pages = PageMemory()
    private let scrub: @Sendable (String) -> String

    /// Makes a reader; `scrub` takes secrets out of texts that become evidence.
    public init(
        connection: N8NConnection, transport: any Transport, clock: any AgentClock,
        scrub: @escaping @Sendable (String) -> String
    ) {
        exchange = Exchange(connection: connection, transport: transport, clock: clock)
        self.scrub = scrub
    }

    /// What the server's last answers told of the key's limits.
    public var keyLimits: KeyLimits { exchange.connection.meter.limits }

    /// Takes one write out of what the key's limit leaves; how long to wait where nothing is left.
    public func takeWrite() -> Period? { exchange.connection.meter.takeWrite(at: exchange.clock.monotonic()) }

    /// One page of the list.
    ///
    /// - Precondition: the limit is 1 to 250: n8n answers 0 with its whole table.
    public func list(_ query: ListQuery) async throws(ReadFailure) -> ExecutionPage {
        precondition((1...250).contains(query.limit), "a page has 1 to 250 rows")
        var call = Call(
            path: ["executions"], query: [("limit", "\(query.limit)")], content: .rows,
            bodyLimit: limits.list, scope: "execution:list")
        if let status = query.status { call.query.append(("status", status.apiWord)) }
        if let time = query.startedAfter { call.query.append(("startedAfter", time.rfc3339)) }
        if let time = query.startedBefore { call.query.append(("startedBefore", time.rfc3339)) }
        if let cursor = query.cursor { call.query.append(("cursor", cursor)) }
        // Only first pages are remembered: pages further down are read once and not asked for again.
        let url = query.cursor == nil ? call.url(on: exchange.connection) : nil
        let known = url.flatMap { pages.page(of: $0) }
        call.knownTag = known?.tag
        let answer = try await ask(call)
        if answer.status == 304, var page = known?.page {
            page.serverTime = answer.serverTime
            page.bytes = answer.received
            return page
        }
        guard answer.status == 200, let page = RowAnswer.page(answer) else { throw failures(call).of(answer) }
        guard page.nextCursor == nil || page.nextCursor != query.cursor else {
            throw failures(call).failure(.notN8N, "the list of executions goes in circles: its cursor repeats", answer)
        }
        if let url { pages.keep(page, tag: answer.tag, of: url) }
        return page
    }

    /// A row by id; nil if n8n says that there is none.
    public func execution(_ id: ExecutionID) async throws(ReadFailure) -> Execution? {
        let call = byID(id, content: .tree(RowAnswer.program), limit: limits.list)
        let answer = try await ask(call)
        if N8NReader.isMissing(answer) { return nil }
        guard answer.status == 200, let tree = answer.json, let row = RowAnswer.execution(tree), row.id == id else {
            throw failures(call).of(answer)
        }
        return row
    }

    /// A row with its data. If n8n can give the row but not its data, the detail says why the data is missing.
    public func detail(_ id: ExecutionID) async throws(ReadFailure) -> DetailedExecution? {
        var call = byID(id, content: .tree(DetailPlan.program), limit: limits.detail)
        call.query = [("includeData", "true")]
        let answer = try await ask(call)
        if N8NReader.isMissing(answer) { return nil }
        if let detailed = detailed(id, answer) {
            return isWithheld(answer) ? try await inSpiteOfLimit(id, else: detailed) : detailed
        }
        let failure = failures(call).of(answer)
        guard let reason = N8NReader.withoutData(failure, answer) else { throw failure }
        guard let row = try await execution(id) else { return nil }
        let detail = ExecutionDetail(readability: reason, status: row.status, createdAt: row.createdAt)
        return DetailedExecution(execution: row, detail: detail)
    }

    private func detailed(_ id: ExecutionID, _ answer: Answer) -> DetailedExecution? {
        guard answer.status == 200, let tree = answer.json, let row = RowAnswer.execution(tree), row.id == id else {
            return nil
        }
        let evidence = DetailAnswer(
            tree: tree, execution: row, scrub: EvidenceScrub(own: exchange.connection.own, scrub)
        ).detail()
        return DetailedExecution(execution: row, detail: evidence)
    }

    /// Whether n8n withholds data that is larger than its own limit, although we might read it.
    ///
    /// `jsonSizeBytes` is the size as stored, where equal strings stand once: the answer was 260 times larger (n8n facts
    /// 2.9). So it only tells what is too large for certain, and bounds nothing: reading ends at our own limit.
    private func isWithheld(_ answer: Answer) -> Bool {
        guard answer.json?["dataTooLargeToDisplay"]?.bool == true, let size = answer.json?["jsonSizeBytes"]?.integer
        else { return false }
        return size > 0 && size <= limits.detail
    }

    /// Asks once more for data that n8n withheld for its size, this time in spite of n8n's own limit. If n8n cannot
    /// give it, the answer stays `oversized`.
    private func inSpiteOfLimit(
        _ id: ExecutionID, else oversized: DetailedExecution
    ) async throws(ReadFailure) -> DetailedExecution? {
        var call = byID(id, content: .tree(DetailPlan.program), limit: limits.detail)
        call.query = [("includeData", "true"), ("ignoreDataSizeLimit", "true")]
        let answer = try await ask(call)
        if N8NReader.isMissing(answer) { return nil }
        if let detailed = detailed(id, answer) { return detailed }
        let failure = failures(call).of(answer)
        guard failure.kind == .refused || N8NReader.withoutData(failure, answer) != nil else { throw failure }
        return oversized
    }

    /// A workflow as it is saved now; nil where n8n says that there is none.
    public func workflow(_ id: WorkflowID) async throws(ReadFailure) -> WorkflowInfo? {
        let call = Call(
            path: ["workflows", id.text], content: .kept(by: WorkflowAnswer.workflow), bodyLimit: limits.detail,
            scope: "workflow:read")
        let answer = try await ask(call)
        if N8NReader.isMissing(answer) { return nil }
        guard answer.status == 200, let tree = answer.json, let found = WorkflowAnswer.info(tree), found.id == id else {
            throw failures(call).of(answer)
        }
        return found.named(EvidenceScrub(own: exchange.connection.own).name)
    }

    /// All workflows that the key can see.
    public func workflows() async throws(ReadFailure) -> [WorkflowInfo] {
        var all: [WorkflowInfo] = []
        var seen: Set<WorkflowID> = []
        var cursor: String?
        var bytes = 0
        let begun = exchange.clock.monotonic()
        for _ in 0..<N8NReader.workflowPages {
            guard bytes <= limits.workflows else {
                throw N8NReader.tooManyWorkflows(.tooLarge, "\(limits.workflows >> 20) MiB")
            }
            guard exchange.clock.monotonic() - begun < N8NReader.workflowTime else {
                throw N8NReader.tooManyWorkflows(.unreachable, "\(N8NReader.workflowTime) of reading")
            }
            var call = Call(
                path: ["workflows"], query: [("limit", "100"), ("excludePinnedData", "true")],
                content: .kept(by: WorkflowAnswer.page), bodyLimit: limits.detail, scope: "workflow:list")
            if let cursor { call.query.append(("cursor", cursor)) }
            let answer = try await ask(call)
            bytes += answer.received
            guard answer.status == 200, let page = WorkflowAnswer.page(answer) else { throw failures(call).of(answer) }
            // Pages are counted by offset, so that a workflow made meanwhile shifts one into the next page.
            let scrub = EvidenceScrub(own: exchange.connection.own)
            for workflow in page.workflows where seen.insert(workflow.id).inserted {
                all.append(workflow.named(scrub.name))
            }
            guard let next = page.next else { return all }
            guard next != cursor else {
                throw failures(call).failure(
                    .notN8N, "the list of workflows goes in circles: its cursor repeats", answer)
            }
            cursor = next
        }
        throw N8NReader.tooManyWorkflows(.tooLarge, "\(N8NReader.workflowPages) pages")
    }

    private static func tooManyWorkflows(_ kind: ReadFailure.Kind, _ limit: String) -> ReadFailure {
        ReadFailure(
            kind, request: "GET /workflows", message: "the workflows take more than \(limit); use a key that sees fewer"
        )
    }

    /// The annotation tags of an execution; nil where n8n says that there is none.
    public func tags(of id: ExecutionID) async throws(ReadFailure) -> [AnnotationTag]? {
        let call = Call(
            path: ["executions", id.text, "tags"], content: .kept(by: WorkflowAnswer.tags), bodyLimit: limits.list,
            scope: "executionTags:list")
        let answer = try await ask(call)
        if N8NReader.isMissing(answer) { return nil }
        guard answer.status == 200, let tags = WorkflowAnswer.tags(answer) else { throw failures(call).of(answer) }
        return tags
    }
}

extension N8NReader {
    func ask(_ call: Call) async throws(ReadFailure) -> Answer {
        do throws(ExchangeFailure) { return try await exchange.read(call) } catch { throw failures(call).of(error) }
    }

    func failures(_ call: Call) -> ReadFailures {
        ReadFailures(connection: exchange.connection, call: call, now: exchange.clock.now())
    }

    func byID(_ id: ExecutionID, content: Call.Content, limit: Int) -> Call {
        Call(path: ["executions", id.text], content: content, bodyLimit: limit, scope: "execution:read")
    }

    /// Whether it is n8n's own 404 for a row that does not exist. For a route that does not exist n8n writes
    /// `not found` in lower case, and a proxy writes something else.
    static func isMissing(_ answer: Answer) -> Bool { answer.status == 404 && answer.refusal == "Not Found" }

    /// Whether it is n8n's own 404 for a path that the release does not know.
    static func lacksRoute(_ answer: Answer) -> Bool { answer.status == 404 && answer.refusal == "not found" }

    /// What to note as the detail if the answer shows that this execution's data is the trouble and not the server; nil
    /// if the server is.
    private static func withoutData(_ failure: ReadFailure, _ answer: Answer) -> ExecutionDetail.Readability? {
        switch failure.kind {
        case .tooLarge: .oversized
        case .serverError: .unreadable(failure.message)
        case .notN8N where answer.status == 200 && answer.isJSON: .unreadable(failure.message)
        default: nil
        }
    }
}
