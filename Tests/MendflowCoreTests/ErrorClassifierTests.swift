import MendflowCore
import Testing

@Suite("Error classes")
struct ErrorClassifierTests {
    private let classifier: ErrorClassifier

    init() throws { classifier = ErrorClassifier(rules: try SwiftPattern.builtIn.get()) }

    private func classify(
        _ error: ErrorEvidence?, status: ExecutionStatus = .error, nodeType: String? = nil,
        readability: ExecutionDetail.Readability = .readable, by classifier: ErrorClassifier? = nil
    ) -> Fact<Classification> {
        let node = nodeType.map { NodeEvidence(name: "Node", type: $0) }
        return (classifier ?? self.classifier).classify(
            status: status,
            detail: ExecutionDetail(readability: readability, status: status, error: error, lastNode: node))
    }

    private static let recorded: [String: (ErrorClass, String)] = [
        "history.post-invoice.422": (.data, "http-422"),
        "history.upsert-contact.ECONNABORTED": (.timeout, "econnaborted"),
        "history.send-message.429": (.rateLimit, "rate-limit"),
        "history.load-warehouse.ECONNABORTED": (.timeout, "econnaborted"),
        "history.ask-model.429": (.rateLimit, "rate-limit"),
        "history.post-order.ECONNRESET": (.transient, "econnreset"),
        "history.upsert-contact.503": (.transient, "http-503"),
        "history.prepare.none": (.data, "thrown"),
        "history.upsert-contact.502": (.transient, "http-502"),
        "history.post-order.502": (.transient, "http-502"),
        "history.append-row.401": (.auth, "token"),
        "history.post-invoice.503": (.transient, "http-503"),
        "history.post-order.503": (.transient, "http-503"),
        "history.load-warehouse.503": (.transient, "http-503"),
        "2.41.1.get.data.flaky": (.transient, "http-503"),
        "2.41.1.get.data.rate": (.rateLimit, "rate-limit"),
        "2.41.1.get.data.refused": (.transient, "econnrefused"),
        "2.41.1.get.data.reset": (.transient, "econnreset"),
        "2.41.1.get.data.slow": (.timeout, "econnaborted"),
        "2.41.1.get.data.auth": (.auth, "http-401"),
        "2.41.1.get.data.notfound": (.data, "http-404"),
        "2.41.1.get.data.dns": (.configuration, "enotfound"),
        "2.41.1.get.data.code": (.data, "thrown"),
        "2.41.1.get.data.throw": (.data, "thrown"),
        "2.41.1.get.data.stop": (.deliberate, "stop-and-error"),
        "2.41.1.get.data.expr": (.data, "expression"),
        "2.41.1.get.data.timeout": (.canceledByUser, "canceled-or-timed-out"),
        "2.41.1.get.data.nosave": (.transient, "http-500"),
        "2.41.1.get.after-stop.later": (.canceledByUser, "canceled-manually"),
        "2.41.1.get.wait.stopped": (.canceledByUser, "canceled-manually"),
        "2.41.1.edited.retry.snapshot": (.transient, "http-500"),
        "2.41.1.sub.parent.data": (.transient, "http-503"),
        "2.41.1.sub.child.data": (.transient, "http-503"),
        "2.41.1.errorwf.retry": (.transient, "http-503"),
        "2.41.1.custom.get": (.data, "thrown"),
        "2.41.1.w70.get": (.transient, "http-503"),
        "2.41.1.crash.get": (.crash, "workflow-crashed"),
        "2.41.1.crash.get.2": (.crash, "workflow-crashed"),
        "2.41.1.batch.get": (.transient, "http-503"),
        "2.35.7.get.data.code": (.data, "thrown"),
        "2.35.7.get.data.throw": (.data, "thrown"),
        "2.35.7.custom.get": (.data, "thrown"),
    ]

