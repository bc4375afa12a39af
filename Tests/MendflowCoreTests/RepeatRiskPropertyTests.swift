import MendflowCore
import MendflowTestKit
import Testing

/// A change to what is known of a failed run.
private struct Change: Sendable {
    let name: String
    let apply: @Sendable (inout ExecutionDetail) -> Void

    init(_ name: String, _ apply: @escaping @Sendable (inout ExecutionDetail) -> Void) {
        self.name = name
        self.apply = apply
    }
}

@Suite("Repeat risk only falls by evidence")
struct RepeatRiskPropertyTests {
    private static let types = [
        "n8n-nodes-base.httpRequest", "n8n-nodes-base.slack", "n8n-nodes-base.postgres", "n8n-nodes-base.mySql",
        "n8n-nodes-base.code", "n8n-nodes-base.set", "n8n-nodes-base.emailSend", "n8n-nodes-base.executeWorkflow",
        "n8n-nodes-base.googleSheets", "n8n-nodes-base.redis", "n8n-nodes-base.graphql", "n8n-nodes-community.thing",
        "@n8n/n8n-nodes-langchain.agent", "@n8n/n8n-nodes-langchain.openAi",
        "@n8n/n8n-nodes-langchain.vectorStoreQdrant",
    ]
    private static let operations = [
        "get", "getAll", "insert", "executeQuery", "append", "message", "load", "post", "findOneAndUpdate",
    ]
    private static let codes = [
        "429", "404", "409", "500", "503", "408", "ECONNREFUSED", "ENOTFOUND", "EAUTH", "EMESSAGE", "ECONNRESET",
    ]
    private static let messages = [
        "connect ECONNREFUSED 10.0.0.1:9", "getaddrinfo ENOTFOUND a.example", "429 - \"no\"", "503 - \"no\"",
        "duplicate key value violates unique constraint", "Credential with ID \"1\" does not exist for type \"t\".",
        "Slack error response: \"ratelimited\"", "Invalid greeting", "ERR unknown command", "ExpressionError",
    ]

    private func node(_ dice: inout SplitMix64) -> NodeEvidence {
        NodeEvidence(
            name: "N", type: dice.maybe(Self.types), operation: dice.maybe(Self.operations),
            resource: dice.maybe(["text", "message"]), method: dice.maybe(["GET", "POST"]),
            target: dice.maybe(["10.0.0.1:9/x", "a.example/x"]),
            assurances: Set(NodeAssurance.allCases.filter { _ in dice.below(4) > 0 }))
    }

    private func detail(_ dice: inout SplitMix64, _ status: ExecutionStatus) -> ExecutionDetail {
        let start = node(&dice)
        let error = ErrorEvidence(
            name: dice.maybe(["NodeApiError", "NodeSslError", "ExpressionError"]), message: dice.maybe(Self.messages),
            description: dice.maybe(["sql: x, code: ER_DUP_ENTRY"]), httpCode: dice.maybe(Self.codes),
            messages: dice.maybe(Self.messages).map { [$0] } ?? [])
        return ExecutionDetail(
            status: status, error: error, lastNode: start, itemsToRepeat: [nil, 1, 1, 1, 3][dice.below(5)],
            finishedNodes: [nil, 0, 2][dice.below(3)], resumesAtNode: [nil, true, true, false][dice.below(4)],
            startNode: start, tools: [nil, [], [node(&dice)]][dice.below(3)])
    }

    private func severity(_ status: ExecutionStatus, _ detail: ExecutionDetail) -> Int {
        switch RepeatRiskJudge().judge(status: status, detail: detail).risk {
        case .none: 0
        case .unlikely: 1
        case .possible: 2
        case .restart, .unknown: 3
        }
    }

    /// Pieces of evidence that can go missing.
    private static let losses: [Change] = {
        var losses: [Change] = []
        losses.append(Change("error") { $0.error = nil })
        losses.append(Change("code") { $0.error?.httpCode = nil })
        losses.append(Change("name") { $0.error?.name = nil })
        losses.append(Change("message") { $0.error?.message = nil })
        losses.append(Change("messages") { $0.error?.messages = [] })
        losses.append(Change("description") { $0.error?.description = nil })
        losses.append(Change("type") { $0.startNode?.type = nil })
        losses.append(Change("operation") { $0.startNode?.operation = nil })
        losses.append(Change("resource") { $0.startNode?.resource = nil })
        losses.append(Change("method") { $0.startNode?.method = nil })
        losses.append(Change("target") { $0.startNode?.target = nil })
        losses.append(Change("items") { $0.itemsToRepeat = nil })
        losses.append(Change("tools") { $0.tools = nil })
        losses.append(Change("last node") { $0.lastNode = nil })
        losses.append(Change("resumes") { $0.resumesAtNode = nil })
        losses.append(Change("finished") { $0.finishedNodes = nil })
        for assurance in NodeAssurance.allCases {
            losses.append(Change(assurance.rawValue) { $0.startNode?.assurances.remove(assurance) })
        }
        return losses
    }()

    /// Facts that make a repeat more likely. That a node pages, retries itself or runs a script that calls out shows in
    /// an assurance that is missing.
    private static let dangers: [Change] = {
        let writer = NodeEvidence(name: "T", type: "n8n-nodes-base.httpRequestTool", method: "POST")
        var dangers: [Change] = []
        dangers.append(Change("more items") { $0.itemsToRepeat = $0.itemsToRepeat.map { $0 + 1 } })
        dangers.append(Change("a tool that writes") { $0.tools = $0.tools.map { $0 + [writer] } })
        dangers.append(Change("another node's error") { $0.lastNode?.name = "below" })
        dangers.append(Change("went on past its stack") { $0.ranPastStack = true })
        dangers.append(Change("nothing was saved") { $0.resumesAtNode = false })
        return dangers
    }()

    @Test("neither a loss of evidence nor a fact that makes a repeat more likely lowers the risk")
    func monotonic() {
        var dice = SplitMix64(seed: 44)
        var lowest = 0
        let count = TestScale.isFull ? 10_000 : 1500
        for _ in 0..<count {
            let status: ExecutionStatus = [.error, .error, .error, .crashed, .canceled][dice.below(5)]
            let before = detail(&dice, status)
            let risk = severity(status, before)
            if risk < 2 { lowest += 1 }
            for change in Self.losses + Self.dangers {
                var after = before
                change.apply(&after)
                #expect(severity(status, after) >= risk, "\(change.name): \(before)")
            }
        }
        #expect(lowest > count / 10)
    }
}

extension SplitMix64 {
    fileprivate mutating func maybe<Value>(_ values: [Value]) -> Value? {
        below(4) == 0 ? nil : values[below(values.count)]
    }
}
