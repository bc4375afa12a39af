import MendflowCore
import Testing

@Suite("What an author wrote decides no class and no wait")
struct SpokenTextTests {
    private let classifier: ErrorClassifier

    init() throws { classifier = ErrorClassifier(rules: try SwiftPattern.builtIn.get()) }

    private func found(_ error: ErrorEvidence, node: String = "n8n-nodes-base.notion") -> Classification? {
        let detail = ExecutionDetail(error: error, lastNode: NodeEvidence(name: "Node", type: node))
        guard case .known(let found) = classifier.classify(status: .error, detail: detail) else { return nil }
        return found
    }

    @Test(
        "a failed query that n8n repeats",
        arguments: [
            (
                "postgres", #"syntax error at or near "RETURNIN""#,
                "Failed query: INSERT INTO errors(msg) VALUES ('Too many requests, billing quota') RETURNIN id",
                ErrorClass.configuration
            ),
            (
                "postgres", #"column "deadlock_count" does not exist"#,
                "Failed query: SELECT deadlock_count, retry_after FROM lock_timeout", .configuration
            ),
            (
                "postgres", "Connection terminated unexpectedly",
                "Failed query: INSERT INTO log(msg) VALUES ('invalid_grant: token expired')", .transient
            ),
            (
                "mySql", "Deadlock found when trying to get lock; try restarting transaction",
                "sql: INSERT INTO `orders` VALUES (1) ON DUPLICATE KEY UPDATE n = 2, code: ER_LOCK_DEADLOCK", .transient
            ),
            (
                "mySql", "INSERT, UPDATE command denied to user 'lab'@'localhost' for table `shop`.`orders`",
                "sql: INSERT INTO orders VALUES (1) ON DUPLICATE KEY UPDATE n = 1, code: ER_TABLEACCESS_DENIED_ERROR",
                .auth
            ),
            (
                "mySql", "Data too long for column 'rate_limit' at row 1",
                "sql: INSERT INTO m(rate_limit) VALUES ('429 Too Many Requests'), code: ER_DATA_TOO_LONG", .data
            ),
            (
                "mySql", "Duplicate entry 'quota exceeded' for key 'name'",
                "sql: INSERT INTO t VALUES ('quota exceeded'), code: ER_DUP_ENTRY", .conflict
            ),
            (
                "postgres", #"null value in column "n" violates not-null constraint"#,
                "Failing row contains (1, rate limit exceeded, null).", .data
            ),
        ])
    func queries(_ node: String, _ message: String, _ description: String, _ wanted: ErrorClass) {
        let error = ErrorEvidence(name: "NodeOperationError", message: message, description: description)
        #expect(found(error, node: "n8n-nodes-base." + node)?.errorClass == wanted)
    }

    @Test(
        "a name or a value that a service quotes",
        arguments: [
            "Option 'Rate limit exceeded' does not exist", #"Section "Billing quota exceeded" was not found"#,
            "Rate limit is not a property that exists.", "Select “daily limit” was not found",
            #"Insufficient permissions to create new select option "Duplicate entry""#,
            "Billing was not one of the allowed options: [General inquiry, Payment required, Quota exceeded]",
            "Reason: bad value for restricted picklist field: Credit limit exceeded",
            "This status label doesn't exist, possible statuses are: {0: Throttled, 1: Locked, 2: Done}",
            "woocommerce_rest: Quantity limit exceeded for this product",
        ])
    func quoted(_ text: String) {
        let inJSON = text.replacing("\"", with: "\\\"")
        let twice = inJSON.replacing("\\", with: "\\\\").replacing("\\\\\"", with: "\\\\\\\"")
        let bodies = [
            text, "400 - {\"error\":{\"message\":\"\(inJSON)\"}}", "400 - \"{\\\"message\\\": \\\"\(twice)\\\"}\"",
        ]
        for (code, body) in bodies.flatMap({ body in ["400", "422"].map { ($0, body) } }) {
            #expect(found(ErrorEvidence(httpCode: code, messages: [body]))?.errorClass == .data, "\(code) \(body)")
        }
    }

    @Test(
        "the service's own word counts, in JSON too",
        arguments: [
            #"400 - {"error":"rate_limit_exceeded"}"#, #"400 - "{\"error\": \"rate_limit_exceeded\"}""#,
            "{'error': {'message': 'Rate limit reached'}}", "Rate limit reached for 'orders'",
            #"400 - "Rate limit exceeded""#,
            "You've hit the rate limit, it's shared", "[\"rate limit exceeded\"]",
        ])
    func unquoted(_ text: String) {
        #expect(found(ErrorEvidence(httpCode: "400", messages: [text]))?.errorClass == .rateLimit)
    }

    @Test("with another status the quotation is the service's: a 429 names the limit that was reached")
    func named() {
        let text = "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute per user'"
        #expect(found(ErrorEvidence(description: text, httpCode: "429"))?.errorClass == .rateLimit)
        #expect(found(ErrorEvidence(message: "Sheet with name Daily limit not found"))?.errorClass == .quota)
        let sheet = ErrorEvidence(message: "Sheet with name Daily limit not found")
        #expect(found(sheet, node: "n8n-nodes-base.googleSheets")?.ruleID == "invalid-value")
    }

    @Test("waits are read from what was spoken")
    func waits() {
        let row = ErrorEvidence(description: "Failing row contains (1, please try again in 10 minutes, null).")
        #expect(ToldWait(in: row.spokenTexts(ofNode: nil)) == ToldWait(in: []))
        let key = ErrorEvidence(description: "Key (k)=(retry after 3600) already exists.")
        #expect(ToldWait(in: key.spokenTexts(ofNode: nil)) == ToldWait(in: []))
        let option = ErrorEvidence(description: "Option \"Please try again in 5 minutes\" not valid.", httpCode: "400")
        #expect(ToldWait(in: option.spokenTexts(ofNode: nil)) == ToldWait(in: []))
        let told = ErrorEvidence(description: "Please try again in 5 minutes", httpCode: "400")
        #expect(ToldWait(in: told.spokenTexts(ofNode: nil)).period == .minutes(5))
    }

    @Test("a user's rule sees all that stands there, the query too")
    func usersRules() throws {
        let rule = ErrorRule(id: "orders", .conflict, text: .contains("INSERT INTO orders"))
        let classifier = ErrorClassifier(rules: try ErrorRuleTable.rules(user: [rule], compile: SwiftPattern.compile))
        let detail = ExecutionDetail(error: ErrorEvidence(description: "Failed query: INSERT INTO orders VALUES (1)"))
        #expect(
            classifier.classify(status: .error, detail: detail) == .known(Classification(.conflict, ruleID: "orders")))
    }
}
