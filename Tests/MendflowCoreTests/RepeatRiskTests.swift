import MendflowCore
import Testing

@Suite("Repeat risk")
struct RepeatRiskTests {
    private let judge = RepeatRiskJudge()

    /// A node that does nothing without a trace.
    private static let plain: Set<NodeAssurance> = [.onePage, .triesOnce, .fixedMethod, .noFollowUp]

    private func verdict(
        _ node: NodeEvidence?, code: String? = nil, items: Int? = 1, status: ExecutionStatus = .error,
        finished: Int? = 2, resumes: Bool? = true, readability: ExecutionDetail.Readability = .readable,
        message: String? = nil, messages: [String] = [], tools: [NodeEvidence]? = nil
    ) -> RepeatRiskVerdict {
        let error = ErrorEvidence(name: "NodeApiError", message: message, httpCode: code, messages: messages)
        let detail = ExecutionDetail(
            readability: readability, status: status, error: error, lastNode: node, itemsToRepeat: items,
            finishedNodes: finished, resumesAtNode: resumes, startNode: node, tools: tools)
        return judge.judge(status: status, detail: detail)
    }
    private func http(_ method: String?, _ assurances: Set<NodeAssurance> = plain) -> NodeEvidence {
        NodeEvidence(
            name: "Call", type: "n8n-nodes-base.httpRequest", method: method, target: "shop.example/charge",
            assurances: assurances)
    }
    private func node(
        _ type: String, _ operation: String? = nil, _ assurances: Set<NodeAssurance> = plain
    ) -> NodeEvidence {
        NodeEvidence(name: "Node", type: type, operation: operation, assurances: assurances)
    }

    @Test("recorded failures are judged as a person would")
    func recorded() throws {
        let expected: [String: (RepeatRisk, String)] = [
            "history.post-invoice.422": (.unlikely, "http-4xx"),
            "history.upsert-contact.ECONNABORTED": (.possible, "may-be-done"),
            "history.send-message.429": (.unlikely, "http-4xx"),
            "history.post-order.ECONNRESET": (.possible, "may-be-done"),
            "history.upsert-contact.502": (.possible, "may-be-done"),
            "history.upsert-contact.503": (.possible, "may-be-done"),
            "history.prepare.none": (.possible, "may-be-done"),
            "2.41.1.get.data.flaky": (.none, "http-read"),
            "2.41.1.get.redacted": (.none, "http-read"),
            "2.41.1.sub.parent.data": (.possible, "may-be-done"),
            "2.41.1.crash.get": (.restart, "crash-unsaved"),
            "2.41.1.crash.get.2": (.none, "http-read"),
            "2.41.1.batch.get": (.possible, "several-items"),
        ]
        var seen = 0
        for failure in try RecordedFailure.all() {
            guard let wanted = expected[failure.case] else { continue }
            seen += 1
            let verdict = judge.judge(status: ExecutionStatus(api: failure.status), detail: failure.detail)
            #expect(verdict.risk == wanted.0 && verdict.ruleID == wanted.1, "\(failure.case): \(verdict)")
        }
        #expect(seen == expected.count)
    }

