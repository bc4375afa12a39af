import MendflowCore
import MendflowPolicy
import MendflowYAML
import Testing

@testable import MendflowOperations

@Suite("What a server cannot do for a policy")
struct ServerRemarkTests {
    static let workflows = [
        WorkflowInfo(id: "w1", name: "Order sync", tags: ["billing"]), WorkflowInfo(id: "w2", name: "Twice"),
        WorkflowInfo(id: "w3", name: "Twice"),
        WorkflowInfo(id: "w4", name: "Quiet", savesSuccesses: false, savesFailures: false),
    ]

    static func test(_ field: Field, _ word: String) -> Condition {
        .test(
            FieldTest(field, [.anyOf([.wildcard(word)])], place: SourcePlace(file: "p.yaml", line: 4, column: 9)))
    }

    func remarks(
        _ conditions: [Condition], _ remediation: Remediation? = nil, tags: [String] = [],
        protections: [Protection] = [], capabilities: ServerCapabilities = ServerCapabilities(hidesQueued: false)
    ) -> [ServerRemark] {
        let policy = Policy(
            name: "p", mode: .enforce, match: .all(conditions), remediation: remediation, tags: tags,
            place: SourcePlace(file: "p.yaml", line: 2, column: 5))
        let set = PolicySet(
            policies: [policy], instance: "production", protections: protections, tagIDs: ["needs-human": "4"],
            tables: JudgementTables(classifier: ErrorClassifier(rules: []), risks: RepeatRiskJudge()))
        return ServerRemarks(
            set: set, capabilities: capabilities, workflows: Self.workflows, learnedTags: ["seen"], gapBudget: 50
        ).all()
    }

    @Test("a workflow's name that nobody bears is told with the nearest one, at its place")
    func unknownName() throws {
        let found = try #require(remarks([Self.test(.workflowName, "Order snyc")]).first)
        #expect(found.matter.id == "unknown-workflow" && found.suggestion == "Order sync")
        #expect(found.place == SourcePlace(file: "p.yaml", line: 4, column: 9))
        #expect(found.finding.severity == .warning && found.finding.line == 4)
        #expect(remarks([Self.test(.workflowName, "Order sync")]).isEmpty)
        #expect(remarks([Self.test(.workflowName, "Nothing like*")]).isEmpty)
    }

    @Test(
        "so are ids, tags and names that several bear",
        arguments: [
            (Field.workflowID, "w9", "unknown-workflow"), (.workflowTag, "biling", "unknown-workflow-tag"),
            (.workflowName, "Twice", "ambiguous-workflow"),
        ])
    func others(field: Field, word: String, id: String) {
        #expect(remarks([.not(Self.test(field, word))]).map(\.matter.id) == [id])
    }

    @Test("a protection that names nothing is told too: it protects nothing")
    func protection() {
        let found = remarks([], protections: [Protection(match: Self.test(.workflowTag, "no-retry"))])
        #expect(found.map(\.matter.id) == ["unknown-workflow-tag"] && found.allSatisfy { $0.policy == nil })
    }

    @Test("runs that are in no list are told with their price, where a policy looks at them")
    func hidden() {
        let (queued, waiting) = (Self.test(.status, "queued"), Self.test(.status, "waiting"))
        let hiding = ServerCapabilities(era: .a, hidesWaiting: true, hidesQueued: true)
        #expect(remarks([queued], .stop, capabilities: hiding).map(\.matter.id) == ["hidden-queued"])
        #expect(remarks([waiting], .stop, capabilities: hiding).map(\.matter.id) == ["hidden-waiting"])
        #expect(remarks([Self.test(.status, "running")], .stop, capabilities: hiding).isEmpty)
        // That none was met yet does not say that none is hidden.
        #expect(remarks([queued], .stop).map(\.matter.id) == ["hidden-queued"] && remarks([waiting], .stop).isEmpty)
    }

    @Test("workflows that keep too little are named, where the policy can reach them")
    func unsaved() {
        let retry = Remediation.retry(RetryAction())
        let found = remarks([Self.test(.status, "error"), Self.test(.workflowName, "Qui*")], retry)
        #expect(found.map(\.matter.id) == ["failures-not-saved", "successes-not-saved"])
        #expect(remarks([Self.test(.status, "error"), Self.test(.workflowName, "Order*")], retry).isEmpty)
    }

    @Test("actions that the server has no request for are told, whatever the key may do")
    func notOffered() {
        let first = ServerCapabilities(era: .a, hidesQueued: false, notOffered: [.stop, .bulkStop, .tag])
        let running = [Self.test(.status, "running")]
        #expect(remarks(running, .stop, capabilities: first).map(\.matter.id) == ["not-offered"])
        #expect(
            remarks([], .retry(RetryAction()), tags: ["seen"], capabilities: first).map(\.matter.id).contains(
                "not-offered"))
        #expect(remarks([Self.test(.executionTag, "seen")], capabilities: first).map(\.matter.id) == ["not-offered"])
        #expect(!remarks([], .retry(RetryAction()), capabilities: first).map(\.matter.id).contains("not-offered"))
        let ninth = ServerCapabilities(notOffered: [.bulkStop])
        #expect(
            remarks(running, .bulkStop(BulkStopAction()), capabilities: ninth).first?.matter.words.hasSuffix(
                "one by one")
                == true)
    }

    @Test("tags without an id and scopes that the key lacks are told")
    func tagsAndScopes() {
        #expect(remarks([], tags: ["needs-human", "seen"]).isEmpty)
        #expect(remarks([], tags: ["needs-humans"]).first?.suggestion == "needs-human")
        var capabilities = ServerCapabilities(hidesQueued: false, scopes: ["execution:list", "execution:retry"])
        let running = [Self.test(.status, "running")]
        #expect(remarks(running, .stop, capabilities: capabilities).map(\.matter.id) == ["missing-scope"])
        // A server that does not tell is believed until it refuses.
        capabilities.scopes = nil
        #expect(remarks(running, .stop, capabilities: capabilities).isEmpty)
    }
}
