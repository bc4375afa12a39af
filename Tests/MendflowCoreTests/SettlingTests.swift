import MendflowCore
import Testing

@Suite("A run that crashed a moment ago")
struct SettlingTests {
    private func world(_ status: ExecutionStatus = .crashed, seen: Period?, ended: Period = .hours(1)) -> World {
        var world = World(policy("p", .retry(3) { $0.acceptedRisks = [.possible, .restart] }, tags: ["seen"]))
        world.add("7", status, ago: ended)
        if let seen { world.snapshot.firstSeen["7"] = noon - seen }
        return world
    }

    @Test("is left alone for five minutes since it was seen so, for n8n may still give it another end")
    func waits() {
        let world = world(seen: .minutes(2))
        #expect(world.label("7") == "settling" && world.decision("7")?.verdict.until == noon + .minutes(3))
        #expect(world.tagWrites.isEmpty, "a tag would tell of a crash that may be none")
        #expect(self.world(seen: .minutes(5)).label("7") == "act")
    }

    @Test("counts from the end that n8n tells where nobody looked before")
    func unseen() {
        #expect(world(seen: nil).label("7") == "act")
        #expect(world(seen: nil, ended: .minutes(1)).label("7") == "settling")
    }

    @Test("is the only one: what failed or was canceled stays so", arguments: [ExecutionStatus.error, .canceled])
    func others(status: ExecutionStatus) {
        #expect(world(status, seen: .zero).label("7") == "act")
    }

    @Test("waits as long as `settling` in mendflow.yaml says")
    func setting() {
        let world = world(seen: .minutes(2))
        func label(_ settling: Period) -> String? {
            let set = PolicySet(
                policies: world.policies, instance: "production", limits: world.limits, settling: settling,
                tables: world.set.tables)
            return Planner(set).plan(world.snapshot, world.view).decisions.first {
                $0.verdict.action?.draft.action != .tag
            }?.verdict.label
        }
        #expect(label(.minutes(2)) == "act" && label(.minutes(30)) == "settling")
    }
}