    @Test("every recorded failure gets its class and rule")
    func recordedFailures() throws {
        let failures = try RecordedFailure.all()
        #expect(Set(failures.filter { !$0.redacted }.map(\.case)) == Set(Self.recorded.keys))
        for failure in failures where !failure.redacted {
            let expected = try #require(Self.recorded[failure.case])
            let status = ExecutionStatus(api: failure.status)
            #expect(
                classifier.classify(status: status, detail: failure.detail)
                    == .known(Classification(expected.0, ruleID: expected.1)), "\(failure.case)")
        }
    }

    @Test(
        "each rule knows its own example, in any of the places where a text may stand", arguments: ErrorStage.allCases)
    func examples(_ stage: ErrorStage) {
        for rule in stage.rules {
            let wanted = Fact.known(Classification(rule.errorClass, ruleID: rule.id))
            let failure = rule.exampleFailure
            #expect(classifier.classify(status: failure.status, detail: failure) == wanted, "\(rule.id): \(failure)")
            guard let error = failure.error, let text = error.message else { continue }
            for place in [\ErrorEvidence.messages, \.details] {
                var elsewhere = failure
                elsewhere.error?.message = nil
                elsewhere.error?[keyPath: place] = ["first", text]
                #expect(classifier.classify(status: failure.status, detail: elsewhere) == wanted, "\(rule.id)")
            }
            #expect(!rule.source.isEmpty, "\(rule.id) says where its fact is from")
        }
    }

    @Test(
        "words that say more than a code lift whatever code they come with",
        arguments: [
            ("Rate limit reached on requests per min (RPM): Limit 3. Please try again in 20s.", ErrorClass.rateLimit),
            ("User Rate Limit Exceeded", .rateLimit), ("ThrottlingException: Rate exceeded", .rateLimit),
            ("You have reached your daily limit.", .quota), ("storageQuotaExceeded", .quota),
            ("MONTHLY_ENCODE_LIMIT_REACHED", .quota),
            ("Forbidden: bot was blocked by the user", .data), ("Your credit balance is too low", .quota),
            ("Maximum credits exceeded", .quota),
            ("UNABLE_TO_LOCK_ROW", .transient), ("duplicate key value violates unique constraint", .conflict),
            ("The email has already been taken.", .conflict), ("invalid_grant", .auth),
        ])
    func qualifiers(_ text: String, _ wanted: ErrorClass) {
        for code in ["400", "401", "403", "409", "422", "429", "500", "503"] {
            guard case .known(let found) = classify(ErrorEvidence(description: text, httpCode: code)) else {
                Issue.record("\(text) with \(code) is not known")
                continue
            }
            #expect(found.errorClass == wanted, "\(text) with \(code): \(found)")
        }
    }

    @Test(
        "what was misjudged once",
        arguments: [
            ("slack", "429", "API call limit exceeded for the day", "daily-quota"),
            (
                "linkedIn", "429", "Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls is reached.",
                "daily-quota"
            ),
            ("agent", "429", "You are using a Trial key, which is limited to 1000 API calls / month.", "daily-quota"),
            (
                "elasticsearch", "429",
                "blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only block];",
                "disk-full"
            ),
            ("notion", "409", "Conflict occurred while saving. Please try again.", "try-again"),
            ("redis", nil, "OOM command not allowed when used memory > 'maxmemory'.", "database-full"),
            ("redis", nil, "CROSSSLOT Keys in request don't hash to the same slot", "sql-definition"),
            ("emailSend", nil, "Connection closed", "mail-closed"),
            ("rabbitmq", nil, "Unexpected close", "broker-unavailable"),
            ("mongoDb", nil, "connection 3 to 10.0.0.4:27017 closed", "database-unavailable"),
            ("mongoDb", nil, "you are over your space quota, using 514 MB of 512 MB", "quota"),
            ("postgres", nil, "The endpoint has been disabled. Enable it using Neon API and retry.", "sql-definition"),
            ("postgres", nil, "query_wait_timeout", "too-many-clients"),
            ("ssh", nil, "Handshake failed: no matching key exchange algorithm", "ssh-algorithms"),
            ("kafka", nil, "The request included a message larger than the max message size", "broker-message"),
            ("kafka", nil, "This server is not the leader for that topic-partition", "broker-unavailable"),
            ("whatsApp", "400", "(#131042) Business eligibility payment issue", "billing"),
            ("set", nil, "Maximum call stack size exceeded", "script-error"),
            ("code", nil, "Maximum call stack size exceeded [line 1]", "thrown"),
            ("notion", "422", "no", "http-422"), ("notion", "501", "no", "http-501"),
        ] as [(String, String?, String, String)])
    func misjudged(_ node: String, _ code: String?, _ text: String, _ rule: String) {
        let error = ErrorEvidence(message: text, httpCode: code)
        guard case .known(let found) = classify(error, nodeType: "n8n-nodes-base." + node) else {
            Issue.record("\(text) is not known")
            return
        }
        #expect(found.ruleID == rule, "\(text): \(found)")
    }

    @Test(
        "what n8n's own queue and database say is infra, whatever node was under way",
        arguments: [
            (
                "This execution failed to be processed too many times and will no longer retry. To allow this execution to "
                    + "complete, please break down your workflow or scale up your workers or adjust your worker settings.",
                "stalled-job"
            ),
            ("job stalled more than allowable limit", "stalled-job"),
            ("Missing lock for job 1204. moveToFinished", "queue-job"),
            ("Missing key for job 1204. moveToFinished", "queue-job"),
            (
                "Reached the max retries per request limit (which is 20). Refer to \"maxRetriesPerRequest\" option for "
                    + "details.", "queue-connection"
            ),
            ("terminating connection due to administrator command", "own-database-connection"),
            ("Client has encountered a connection error and is not queryable", "own-database-connection"),
        ])
    func platform(message: String, rule: String) {
        for type in [nil, "n8n-nodes-base.httpRequest", "n8n-nodes-base.redis"] {
            for status in [ExecutionStatus.error, .crashed] {
                let detail = ExecutionDetail(
                    status: status, error: ErrorEvidence(name: "Error", message: message),
                    lastNode: type.map { NodeEvidence(name: "Node", type: $0) })
                #expect(
                    classifier.classify(status: status, detail: detail)
                        == .known(Classification(.infra, ruleID: rule)), "\(type ?? "no node")")
            }
        }
    }

    @Test(
        "what a database of the workflow's says of its connections is transient, as its nodes tell it",
        arguments: [
            "n8n-nodes-base.postgres", "n8n-nodes-base.postgresTool", "n8n-nodes-base.timescaleDb",
            "@n8n/n8n-nodes-langchain.memoryPostgresChat", "@n8n/n8n-nodes-langchain.vectorStorePGVector",
        ])
    func workflowsDatabase(type: String) {
        for message in [
            "terminating connection due to administrator command",
            "Client has encountered a connection error and is not queryable",
        ] {
            let detail = ExecutionDetail(
                status: .error, error: ErrorEvidence(name: "NodeOperationError", message: message),
                lastNode: NodeEvidence(name: "Node", type: type))
            #expect(
                classifier.classify(status: .error, detail: detail)
                    == .known(Classification(.transient, ruleID: "database-unavailable")))
        }
    }

    @Test(
        "a status is found wherever it stands, and a number that is none is not",
        arguments: [
            ("503 - {}", "503"), ("429 Rate limit reached", "429"), ("400 {\"type\":\"error\"}", "400"),
            ("Request failed with status code 404", "404"), ("[503 Service Unavailable] overloaded", "503"),
            ("AWS error response [400]: The conditional request failed", "400"),
            ("API error occurred: Status 429\nBody", "429"),
            ("HTTP/1.1 502 Bad Gateway", "502"), ("{\"statusCode\":422}", "422"),
            ("Response code 404 (Not Found)", "404"),
            ("550 5.1.1 user unknown", nil), ("Order 503 exceeds the limit", nil), ("exit code 4031", nil),
            ("barcode 404", nil), ("took 503 ms", nil), ("502", nil),
        ])
    func statuses(_ text: String, _ status: String?) {
        #expect(ErrorEvidence(message: text).answeredStatus == status)
        #expect(ErrorEvidence(message: text, httpCode: "418").answeredStatus == "418")
    }

    @Test("a script's own words are data, what its calls met is not")
    func scripts() {
        let code = "n8n-nodes-base.code"
        func found(_ text: String) -> ErrorClass? {
            guard case .known(let found) = classify(ErrorEvidence(message: text), nodeType: code) else { return nil }
            return found.errorClass
        }
        #expect(found("Order 503 exceeds the rate limit of the customer [line 1]") == .data)
        #expect(found("Upstream said: rate_limited, retry in 30 seconds [line 1]") == .data)
        #expect(found("monthly quota used up") == .data)
        #expect(found("Request failed with status code 503") == .transient)
        #expect(found("connect ECONNREFUSED 127.0.0.1:9") == .transient)
        #expect(found("Task request timed out after 60 seconds") == .infra)
    }

    @Test("names such as TypeError weigh nothing beside a network's words or codes")
    func weakNames() {
        let fetch = ErrorEvidence(name: "TypeError", message: "fetch failed", codes: ["ECONNREFUSED"])
        #expect(classify(fetch) == .known(Classification(.transient, ruleID: "econnrefused")))
        #expect(
            classify(ErrorEvidence(name: "TypeError", message: "fetch failed"))
                == .known(Classification(.transient, ruleID: "fetch-failed")))
        #expect(
            classify(ErrorEvidence(name: "TypeError", message: "x"))
                == .known(Classification(.data, ruleID: "script-error")))
    }

    @Test("a run that reached its workflow's time limit timed out, whatever else is said of it but a person's stop")
    func timeLimit() {
        func found(_ error: ErrorEvidence?, _ reached: Bool?) -> Fact<Classification> {
            classifier.classify(
                status: .canceled, detail: ExecutionDetail(status: .canceled, error: error, reachedTimeLimit: reached))
        }
        let timeout = Fact.known(Classification(.timeout, ruleID: "run-time-limit"))
        #expect(found(nil, true) == timeout)
        #expect(found(ErrorEvidence(message: "Task cancelled: Task cancelled by user"), true) == timeout)
        #expect(found(ErrorEvidence(message: "This operation was aborted"), true) == timeout)
        let stopped = ErrorEvidence(
            name: "ManualExecutionCancelledError", message: "The execution was cancelled manually")
        #expect(found(stopped, true) == .known(Classification(.canceledByUser, ruleID: "canceled-manually")))
        #expect(found(nil, false) == .known(Classification(.canceledByUser, ruleID: "canceled-short-of-limit")))
        #expect(found(nil, nil) == .known(Classification(.timeout, ruleID: "canceled-without-error")))
    }

    @Test("a user's rule can look at every part of an error")
    func parts() throws {
        let error = ErrorEvidence(
            name: "X", message: "m", description: "d", httpCode: nil, cause: nil, messages: ["503 - busy"],
            codes: ["E42"], answerCodes: ["30003"], details: ["reason: locked"])
        func isMatched(_ rule: ErrorRule) -> Bool { rule.matches(ExecutionDetail(error: error)) }
        #expect(isMatched(ErrorRule(id: "r", .data, httpCodes: [.glob("5??")])))
        #expect(isMatched(ErrorRule(id: "r", .data, codes: [.wildcard("E4*")])))
        #expect(!isMatched(ErrorRule(id: "r", .data, codes: [.wildcard("503")])))
        #expect(isMatched(ErrorRule(id: "r", .data, codes: [.wildcard("30003")])))
        #expect(!isMatched(ErrorRule(id: "r", .data, httpCodes: [.wildcard("30003")])))
        for word in ["busy", "locked"] { #expect(isMatched(ErrorRule(id: "r", .data, text: .contains(word)))) }
    }

    @Test("words that say more than the code win over the code")
    func overrides() {
        let quota = ErrorEvidence(httpCode: "429", messages: ["429 - {\"code\":\"insufficient_quota\"}"])
        #expect(classify(quota) == .known(Classification(.quota, ruleID: "insufficient-quota")))
        let throttled = ErrorEvidence(description: "userRateLimitExceeded", httpCode: "403")
        #expect(classify(throttled) == .known(Classification(.rateLimit, ruleID: "rate-limit")))
        let written = ErrorEvidence(
            description: "duplicate key value violates unique constraint \"x\"", httpCode: "500")
        #expect(classify(written) == .known(Classification(.conflict, ruleID: "duplicate-key")))
        let daily = ErrorEvidence(message: "Rate limit reached for model x on tokens per day, try again in 33m57s")
        #expect(classify(daily) == .known(Classification(.quota, ruleID: "daily-quota")))
    }

    @Test("a Stop And Error node is deliberate whatever its author wrote, unless n8n itself tells the cause")
    func stopAndError() {
        let type = "n8n-nodes-base.stopAndError"
        let error = ErrorEvidence(name: "NodeOperationError", message: "socket hang up", httpCode: "503")
        #expect(classify(error, nodeType: type) == .known(Classification(.deliberate, ruleID: "stop-and-error")))
        let caused = ErrorEvidence(cause: "rate-limited")
        #expect(classify(caused, nodeType: type) == .known(Classification(.rateLimit, ruleID: "cause-rate-limited")))
    }

    @Test("a crash is a crash with and without an error")
    func crashes() {
        #expect(
            classify(nil, status: .crashed) == .known(Classification(.crash, ruleID: "crashed-without-error")))
        #expect(
            classify(ErrorEvidence(message: "gone"), status: .crashed)
                == .known(Classification(.crash, ruleID: "crashed")))
    }

    @Test("what is not failed has no class, what cannot be read has none either, what no rule knows is unknown")
    func threeValues() {
        for status in [ExecutionStatus.running, .waiting, .queued, .success, .unknown] {
            #expect(classify(ErrorEvidence(httpCode: "503"), status: status) == .absent)
        }
        #expect(classify(nil, readability: .redacted) == .unknown)
        #expect(classify(nil, status: .crashed, readability: .unreadable("500")) == .unknown)
        #expect(classify(ErrorEvidence(name: "NodeApiError"), readability: .redacted) == .unknown)
        #expect(classify(nil) == .unknown)
        #expect(classify(ErrorEvidence(message: "customer 42 has no address")) == .known(.unmatched))
    }

    @Test("data of an older status is no evidence for the present one")
    func staleData() {
        let detail = ExecutionDetail(status: .running, error: ErrorEvidence(httpCode: "503"))
        #expect(classifier.classify(status: .error, detail: detail) == .unknown)
    }

    @Test("users' rules come first, and a built-in rule can be switched off in all its forms")
    func usersRules() throws {
        let own = ErrorRule(
            id: "sap-locked", .transient, httpCodes: [.wildcard("422")], nodeTypes: [.wildcard("*.httpRequest")],
            text: .contains("locked by user"))
        let classifier = ErrorClassifier(
            rules: try ErrorRuleTable.rules(
                user: [own], off: ["http-429", "rate-limit"], compile: SwiftPattern.compile))
        let locked = ErrorEvidence(description: "order locked by user X", httpCode: "422")
        let type = "n8n-nodes-base.httpRequest"
        #expect(
            classify(locked, nodeType: type, by: classifier)
                == .known(Classification(.transient, ruleID: "sap-locked")))
        #expect(classify(locked, by: classifier) == .known(Classification(.data, ruleID: "http-422")))
        #expect(
            classify(ErrorEvidence(httpCode: "429"), by: classifier)
                == .known(Classification(.data, ruleID: "http-4xx")))
        #expect(
            classify(ErrorEvidence(message: "The service is receiving too many requests from you"), by: classifier)
                == .known(.unmatched))
    }

    @Test("a rule that names nothing matches nothing")
    func emptyRule() {
        let classifier = ErrorClassifier(rules: [ErrorRule(id: "all", .transient)])
        #expect(classify(ErrorEvidence(message: "x"), by: classifier) == .known(.unmatched))
    }

    @Test("a pattern that does not compile is the compiler's error")
    func badPattern() {
        let spec = ErrorRuleSpec(id: "bad", .data, words: ["("], example: "x", source: "x")
        #expect(throws: (any Error).self) { try spec.compiled(SwiftPattern.compile) }
    }
}
