/// Which parts of an execution's data are kept: a few kilobytes of evidence, whatever the size of the data.
enum DetailPlan {
    /// How much of a text is kept before secrets are removed from it. It is cut to 2 KiB afterwards: cutting first
    /// could leave half a secret, which the scrubber would not recognise.
    static let text = JSONPlan.scalar(limit: 4096)
    /// The most nodes of a workflow that are looked at.
    static let maxNodes = 1000
    static let maxMessages = 5
    static let maxCustomData = 50

    /// Settings by which a node makes more calls once its deed is done: it waits for the outcome, fetches it or links it.
    static let followUps = [
        "resolveData", "download", "wait", "waitForImage", "waitForCompletion", "waitForFinish", "waitForResponse",
        "waitForResult", "waitForResults", "associatedCompanyId", "expire",
    ]
    /// Where in a node's parameters they may stand.
    static let settings = ["options", "additionalFields", "updateFields"]

    private static let asked = Dictionary(uniqueKeysWithValues: followUps.map { ($0, JSONPlan.word) })
    private static let parameters: JSONPlan = {
        let own: [String: JSONPlan] = [
            "operation": .word, "resource": .word, "method": .word, "requestMethod": .word, "httpRequestMethod": .word,
            "resume": .word, "mode": .word, "agent": .word,
            "jsCode": .digest(.script), "pythonCode": .digest(.python), "functionCode": .digest(.script),
            "query": .digest(.statement), "sqlQuery": .digest(.statement),
            "builtInTools": .object(["mcpServers": .object([:])]),
            "options": .object(options.merging(asked) { one, _ in one }),
            "additionalFields": .object(asked), "updateFields": .object(asked),
        ]
        return .object(own.merging(asked) { one, _ in one })
    }()
    private static let options: [String: JSONPlan] = [
        "pagination": .object(["pagination": .object(["paginationMode": .word])]),
        "redirect": .object(["redirect": .object(["followRedirects": .word])]),
        "queryBatching": .word,
    ]
    private static let node = JSONPlan.object([
        "name": .scalar(limit: 512), "type": .word, "typeVersion": .word, "retryOnFail": .word, "executeOnce": .word,
        "parameters": parameters,
    ])
    /// What services and clients call what tells the trouble, in their answers and in their errors.
    private static let service = JSONPlan.record(
        [
            "body", "cause", "code", "data", "description", "detail", "details", "errcode", "error", "errorCode",
            "error_code", "error_description", "error_subcode", "errors", "extensions", "httpCode", "innerError",
            "is_transient", "lc_error_code", "message", "messages", "name", "quotaId", "reason", "response",
            "responseCode", "retryAfter", "retryDelay", "retry_after", "retry_after_ms", "retry_in_seconds", "status",
            "statusCode", "title", "type", "violations",
        ], levels: 5, text: 1024, elements: 3)
    private static let error = JSONPlan.object([
        "name": .word, "type": .word, "message": text, "description": text, "httpCode": .word, "timestamp": .word,
        "code": .word, "lc_error_code": .word, "status": .word, "statusCode": .word, "responseCode": .word,
        "errorCode": .word, "cause": service, "errors": service, "errorResponse": service,
        "messages": .array(text, keep: .first(maxMessages)), "node": node,
        "failure": .object(["cause": .word, "retryAfterMs": .word, "resetsAtEpochMs": .word]),
        "context": .object([
            "itemIndex": .word, "request": .object(["method": .word, "uri": text, "url": text]),
            "data": service, "errorCode": .word, "outputParserFailReason": .word,
        ]),
    ])
    /// The mark that n8n sets on items that it made up from its event log after a crash. Nothing that such a node did
    /// is really stored.
    private static let firstItem = JSONPlan.array(
        .array(.object(["json": .object(["isArtificialRecoveredEventItem": .word])]), keep: .first(1)),
        keep: .first(1))
    private static let lastRun = JSONPlan.array(
        .object([
            "executionStatus": .word, "error": error, "data": .object(["main": firstItem, "ai_tool": .count]),
            "inputOverride": .object(["ai_tool": .count]),
            "source": .array(.object(["previousNode": .scalar(limit: 512)]), keep: .first(1)),
        ]), keep: .last)
    private static let stackEntry = JSONPlan.object([
        "node": node, "data": .object(["main": .array(.count, keep: .first(1))]), "source": .object([:]),
    ])
    private static let data = JSONPlan.object([
        "resultData": .object([
            "error": error, "redactedError": error, "lastNodeExecuted": .scalar(limit: 512),
            "runData": .map(lastRun, limit: maxNodes),
        ]),
        "executionData": .object(["nodeExecutionStack": .array(stackEntry, keep: .first(1))]),
        "parentExecution": .object(["executionId": .word]),
        "redactionInfo": .object(["isRedacted": .word]),
        "waitTill": .word,
    ])

    static let program = JSONProgram(execution)

    /// An execution with its data.
    static let execution = JSONPlan.object(members)

    /// Its members.
    static let members = RowAnswer.members.merging([
        "data": data, "customData": .map(.scalar(limit: 512), limit: maxCustomData),
        "dataTooLargeToDisplay": .word, "finished": .word, "jsonSizeBytes": .word, "workflowVersionId": .word,
        "workflowData": .object([
            "nodes": .array(node, keep: .first(maxNodes)), "settings": .object(["executionTimeout": .word]),
        ]),
    ]) { one, _ in one }
}
