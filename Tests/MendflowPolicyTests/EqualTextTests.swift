import MendflowCore
import MendflowTestKit
import Testing

@Suite("Equal texts")
struct EqualTextTests {
    /// The same name with its accent as part of the letter, and behind it.
    private static let forms = ["Caf\u{E9} import", "Cafe\u{301} import"]

    /// Ways to write a condition that the name meets, `NAME` and `PART` in whichever form.
    private static let conditions = [
        #"workflow: "NAME""#, #"workflow: "PART*""#, #"workflow: {name: {glob: "PART ?mport"}}"#,
        #"workflow: {name: {contains: "PART"}}"#, #"workflow: {name: {matches: "^PART imp"}}"#,
        #"workflow: {name: {in: [other, "NAME"]}}"#,
    ]

    @Test("are equal to every operator, however their letters are written", arguments: conditions, forms)
    func operators(condition: String, written: String) throws {
        let line = condition.replacing("NAME", with: written)
            .replacing("PART", with: String(written.prefix(4)))
        let policy = try policy("match: {status: error, \(line)}", "actions: [{tag: [seen]}]")
        let match = try #require(policy.match)
        for form in EqualTextTests.forms {
            #expect(holds(match, name: form.normalised), "\(line) for \(Array(form.utf8))")
        }
        #expect(!holds(match, name: "Cafe import"))
    }

    private func holds(_ match: Condition, name: String) -> Bool {
        let now = ServerTime(milliseconds: 1_777_896_000_000)
        var snapshot = Snapshot(instance: InstanceKey(name: "main", epoch: 1), now: now)
        let row = Execution(id: "1", workflow: "w", status: .error, mode: "webhook", startedAt: now, stoppedAt: now)
        snapshot.executions = ["1": row]
        snapshot.workflows = ["w": WorkflowInfo(id: "w", name: name)]
        let view = LedgerView()
        let subject = Subject(
            snapshot: snapshot, view: view,
            tables: JudgementTables(classifier: ErrorClassifier(rules: []), risks: RepeatRiskJudge()),
            chain: Chains(snapshot, view).chain(of: "1"), row: row)
        var evaluator = Evaluator(tracer: NoTrace())
        return evaluator.evaluate(match, subject) == .yes
    }
}
