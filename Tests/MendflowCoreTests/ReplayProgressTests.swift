import Testing

@testable import MendflowCore

@Suite("How a replay goes")
struct ReplayProgressTests {
    private let pace = ReplayPace(canary: 1, stopAfterFailures: 3)

    private func objection(_ states: [(IntentState, ended: ExecutionStatus?)]) -> String? {
        var world = World(policy("replay-1") { $0.replay = pace })
        for (number, state) in states.enumerated() {
            let (parent, child) = (ExecutionID("\(10 + number)"), ExecutionID("\(50 + number)"))
            world.add(parent, ago: .hours(2))
            if let status = state.ended { world.add(child, status, retryOf: parent, ago: .minutes(5)) }
            world.intend(
                .retry, parent, state.0, ago: .minutes(30), policy: "replay-1",
                child: state.ended == nil ? nil : child)
        }
        return ReplayProgress("replay-1", world.view, world.snapshot).objection(pace)
    }

    @Test("tells what failed again from what n8n refused and from what nobody knows of")
    func words() {
        #expect(objection([(.applied, .error)]) == "the first had to heal, and 1 failed again")
        #expect(objection([(.unresolved, nil)]) == "the first had to heal, and nobody knows of 1 whether it ran")
        #expect(objection([(.void, nil)]) == "the first had to heal, and 1 came to nothing")
        #expect(
            objection([(.applied, .success), (.applied, .error), (.unresolved, nil), (.unresolved, nil)])
                == "1 failed again, and nobody knows of 2 whether they ran")
    }

    @Test("goes on as long as less went wrong than may")
    func goesOn() {
        #expect(objection([]) == nil)
        #expect(objection([(.applied, .success), (.applied, .error), (.unresolved, nil)]) == nil)
    }
}
