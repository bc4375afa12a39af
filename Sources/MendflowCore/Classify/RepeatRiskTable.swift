/// What repeat risk is judged by.
public struct RepeatRiskTable: Sendable, Hashable {
    /// Nodes that change nothing when they are run again.
    public var reading: [ReadingRule]
    /// Errors that say that nothing was done.
    public var refusals: [RefusalRule]
    /// Types of nodes that do many things in one item: their error speaks of one of these only.
    public var composite: [TextMatch]
    /// Types of nodes that follow redirects to wherever they are sent: a `POST` that was redirected was taken before.
    public var followers: [TextMatch]
    /// Nodes that make several calls for one item, of which an earlier one may have changed something.
    public var severalCalls: [CallPattern]
    /// Nodes whose deed is their first call: what follows asks what became of it, and its error says nothing of the deed.
    public var deedFirst: [CallPattern]
    /// Types of nodes that may call tools: an error of their model says nothing of what a tool has done before.
    public var toolUsers: [TextMatch]
    /// Types of nodes whose calls are known: others may make several for one item.
    public var known: [TextMatch]
    /// Operations that make one statement of a database.
    public var statementOperations: [TextMatch]
    /// Messages of n8n's own platform: they cut a run off anywhere, as a crash does, and say nothing of a node's last call.
    public var cutOff: [TextMatch]

    /// The rules but for those of these ids.
    public func without(_ off: Set<String>) -> RepeatRiskTable {
        var table = self
        table.reading.removeAll { off.contains($0.id) }
        table.refusals.removeAll { off.contains($0.id) }
        return table
    }

    /// The built-in table.
    public static let builtIn = RepeatRiskTable(
        reading: readingRules, refusals: refusalRules,
        composite: base("executeWorkflow", "code", "function", "functionItem", "aiTransform")
            + langchain(
                "agent*", "chain*", "code", "informationExtractor", "textClassifier", "sentimentAnalysis",
                "openAiAssistant",
                "toolExecutor", "mcpClient*", "guardrails"),
        followers: base("httpRequest", "httpRequestTool", "graphql", "graphqlTool"),
        severalCalls: [
            CallPattern(
                types: base(
                    "googleSheets", "microsoftExcel", "googleDocs", "googleSlides", "twitter", "linkedIn", "youTube")),
            CallPattern(types: base("microsoftOutlook"), operations: texts("reply", "send", "create")),
            CallPattern(types: langchain("openAi"), resources: texts("assistant")),
            CallPattern(types: base("airtable"), operations: texts("upsert", "update")),
            CallPattern(types: base("hubspot"), resources: texts("ticket"), operations: texts("create", "update")),
            CallPattern(types: base("jira"), resources: texts("issue"), operations: texts("update")),
            CallPattern(types: base("googleDrive"), operations: texts("update")),
            CallPattern(types: base("discord"), operations: texts("roleAdd", "roleRemove")),
            CallPattern(types: base("*"), operations: texts("upload*", "createFromText", "appendOrUpdate")),
        ],
        deedFirst: [
            CallPattern(types: base("github"), operations: texts("dispatchAndWait")),
            CallPattern(types: base("googleBigQuery"), operations: texts("executeQuery")),
            CallPattern(types: base("mongoDb"), operations: texts("aggregate")),
            CallPattern(types: base("cortex"), operations: texts("execute")),
            CallPattern(types: base("theHive", "theHiveProject"), operations: texts("executeResponder")),
            CallPattern(types: base("splunk"), operations: texts("create")),
            CallPattern(types: base("egoi"), operations: texts("create", "update")),
            CallPattern(types: base("airtop", "dropcontact")),
        ],
        toolUsers: langchain("*"),
        known: base("*") + modelServices,
        statementOperations: texts("insert", "update", "upsert", "delete", "deleteTable"),
        cutOff: texts(
            "*failed to be processed too many times*", "*job stalled more than*", "Missing lock for job*",
            "Missing key for job*", "*max retries per request*",
            "terminating connection due to administrator command*", "Client has encountered a connection error*"))

    static func base(_ names: String...) -> [TextMatch] { names.map { .wildcard("n8n-nodes-base.\($0)") } }
    static func langchain(_ names: String...) -> [TextMatch] {
        names.map { .wildcard("@n8n/n8n-nodes-langchain.\($0)") }
    }
    static func texts(_ texts: String...) -> [TextMatch] { texts.map(TextMatch.wildcard) }

    /// Nodes that call a model's service themselves.
    static let modelServices = langchain(
        "openAi", "anthropic", "googleGemini", "ollama", "mistralCloud", "perplexity", "alibabaCloud", "minimax",
        "moonshot")
}
