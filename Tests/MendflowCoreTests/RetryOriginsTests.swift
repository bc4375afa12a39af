import MendflowCore
import Testing

@Suite("Whose a retry is")
struct RetryOriginsTests {
    /// A request to retry execution 1.
    private func request(
        _ id: Int64, _ state: IntentState, watermark: ExecutionID? = nil, child: ExecutionID? = nil,
        _ evidence: OutcomeEvidence? = nil, _ action: ActionKind = .retry
    ) -> Intent {
        Intent(
            id: IntentID(id),
            draft: IntentDraft(
                instance: production, action: action, execution: "1", root: "1", workflow: "w", policy: "p",
                policyVersion: "v"),
            state: state, reservedAt: agentNoon, watermark: watermark, child: child, evidence: evidence)
    }

    private func origins(_ requests: [Intent], _ children: ExecutionID...) -> [RetryOrigins.Origin] {
        let origins = RetryOrigins(requests, children)
        return children.map { origins[$0] }
    }

    @Test("is ours where an answer named it, and somebody's where it was only seen")
    func named() {
        let answered = request(7, .applied, child: "5", .answered(.success))
        let seen = request(7, .applied, child: "5", .child("5", .success, isDoubtful: true))
        #expect(origins([answered], "5") == [.ours(IntentID(7))])
        #expect(origins([seen], "5") == [.somebodys(IntentID(7))])
        #expect(answered.hasDoubtfulChild == false && seen.hasDoubtfulChild)
    }

    @Test(
        "is somebody's while a request may have started it, and a person's where none can have",
        arguments: [
            (IntentState.sending, true), (.unresolved, true), (.superseded, true), (.applied, true), (.reserved, false),
            (.void, false), (.ineffective, false), (.shadow, false),
        ])
    func mayBeOurs(state: IntentState, mayBe: Bool) {
        let request = request(7, state, watermark: "4")
        #expect(origins([request], "5") == [mayBe ? .somebodys(IntentID(7)) : .person])
        // What was there before it was sent is nothing of ours.
        #expect(origins([request], "3", "4") == [.person, .person])
    }

    @Test("is a person's where there are more of them than requests, of which each starts one at most")
    func more() {
        let lost = request(7, .unresolved, watermark: "4")
        #expect(origins([lost], "5", "6") == [.somebodys(IntentID(7)), .person])
        #expect(origins([lost], "3", "6") == [.person, .somebodys(IntentID(7))])
        let again = [request(7, .superseded, watermark: "4"), request(9, .unresolved, watermark: "8")]
        #expect(origins(again, "5", "9", "10") == [.somebodys(IntentID(7)), .somebodys(IntentID(9)), .person])
        // The one that waits for its run comes first.
        #expect(origins(again, "9") == [.somebodys(IntentID(9))])
    }

    @Test("is a person's where it is dated earlier than the request and another run is not")
    func earlier() {
        let lost = request(7, .unresolved, watermark: "4")
        let both = RetryOrigins([lost], ["5", "6"], earlier: ["5"])
        #expect(both["5"] == .person && both["6"] == .somebodys(IntentID(7)))
        #expect(RetryOrigins([lost], ["5"], earlier: ["5"])["5"] == .somebodys(IntentID(7)))
    }

    @Test("of one that n8n named another run for is a person's")
    func otherNamed() {
        let answered = request(7, .applied, watermark: "4", child: "6", .answered(.error))
        #expect(origins([answered], "5", "6") == [.person, .ours(IntentID(7))])
    }

    @Test("is nothing of a stop's")
    func stops() { #expect(origins([request(7, .unresolved, watermark: "4", nil, .stop)], "5") == [.person]) }

    @Test("only a person's makes us yield")
    func yields() {
        for (evidence, label) in [
            (OutcomeEvidence.answered(.error), "act"), (.child("2", .error, isDoubtful: true), "act"),
        ] {
            var world = World(policy("p"))
            world.add("1", ago: .hours(5))
            world.add("2", retryOf: "1", ago: .minutes(10))
            world.intend(.retry, "1", child: "2")
            world.view.intents[0].evidence = evidence
            #expect(world.label("2") == label)
            world.add("3", retryOf: "1", ago: .minutes(9))
            #expect(world.label("3") == "yield_to_humans")
            #expect(world.decision("3")?.verdict.until == noon + .minutes(21))
        }
        var world = World(policy("p", .retry { $0.whenUnresolved = .resend }))
        world.add("1", ago: .hours(5))
        world.add("4", retryOf: "1", ago: .minutes(10))
        world.intend(.retry, "1", .superseded, watermark: "2")
        #expect(world.label("4") == "act")
    }
}