    @Test("a batch into a POST says how many may have been done, in words")
    func words() throws {
        let batch = try #require(try RecordedFailure.all().first { $0.case == "2.41.1.batch.get" })
        let verdict = judge.judge(status: .error, detail: batch.detail)
        #expect(verdict.why == "feeds 5 items into POST 127.0.0.1:9915/charge again; up to 5 may have been done")
        #expect(verdict.mayHaveBeenDone == 5)
        #expect(verdict.start == .node("Charge card", items: 5))
        #expect(self.verdict(http("POST"), code: "ECONNRESET", items: 5).mayHaveBeenDone == 5)
        #expect(
            self.verdict(node("n8n-nodes-base.slack", "post"), code: "500").why
                == "feeds 1 item into \"Node\" (slack post) again; it may have been done")
    }

    @Test("reading again changes nothing, however many items and whatever the error")
    func reading() {
        for method in ["GET", "HEAD", "OPTIONS", "get"] {
            #expect(verdict(http(method), code: "ECONNRESET", items: 7).risk == .none)
        }
        for (type, operation) in [
            ("googleSheets", "read"), ("postgres", "select"), ("notion", "getAll"), ("gmail", "get"),
            ("set", nil), ("if", nil), ("merge", nil),
        ] as [(String, String?)] {
            #expect(verdict(node("n8n-nodes-base." + type, operation), items: 3).risk == .none, "\(type)")
        }
    }

    @Test(
        "what only tells is known by its node, and what it fetches may have been created by others",
        arguments: [
            ("openWeatherMap", "5DayForecast"), ("awsComprehend", "detectSentiment"), ("hunter", "emailFinder"),
            ("hubspot", "getRecentlyCreatedUpdated"),
        ])
    func telling(_ type: String, _ operation: String) {
        #expect(verdict(node("n8n-nodes-base." + type, operation), code: "503", items: 3).risk == .none)
    }

    @Test(
        "names that join a deed to a look-up are no reading",
        arguments: ["getOrCreate", "findAndUpdate", "getCreate", "searchUpdateAll", "getUploadUrl", "findAndReplace"])
    func joined(_ operation: String) {
        #expect(verdict(node("n8n-nodes-base.thing", operation), code: "503").risk == .possible)
    }

    @Test(
        "refusals in words of their own",
        arguments: [
            ("slack", "post", "Your Slack credential is missing required Oauth Scopes"),
            ("mongoDb", "insert", "bad auth : authentication failed"), ("mongoDb", "insert", "not primary"),
            ("mongoDb", "update", "input must be a 24 character hex string, 12 byte Uint8Array, or an integer"),
            ("redis", "push", "MOVED 3999 127.0.0.1:6381"), ("redis", "delete", "CROSSSLOT Keys in request"),
            ("kafka", "send", "The request included a message larger than the max message size the server will accept"),
            ("mqtt", "send", "Connection refused: Identifier rejected"), ("mqtt", "send", "connack timeout"),
            ("ftp", "upload", "_put: No such file /in/orders.csv"), ("ftp", "upload", "Not logged in, please check"),
            ("ssh", "execute", "Cannot parse privateKey: Encrypted private OpenSSH key detected"),
            ("ssh", "execute", "Handshake failed: no matching key exchange algorithm"),
            ("microsoftSql", "insert", "Database 'shop' on server 'x' is not currently available."),
            ("postgres", "insert", "MaxClientsInSessionMode: max clients reached"),
            ("snowflake", "insert", "000606 (57P03): No active warehouse selected in the current session."),
            ("googleCalendar", "create", "The provided authorization grant (e.g., authorization code) is invalid"),
            ("googleCalendar", "create", "Credentials could not be decrypted. The likely reason is a different key"),
            ("dataTable", "insert", "Could not find the data table: 'abc'"),
        ])
    func refusedInWords(_ type: String, _ operation: String, _ message: String) {
        let found = verdict(node("n8n-nodes-base." + type, operation), message: message)
        #expect(found.risk == .none, "\(type) \(message): \(found)")
        #expect(verdict(node("n8n-nodes-base.code"), message: message).risk == .possible)
    }

    @Test("what is not known to read counts as writing")
    func writing() {
        for method in ["POST", "PUT", "PATCH", "DELETE", "={{ $json.method }}", nil] {
            #expect(verdict(http(method), code: "500").risk == .possible)
        }
        for (type, operation) in [
            ("n8n-nodes-base.postgres", "executeQuery"), ("n8n-nodes-base.googleSheets", "append"),
            ("n8n-nodes-base.googleSheets", nil), ("n8n-nodes-community.thing", "get"),
            ("n8n-nodes-base.emailSend", nil),
        ] as [(String, String?)] {
            #expect(verdict(node(type, operation)).risk == .possible, "\(type)")
        }
    }

    @Test("a method that is worked out for each item is known for one item only")
    func methods() {
        #expect(verdict(http("GET", [.onePage, .triesOnce]), items: 1).risk == .none)
        #expect(verdict(http("GET", [.onePage, .triesOnce]), items: 2).risk == .possible)
    }

    @Test("an application's failed GET is no proof, for a POST may have gone before it")
    func applicationGet() {
        let node = NodeEvidence(name: "Append", type: "n8n-nodes-base.googleSheets", operation: "append", method: "GET")
        #expect(verdict(node, code: "500", items: 3).risk == .possible)
    }

    @Test(
        "a refusal to one item proves that nothing was done",
        arguments: [
            "ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "CERT_HAS_EXPIRED", "400", "401", "403", "409", "422", "429",
        ])
    func proofs(_ code: String) {
        let slack = node("n8n-nodes-base.slack", "post")
        #expect(verdict(slack, code: code).risk == .none)
        #expect(verdict(slack, code: code, items: 2).risk == .possible)
        #expect(verdict(slack, code: code, items: nil).risk == .possible)
        // An earlier try, or another call of the same item, leaves no trace.
        #expect(verdict(node("n8n-nodes-base.slack", "post", [.onePage, .noFollowUp]), code: code).risk == .possible)
        #expect(verdict(node("n8n-nodes-base.googleSheets", "append"), code: code).risk == .unlikely)
        #expect(verdict(node("n8n-nodes-community.thing", "send"), code: code).risk == .unlikely)
    }

    @Test("an HTTP node that follows redirects is not proven by a refusal, unless it names the address that was called")
    func redirects() {
        #expect(verdict(http("POST"), code: "429").risk == .unlikely)
        #expect(verdict(http("POST", RepeatRiskTests.plain.union([.noRedirects])), code: "429").risk == .none)
        #expect(verdict(http("POST", [.triesOnce, .fixedMethod, .noFollowUp]), code: "429").risk == .possible)
        for (target, message, risk) in [
            ("10.0.0.1:9/x", "connect ECONNREFUSED 10.0.0.1:9", .none),
            ("10.0.0.1/x", "connect ECONNREFUSED 10.0.0.1:443", .none),
            ("10.0.0.1:8/x", "connect ECONNREFUSED 10.0.0.1:9", .unlikely),
            ("a.example/x", "getaddrinfo ENOTFOUND a.example", .none),
            ("a.example/x", "getaddrinfo ENOTFOUND b.example", .unlikely),
        ] as [(String, String, RepeatRisk)] {
            var node = http("POST")
            node.target = target
            #expect(verdict(node, messages: [message]).risk == risk, "\(target) \(message)")
        }
    }

    @Test(
        "after these errors the deed may have been done",
        arguments: [
            "302", "408", "460", "499", "500", "502", "503", "504", "520", "530", "ETIMEDOUT", "ECONNABORTED",
            "ECONNRESET", "EPIPE",
        ])
    func noProof(_ code: String) {
        #expect(verdict(http("POST"), code: code).risk == .possible)
        #expect(verdict(node("n8n-nodes-base.slack", "post"), code: code).risk == .possible)
    }

    @Test("the error's own words can prove it too, where they are the whole of what it says")
    func provenByWords() {
        let send = node("n8n-nodes-base.telegram", "sendMessage")
        #expect(verdict(send, messages: ["connect EHOSTUNREACH 10.0.0.1:443"]).risk == .none)
        #expect(verdict(send, messages: ["429 - {\"ok\":false}"]).risk == .none)
        #expect(
            verdict(send, message: "Credential with ID \"1\" does not exist for type \"t\".", messages: []).risk
                == .none)
        #expect(verdict(send, messages: ["read EHOSTUNREACH"]).risk == .possible)
        #expect(verdict(send, messages: ["502 - proxy: connect ECONNREFUSED 10.0.0.1:80"]).risk == .possible)
        #expect(verdict(send, messages: ["530 - down"]).risk == .possible)
    }

    @Test("what a database refuses of one statement is rolled back")
    func databases() {
        let refusal = "duplicate key value violates unique constraint \"orders_pkey\""
        let postgres = "n8n-nodes-base.postgres"
        #expect(verdict(node(postgres, "insert"), message: refusal).risk == .none)
        let plain = RepeatRiskTests.plain
        let query = node(postgres, "executeQuery", plain.union([.oneStatement]))
        #expect(verdict(query, message: refusal).risk == .none)
        #expect(verdict(query, items: 3, message: refusal).risk == .possible)
        #expect(verdict(query, message: "Connection terminated unexpectedly").risk == .possible)
        #expect(verdict(node(postgres, "executeQuery"), message: refusal).risk == .possible)
        let batch = node(postgres, "executeQuery", plain.union([.oneTransaction]))
        #expect(verdict(batch, items: 3, message: refusal).risk == .unlikely)
        let reading = node(postgres, "executeQuery", [.readingStatement])
        #expect(verdict(reading, items: 9, message: "Connection terminated unexpectedly").risk == .none)
    }

    @Test("a node of many steps is not proven by the error of one of them")
    func composite() {
        for type in ["n8n-nodes-base.executeWorkflow", "@n8n/n8n-nodes-langchain.agent", "n8n-nodes-base.code"] {
            let verdict = verdict(node(type), code: "429")
            #expect(verdict.risk == .possible && verdict.mayHaveBeenDone == nil)
        }
    }

    @Test("an error of a model says nothing of what its tools have done")
    func toolsOfModels() {
        let mail = NodeEvidence(name: "Mail", type: "n8n-nodes-base.gmailTool", operation: "send", resource: "message")
        for name in ["openAi", "googleGemini", "anthropic", "ollama"] {
            let model = node("@n8n/n8n-nodes-langchain.\(name)", "message")
            for code in ["429", "ECONNREFUSED", "CERT_HAS_EXPIRED"] {
                #expect(verdict(model, code: code, tools: [mail]).risk == .possible, "\(name) \(code)")
                #expect(verdict(model, code: code, tools: nil).risk == .possible, "\(name) \(code)")
                #expect(verdict(model, code: code, tools: []).risk == .none, "\(name) \(code)")
            }
        }
    }

    @Test("where the deed is the first of several calls, the refusal of a later one proves nothing")
    func deedFirst() {
        let plain = RepeatRiskTests.plain
        #expect(verdict(node("n8n-nodes-base.github", "dispatchAndWait", plain), code: "429").risk == .possible)
        #expect(verdict(node("n8n-nodes-base.googleBigQuery", "executeQuery", plain), code: "403").risk == .possible)
        #expect(verdict(node("n8n-nodes-base.microsoftOutlook", "reply", plain), code: "429").risk == .unlikely)
        var ticket = node("n8n-nodes-base.hubspot", "create", plain)
        ticket.resource = "ticket"
        #expect(verdict(ticket, code: "429").risk == .unlikely, "its associations are a call of their own")
        for (type, operation) in [("googleDrive", "update"), ("discord", "roleAdd"), ("discord", "roleRemove")] {
            #expect(verdict(node("n8n-nodes-base.\(type)", operation, plain), code: "403").risk == .unlikely)
        }
        for (type, operation) in [
            ("cortex", "execute"), ("theHive", "executeResponder"), ("splunk", "create"), ("egoi", "update"),
            ("airtop", "create"), ("dropcontact", "enrich"), ("mongoDb", "aggregate"),
        ] {
            #expect(verdict(node("n8n-nodes-base." + type, operation), code: "429").risk == .possible, "\(type)")
            #expect(
                verdict(node("n8n-nodes-base." + type, operation), message: "E11000 duplicate key").risk == .possible)
        }
    }

    @Test("a node that is asked for more calls after its deed is proven by nothing but what n8n refuses itself")
    func followUps() {
        let asking = node("n8n-nodes-base.helpScout", "create", [.onePage, .triesOnce, .fixedMethod])
        #expect(verdict(asking, code: "404").risk == .possible)
        #expect(verdict(asking, code: "ECONNREFUSED").risk == .possible)
        #expect(verdict(asking, message: "Node does not have any credentials set").risk == .none)
        let counter = node("n8n-nodes-base.redis", "incr", [.onePage, .triesOnce])
        #expect(verdict(counter, message: "ERR value is not an integer or out of range").risk == .possible)
    }

    @Test("a parameter that is worked out for a second page comes after the deed of the first")
    func pages() {
        let once = http("POST", [.triesOnce, .fixedMethod, .noFollowUp, .onePage])
        let paged = http("POST", [.triesOnce, .fixedMethod, .noFollowUp])
        #expect(verdict(once, message: "Invalid URL").risk == .none)
        #expect(verdict(paged, message: "Invalid URL").risk == .possible)
        #expect(verdict(paged, message: "Referenced node doesn't exist").risk == .possible)
    }

    @Test("a run that had gone on past the node on its stack may have done all that comes behind it")
    func ranPast() {
        func verdict(_ status: ExecutionStatus, _ ranPast: Bool) -> RepeatRiskVerdict {
            let node = node("n8n-nodes-base.wait")
            let detail = ExecutionDetail(
                status: status, lastNode: node, itemsToRepeat: 1, finishedNodes: 2, resumesAtNode: true,
                startNode: node,
                ranPastStack: ranPast)
            return judge.judge(status: status, detail: detail)
        }
        for status in [ExecutionStatus.crashed, .canceled] {
            #expect(verdict(status, true).risk == .possible && verdict(status, true).ruleID == "ran-past")
            #expect(verdict(status, true).start == .node("Node", items: 1))
            #expect(verdict(status, true).mayHaveBeenDone == nil)
            #expect(verdict(status, false).risk == .none)
        }
    }

    @Test("a script changes nothing only where its source shows no call, whatever its error")
    func script() {
        #expect(verdict(node("n8n-nodes-base.code", nil, [.pureScript]), code: "503", items: 9).risk == .none)
        #expect(verdict(node("n8n-nodes-base.code"), items: 1).risk == .possible)
    }

    @Test("an agent changes nothing as long as no tool that writes has run, and that is known")
    func agents() {
        let agent = node("@n8n/n8n-nodes-langchain.agent", nil, [.subRunsStored])
        let get = NodeEvidence(
            name: "Look", type: "n8n-nodes-base.httpRequestTool", method: "GET", assurances: [.fixedMethod])
        var post = get
        post.method = "POST"
        #expect(verdict(agent, code: "503", items: 3, tools: []).risk == .none)
        #expect(verdict(agent, code: "503", tools: [get]).risk == .none)
        #expect(verdict(agent, code: "503", tools: [get, post]).risk == .possible)
        #expect(verdict(agent, code: "503", tools: nil).risk == .possible)
        #expect(verdict(node("@n8n/n8n-nodes-langchain.agent"), tools: []).risk == .possible)
        #expect(verdict(agent, status: .canceled, tools: []).risk == .possible)
        #expect(verdict(agent, status: .crashed, tools: []).risk == .possible)
    }

    @Test(
        "an error of n8n's own platform is no word of the node's: the run was cut off anywhere, as by a crash",
        arguments: [
            "This execution failed to be processed too many times and will no longer retry. To allow this execution to complete",
            "job stalled more than maxStalledCount", "Missing lock for job 12. moveToFinished",
            "Missing key for job 12. moveToFinished", "Reached the max retries per request limit (which is 20).",
            "terminating connection due to administrator command",
            "Client has encountered a connection error and is not queryable",
        ])
    func platform(message: String) {
        let agent = node("@n8n/n8n-nodes-langchain.agent", nil, [.subRunsStored])
        #expect(verdict(agent, tools: []).risk == .none)
        #expect(verdict(agent, message: message, tools: []).risk == .possible)
        #expect(verdict(agent, messages: ["x", message], tools: []).risk == .possible)
        // A code that proves something of a call is not about the last one then.
        #expect(verdict(http("POST"), code: "429").risk != .possible)
        let cut = verdict(http("POST"), code: "429", message: message)
        #expect(cut.risk == .possible && cut.ruleID == "crashed-in-node")
        #expect(verdict(http("GET"), message: message).risk == .none)
        #expect(verdict(http("POST"), finished: 0, resumes: nil, message: message).risk == .restart)
        #expect(verdict(http("POST"), resumes: false, message: message).risk == .restart)
    }

    @Test("a crash without saved progress does everything again; with it, only the node")
    func crashes() {
        #expect(verdict(http("GET"), status: .crashed, resumes: false).risk == .restart)
        #expect(verdict(http("GET"), status: .crashed, resumes: false).start == .trigger)
        #expect(verdict(nil, items: nil, status: .crashed, finished: 0, resumes: nil).risk == .restart)
        #expect(verdict(http("POST"), code: "503", status: .crashed).risk == .possible)
        #expect(verdict(http("GET"), status: .crashed, resumes: nil).risk == .unknown)
    }

    @Test("an interrupted run may have done what was under way, or everything where nothing was saved")
    func interruptions() {
        #expect(verdict(http("POST"), status: .canceled).risk == .possible)
        #expect(verdict(http("GET"), status: .canceled).risk == .none)
        #expect(verdict(http("GET"), status: .canceled, resumes: false).risk == .restart)
        #expect(verdict(http("GET"), status: .canceled, resumes: nil).risk == .unknown)
        #expect(verdict(http("GET"), status: .canceled, finished: 0).risk == .restart)
        #expect(verdict(http("GET"), status: .canceled, finished: nil).risk == .unknown)
    }

    @Test("what cannot be read is unknown")
    func unreadable() {
        #expect(verdict(http("GET"), readability: .unreadable("500")).risk == .unknown)
        #expect(verdict(http("GET"), readability: .oversized).risk == .unknown)
        #expect(verdict(nil).risk == .unknown)
        #expect(verdict(http("GET"), items: nil, resumes: nil).risk == .unknown)
        let stale = ExecutionDetail(status: .running, lastNode: http("GET"), itemsToRepeat: 1, resumesAtNode: true)
        #expect(judge.judge(status: .error, detail: stale).risk == .unknown)
    }

    @Test("rules are switched off by their id")
    func off() {
        let judge = RepeatRiskJudge(table: RepeatRiskTable.builtIn.without(["http-read"]))
        let detail = ExecutionDetail(lastNode: http("GET"), itemsToRepeat: 1, resumesAtNode: true)
        #expect(judge.judge(status: .error, detail: detail).risk == .possible)
    }
}
