import MendflowCore
import Testing

@Suite("Repeat risk")
struct RepeatRiskTests {
    private let judge = RepeatRiskJudge()

    private func verdict(
        _ node: NodeEvidence?, code: String? = nil, items: Int? = 1, status: ExecutionStatus = .error,
        finished: Int? = 2, resumes: Bool? = true, errorClass: ErrorClass? = nil,
        readability: ExecutionDetail.Readability = .readable, messages: [String] = []
    ) -> RepeatRiskVerdict {
        let error = ErrorEvidence(name: "NodeApiError", httpCode: code, messages: messages)
        let detail = ExecutionDetail(
            readability: readability, status: status, error: error, lastNode: node, itemsToRepeat: items,
            finishedNodes: finished, resumesAtNode: resumes)
        return judge.judge(status: status, detail: detail, errorClass: errorClass)
    }
    private func http(_ method: String?) -> NodeEvidence {
        NodeEvidence(name: "Call", type: "n8n-nodes-base.httpRequest", method: method, target: "shop.example/charge")
    }
    private func node(_ type: String, _ operation: String? = nil) -> NodeEvidence {
        NodeEvidence(name: "Node", type: type, operation: operation)
    }

    @Test("recorded failures are judged as a person would")
    func recorded() throws {
        let expected: [String: (RepeatRisk, String)] = [
            "history.post-invoice.422": (.none, "http-4xx"),
            "history.upsert-contact.ECONNABORTED": (.possible, "may-be-done"),
            "history.send-message.429": (.none, "http-429"),
            "history.post-order.ECONNRESET": (.possible, "may-be-done"),
            "history.upsert-contact.502": (.possible, "may-be-done"),
            "history.upsert-contact.503": (.none, "http-503"),
            "history.prepare.none": (.none, "script"),
            "2.41.1.get.data.flaky": (.none, "http-read"),
            "2.41.1.get.data.timeout": (.possible, "interrupted"),
            "2.41.1.get.redacted": (.none, "http-read"),
            "2.41.1.get.after-stop.later": (.possible, "interrupted"),
            "2.41.1.sub.parent.data": (.possible, "may-be-done"),
            "2.41.1.crash.get": (.restart, "crash-unsaved"),
            "2.41.1.crash.get.2": (.none, "http-read"),
            "2.41.1.batch.get": (.possible, "several-items"),
        ]
        var seen = 0
        for failure in try RecordedFailure.all() {
            guard let wanted = expected[failure.case] else { continue }
            seen += 1
            let verdict = judge.judge(
                status: ExecutionStatus(api: failure.status), detail: failure.detail, errorClass: nil)
            #expect(verdict.risk == wanted.0 && verdict.ruleID == wanted.1, "\(failure.case): \(verdict)")
        }
        #expect(seen == expected.count)
    }

    @Test("a batch into a POST says how many may have been done, in words")
    func words() throws {
        let batch = try #require(try RecordedFailure.all().first { $0.case == "2.41.1.batch.get" })
        let verdict = judge.judge(status: .error, detail: batch.detail, errorClass: .transient)
        #expect(verdict.words == "feeds 5 items into POST 127.0.0.1:9915/charge again; up to 4 may have been done")
        #expect(verdict.mayHaveBeenDone == 4)
        #expect(verdict.start == .node("Charge card", items: 5))
        #expect(self.verdict(http("POST"), code: "ECONNRESET", items: 5).mayHaveBeenDone == 5)
        #expect(
            self.verdict(node("n8n-nodes-base.slack", "post"), code: "500").words
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

    @Test("an application's failed GET is no proof, for a POST may have gone before it")
    func applicationGet() {
        let node = NodeEvidence(name: "Append", type: "n8n-nodes-base.googleSheets", operation: "append", method: "GET")
        #expect(verdict(node, code: "500", items: 3).risk == .possible)
    }

    @Test(
        "one item and an error that proves nothing was done is no risk",
        arguments: [
            "ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "CERT_HAS_EXPIRED", "400", "401", "403", "404", "422", "429",
            "503",
        ])
    func proofs(_ code: String) {
        #expect(verdict(http("POST"), code: code).risk == .none)
        #expect(verdict(http("POST"), code: code, items: 2).risk == .possible)
        #expect(verdict(http("POST"), code: code, items: nil).risk == .unknown)
    }

    @Test(
        "after these errors the deed may have been done",
        arguments: [
            "408", "409", "499", "500", "502", "504", "520", "ETIMEDOUT", "ECONNABORTED", "ECONNRESET", "EPIPE",
        ])
    func noProof(_ code: String) {
        #expect(verdict(http("POST"), code: code).risk == .possible)
    }

    @Test("the error's own words can prove it too")
    func provenByWords() {
        #expect(verdict(http("POST"), messages: ["connect EHOSTUNREACH 10.0.0.1:443"]).risk == .none)
        #expect(verdict(http("POST"), messages: ["read EHOSTUNREACH"]).risk == .possible)
    }

    @Test("a node of many steps is not proven by the error of one of them")
    func composite() {
        for type in ["n8n-nodes-base.executeWorkflow", "@n8n/n8n-nodes-langchain.agent"] {
            let verdict = verdict(node(type), code: "503")
            #expect(verdict.risk == .possible && verdict.mayHaveBeenDone == nil)
        }
    }

    @Test("a script computes, unless its error speaks of a call")
    func script() {
        let code = node("n8n-nodes-base.code")
        #expect(verdict(code, items: 9, errorClass: .data).risk == .none)
        #expect(verdict(code, items: 9, errorClass: .unknown).risk == .none)
        #expect(verdict(code, code: "503").risk == .possible)
        #expect(verdict(code, errorClass: .timeout).risk == .possible)
        // What was hidden may have spoken of one.
        #expect(verdict(code, errorClass: .unknown, readability: .redacted).risk == .unknown)
        #expect(verdict(code, code: "503", readability: .redacted).risk == .possible)
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
        #expect(verdict(http("GET"), status: .canceled).risk == .possible)
        #expect(verdict(http("GET"), status: .canceled, resumes: false).start == .interruption)
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
        #expect(judge.judge(status: .error, detail: stale, errorClass: nil).risk == .unknown)
    }

    @Test("users add rules and switch built-in ones off")
    func extended() {
        let reads = ReadOnlyRule(id: "crm-find", nodeTypes: [.wildcard("*.crm")], operations: [.wildcard("find*")])
        let judge = RepeatRiskJudge(table: RepeatRiskTable.builtIn.extended(readOnly: [reads], off: ["http-503"]))
        let detail = ExecutionDetail(
            error: ErrorEvidence(httpCode: "503"), lastNode: node("x.crm", "findByMail"), itemsToRepeat: 4,
            finishedNodes: 1, resumesAtNode: true)
        #expect(judge.judge(status: .error, detail: detail, errorClass: nil).ruleID == "crm-find")
        var posting = detail
        posting.lastNode = http("POST")
        posting.itemsToRepeat = 1
        #expect(judge.judge(status: .error, detail: posting, errorClass: nil).risk == .possible)
    }
}
