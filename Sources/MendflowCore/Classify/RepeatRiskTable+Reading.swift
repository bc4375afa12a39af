extension RepeatRiskTable {
    /// Nodes that change nothing when they are run again, the commonest first.
    static let readingRules: [ReadingRule] = [
        httpRead, readOperation, readingService, readingStatement, pure, script, fileRead, completion, agent,
        vectorRead, readingTool,
    ]

    // Of the HTTP node only: another node's failed GET may follow a POST of the same item.
    private static let httpRead = ReadingRule(
        id: "http-read",
        [
            CallPattern(
                types: base("httpRequest", "httpRequestTool", "facebookGraphApi") + langchain("toolHttpRequest"),
                methods: ["GET", "HEAD", "OPTIONS"])
        ],
        needs: [.knownMethod],
        RiskReason(
            "an HTTP Request, or one to Facebook's Graph API, with GET, HEAD or OPTIONS changes nothing",
            why: "HTTP defines these methods as safe, redirects and pages included",
            counterExample: "an address that acts on GET, such as an unsubscribe link or an old webhook"))

    private static let readOperation = ReadingRule(
        id: "read-operation",
        [
            CallPattern(
                types: base("*"),
                operations: texts(
                    "get*", "search*", "find*", "lookup*", "read", "readRows", "list", "listAll", "select", "count",
                    "exists", "rowExists", "rowNotExists", "download", "describe", "keys", "info", "query", "history",
                    "translate", "compare"),
                exceptOperations: [
                    .glob("*And[A-Z]*"), .glob("*Or[A-Z]*"), .wildcard("*Replace*"), .wildcard("getUploadUrl*"),
                    .wildcard("*Create"), .glob("*Create[!d]*"), .wildcard("*Update"), .glob("*Update[!d]*"),
                    .wildcard("*Delete"), .glob("*Delete[!d]*"),
                ])
        ],
        RiskReason(
            "an operation of n8n's own nodes that is named as reading changes nothing",
            why: "these nodes name their operations by what they do; names that join a second deed are left out",
            counterExample: "a service that marks a message as read when it is fetched"))

    private static let readingService = ReadingRule(
        id: "reading-service",
        [
            CallPattern(
                types: base(
                    "openWeatherMap", "awsComprehend", "awsTextract", "awsRekognition", "hunter", "clearbit",
                    "coinGecko",
                    "marketstack", "nasa", "openThesaurus", "hackerNews", "dhl", "uplead", "brandfetch", "quickChart"))
        ],
        RiskReason(
            "a node of a service that only tells or analyses changes nothing",
            why: "it has no operation that writes, however its operations are named",
            counterExample: "a credit that a look-up costs"))

    private static let readingStatement = ReadingRule(
        id: "reading-statement",
        [
            CallPattern(types: sqlTypes + base("googleBigQuery"), operations: texts("executeQuery")),
            CallPattern(types: base("mongoDb", "mongoDbTool"), operations: texts("aggregate")),
            CallPattern(types: base("graphql", "graphqlTool")),
        ],
        needs: [.assured(.readingStatement)],
        RiskReason(
            "a query whose statements only read changes nothing",
            why:
                "it begins with SELECT, SHOW or the like, names no function but the database's own reading ones, and of "
                + "GraphQL it is no mutation; a pipeline of MongoDB has no stage that writes",
            counterExample:
                "a value put into the text that carries a statement of its own, or a function of the user's that bears "
                + "the name of a database's own"))

    private static let pure = ReadingRule(
        id: "pure-node",
        [
            CallPattern(
                types: base(
                    "set", "if", "switch", "filter", "merge", "noOp", "sort", "limit", "aggregate", "splitOut",
                    "splitInBatches", "summarize", "itemLists", "dateTime", "crypto", "jwt", "totp", "html",
                    "htmlExtract", "markdown", "xml", "compareDatasets", "renameKeys", "stopAndError",
                    "extractFromFile",
                    "convertToFile", "moveBinaryData", "spreadsheetFile", "iCal", "compression", "editImage", "wait",
                    "debugHelper", "manualTrigger", "webhook", "executeWorkflowTrigger", "respondToWebhook")),
            CallPattern(types: base("removeDuplicates"), operations: texts("removeDuplicateInputItems")),
            CallPattern(types: langchain("textSplitter*", "outputParser*")),
        ],
        RiskReason(
            "a node that only computes changes nothing", why: "it calls nobody: its input is all that it works on",
            counterExample: "Respond to Webhook answers its caller, who is gone when the run is retried"))

    private static let script = ReadingRule(
        id: "script",
        [
            CallPattern(types: base("code", "function", "functionItem", "aiTransform")),
            CallPattern(types: langchain("toolCode")),
        ],
        needs: [.assured(.pureScript)],
        RiskReason(
            "a script whose source shows no call changes nothing",
            why: "the source was read whole, and names nothing that calls out or keeps state: helpers, fetch, require, "
                + "import, static data and the like",
            counterExample: "a name that is put together from parts at run time"))

    private static let fileRead = ReadingRule(
        id: "file-read", [CallPattern(types: base("readBinaryFile", "readBinaryFiles", "readPDF", "rssFeedRead"))],
        RiskReason(
            "a node that reads a file or a feed changes nothing", why: "it has no other operation",
            counterExample: "a feed that counts who fetches it"))

    private static let completion = ReadingRule(
        id: "completion",
        [
            CallPattern(
                types: modelServices, resources: texts("text", "image", "audio", "video", "document", "chat"),
                operations: texts(
                    "message", "complete", "response", "classify", "generate", "edit", "analyze", "transcribe",
                    "translate", "chat")),
            CallPattern(
                types: base(
                    "openAi", "mistralAi", "perplexity", "jinaAi", "deepL", "googleTranslate", "googlePerspective")),
        ],
        needs: [.quietTools],
        RiskReason(
            "asking a model again changes nothing but the bill",
            why: "a completion leaves nothing behind at the service that the workflow could meet",
            counterExample: "a response that the service stores, and a later call refers to"))

    private static let agent = ReadingRule(
        id: "agent-without-deeds",
        [
            CallPattern(
                types: langchain(
                    "agent", "chainLlm", "chainRetrievalQa", "chainSummarization", "informationExtractor",
                    "textClassifier", "sentimentAnalysis"))
        ],
        needs: [.quietTools, .assured(.subRunsStored)],
        RiskReason(
            "an agent or chain of which no tool that writes has run changes nothing",
            why: "it runs anew as a whole, and asking its model again changes nothing; tools that ran would run again",
            counterExample: "a memory that kept an earlier item's talk"))

    private static let vectorRead = ReadingRule(
        id: "vector-read",
        [CallPattern(types: langchain("vectorStore*"), operations: texts("load", "retrieve", "retrieve-as-tool"))],
        RiskReason(
            "searching a vector store changes nothing", why: "these modes only embed the question and search",
            counterExample: "none is known"))

    private static let readingTool = ReadingRule(
        id: "reading-tool",
        [
            CallPattern(
                types: langchain(
                    "toolCalculator", "toolWikipedia", "toolThink", "toolSerpApi", "toolSearXng", "toolWolframAlpha",
                    "toolVectorStore"))
        ],
        RiskReason(
            "a tool that computes or searches changes nothing", why: "it has no operation that writes",
            counterExample: "none is known"))
}
