import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("Bulk stops and deletions against a simulated n8n")
struct BulkStopTests {
    static func bulkStop(_ statuses: [String]) -> Policy {
        Policy(
            name: "stop-all", mode: .enforce,
            match: .all([
                .test(FieldTest(.status, [.anyOf(statuses.map { .wildcard($0) })])),
                .test(FieldTest(.workflowName, [.anyOf([.wildcard("Order sync")])])),
            ]), remediation: .bulkStop(BulkStopAction()))
    }

    @Test(
        "everything of a workflow, the hidden queued runs included, is stopped by one request",
        arguments: [
            Simulator.Era.a, .b, .c,
        ])
    func oneRequest(era: Simulator.Era) throws {
        let world = try World(kind: .init(era: era, mode: .queue(workers: 1, slots: 1))) { simulator in
            simulator.add(.orderSync(.init(next: [.hang], thenAlways: [.success(after: 100)])))
            for _ in 0..<6 { _ = simulator.trigger(World.workflow, now: World.start.milliseconds) }
        }
        let set = try World.set([Self.bulkStop(["running", "queued"])])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .minutes(10)) }
        #expect(world.bulkStops == 1)
        #expect(world.requests(.stop) == 0)
        let statuses = world.box.withSimulator { n8n in (1...6).map { n8n.database[$0]?.status } }
        #expect(statuses.allSatisfy { $0 == .canceled })
        let intents = try world.intents(.bulkStop)
        #expect(intents.first?.draft.bulk?.predicted == ["1", "2", "3", "4", "5", "6"])
        #expect(intents.first?.note?.contains("6 predicted, 6 stopped, 6 verified as canceled, 0 still live") == true)
    }

    @Test("while ids are not accounted for single stops go on instead")
    func gaps() throws {
        let world = try World(kind: HiddenRowTests.queue) { simulator in
            simulator.add(.orderSync(.init(next: [.hang], thenAlways: [.success(after: 100)])))
            for _ in 0..<40 { _ = simulator.trigger(World.workflow, now: World.start.milliseconds) }
            simulator.addExecution(of: World.workflow, status: .success, startedAt: World.start.milliseconds)
        }
        var policy = Self.bulkStop(["running", "queued"])
        policy.guards.maxActions = []
        let set = try World.set([policy], limits: InstanceLimits(maxInFlight: 100, maxActions: []))
        let reports = try world.simulation.run {
            let agent = try await world.agent(set, mode: .dryRun, change: { $0.gapBudget = 10 })
            return await agent.tick().plan
        }
        #expect(reports.heldBulkStops.first?.why.contains("ids are not accounted for") == true)
        #expect(reports.actions.allSatisfy { $0.draft.action == .stop })
        #expect(!reports.actions.isEmpty)
    }

    @Test("a queued run above ids that were not kept is found before the call, which is held for its sake")
    func farAhead() throws {
        let world = try World(kind: HiddenRowTests.queue) { simulator in
            simulator.add(.orderSync(.init(next: [.hang], thenAlways: [.success(after: 100)])))
            for _ in 0..<4 { _ = simulator.trigger(World.workflow, now: World.start.milliseconds) }
            var other = Simulator.Workflow.orderSync(.always(.success(after: 10)))
            other.id = "Wf00000000000002"
            other.name = "Other"
            other.tags = ["keep"]
            simulator.add(other)
            // Ids that n8n gave and did not keep, then one that is protected.
            simulator.database.nextID = 12
            _ = simulator.trigger(other.id, now: World.start.milliseconds)
        }
        var policy = Self.bulkStop(["queued"])
        policy.match = .test(FieldTest(.status, [.anyOf([.wildcard("queued")])]))
        policy.remediation = .bulkStop(BulkStopAction(allWorkflows: true))
        let protection = Protection(match: .test(FieldTest(.workflowTag, [.anyOf([.wildcard("keep")])])))
        let set = try World.set([policy], protections: [protection])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .minutes(10)) }
        #expect(world.box.withSimulator { $0.database[12]?.status } == .new)
        #expect(world.bulkStops == 0)
        #expect(world.box.withSimulator { $0.database[2]?.status } == .canceled)
    }

    @Test("a run that begins between decision and request holds the call, for it would be stopped too")
    func drift() throws {
        let world = try World { simulator in
            simulator.add(.orderSync(.always(.hang)))
            _ = simulator.trigger(World.workflow, now: World.start.milliseconds)
        }
        var policy = Self.bulkStop(["running"])
        policy.guards.maxActions = [ActionCap(amount: 1, per: .tick)]
        let set = try World.set([policy])
        try world.simulation.run {
            let agent = try await world.agent(
                set,
                hook: { (step: ActingStep, _: Intent) async throws(AgentKilled) in
                    guard step == .reserved else { return }
                    let now = world.clock.now().milliseconds
                    world.box.withSimulator { _ = $0.trigger(World.workflow, now: now) }
                })
            _ = await agent.runOnce()
        }
        #expect(world.bulkStops == 0)
        #expect(try world.intents(.bulkStop).first?.note?.contains("would stop 2 too") == true)
    }

    @Test(
        "old runs of settled chains are deleted; what may be retried still is not",
        arguments: [
            Simulator.Era.a, .b, .c,
        ])
    func deletes(era: Simulator.Era) throws {
        let world = try World(kind: .init(era: era), since: .days(30)) { simulator in
            simulator.add(.orderSync(.always(.success(after: 10))))
            for index: Int64 in 0..<600 {
                let at = (World.start - .hours(240) + .minutes(index * 20)).milliseconds
                simulator.addExecution(
                    of: World.workflow, status: index % 100 == 7 ? .error : .success, startedAt: at, stoppedAt: at + 10)
            }
        }
        let policy = Policy(
            name: "clean-up", mode: .enforce,
            match: .all([
                .test(FieldTest(.status, [.anyOf([.wildcard("error")])])),
                .test(FieldTest(.workflowName, [.anyOf([.wildcard("Order sync")])])),
                .test(FieldTest(.age, [.period(.gte, .days(5))])),
            ]), remediation: .delete)
        let set = try World.set([policy])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .minutes(20)) }
        // Error rows are 8, 108, 208, 308, 408 and 508; five days are 360 rows of twenty minutes.
        #expect(try world.intents(.delete).map(\.draft.execution).sorted() == ["8", "108", "208", "308"])
        #expect(try world.intents(.delete).allSatisfy { $0.state == .applied })
        #expect(world.box.withSimulator { n8n in [8, 108, 208, 308].allSatisfy { n8n.database[$0] == nil } })
        #expect(world.box.withSimulator { n8n in n8n.database[408] != nil && n8n.database[508] != nil })
        // The record shows the row that was judged, though the agent keeps no row of what is so old.
        let made = try world.simulation.run { try await world.expectReplay() }
        #expect(made.map(\.recorded.execution).sorted() == ["8", "108", "208", "308"])
        for decision in made {
            let rows = decision.slices.first.map { Array($0.executions.values) } ?? []
            #expect(rows.map(\.id) == [decision.recorded.execution] && rows.map(\.status) == [.error])
        }
    }

    @Test("a retried run is deleted before its retry, so that nothing ever looks as if it was not retried")
    func olderFirst() throws {
        let world = try World(since: .days(30)) { simulator in
            simulator.add(
                .orderSync(
                    .init(
                        next: [.error(.http(503, method: "POST"), after: 10)], retries: [.error(.http(503), after: 10)])
                ))
            _ = simulator.trigger(World.workflow, now: World.start.milliseconds)
            _ = simulator.personRetries(1, now: World.start.milliseconds + 60_000)
        }
        let policy = Policy(
            name: "clean-up", mode: .enforce,
            match: .test(FieldTest(.status, [.anyOf([.wildcard("error")])])), remediation: .delete)
        let set = try World.set([policy])
        try world.simulation.run {
            try await world.clock.sleep(for: .hours(60))
            try await world.run(try await world.agent(set), for: .minutes(30))
        }
        let deleted = world.box.withSimulator { n8n in
            n8n.deeds.compactMap { deed in if case .deleted(let id) = deed.what { id } else { nil } }
        }
        #expect(deleted == [1, 2])
    }

    @Test("a tag whose id is not configured is held, until an execution that bears it tells the id")
    func learnsTags() throws {
        let world = try World { simulator in
            simulator.add(.orderSync(.always(.error(.http(503, method: "POST"), after: 10))))
            simulator.add(tag: "Tag0000000000002", name: "seen")
            simulator.add(tag: "Tag0000000000003", name: "late")
            for _ in 0..<3 { _ = simulator.trigger(World.workflow, now: World.start.milliseconds) }
            simulator.personTags(1, ["Tag0000000000003"])
        }
        func tagging(_ name: String, _ tag: String, _ match: Condition) -> Policy {
            var policy = Policy.retryOrders(name: name)
            policy.match = match
            policy.remediation = nil
            policy.tags = [tag]
            return policy
        }
        let failed = Condition.test(FieldTest(.status, [.anyOf([.wildcard("error")])]))
        let late = Condition.test(FieldTest(.executionTag, [.anyOf([.wildcard("late")])]))
        let set = try World.set([
            tagging("all", "late", failed), tagging("known", "needs-human", .all([failed, late])),
        ])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .minutes(10)) }
        #expect(world.events.named("tag.learned").count == 1)
        let tags = world.box.withSimulator { n8n in (1...3).map { Set(n8n.database[$0]?.tags ?? []) } }
        #expect(tags.allSatisfy { $0.contains("Tag0000000000003") })
        #expect(tags[0].contains("Tag0000000000001"))
    }
}
