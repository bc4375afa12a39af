import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Synchronization
import Testing

@testable import MendflowAgent

@Suite("A cycle against a simulated n8n")
struct CycleTests {
    @Test("retries a failed run after its backoff, once, and stops when it heals")
    func heals() throws {
        let world = try World { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 2000)])))
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            let id = world.box.withSimulator { $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            #expect(id == 1)
            let agent = try await world.agent(set)
            try await world.run(agent, for: .minutes(10))
        }
        #expect(world.retries(of: 1) == [2])
        let intents = try world.intents()
        #expect(intents.count == 1)
        #expect(intents.first?.state == .applied)
        #expect(intents.first?.child == "2")
        let wait = try #require(intents.first?.reservedAt) - World.start
        #expect(wait >= .minutes(1) && wait < .seconds(100))
    }

    @Test("gives up after three retries and tags the newest failed run")
    func exhausts() throws {
        let world = try World { $0.add(.orderSync(.always(.error(.http(503, method: "POST"), after: 100)))) }
        var policy = Policy.retryOrders()
        policy.onExhausted = OnExhausted(tags: ["needs-human"])
        let set = try World.set([policy])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set), for: .hours(3))
        }
        #expect(world.retries(of: 1) == [2])
        #expect(world.retries(of: 2) == [3])
        #expect(world.retries(of: 3) == [4])
        #expect(world.retries(of: 4) == [])
        #expect(world.box.withSimulator { $0.database[4]?.tags } == ["Tag0000000000001"])
        #expect(try world.intents(.tag).map(\.state) == [.applied])
    }

    @Test("tags a chain in the tick that finds it exhausted, and no later")
    func exhaustsAtOnce() throws {
        let world = try World { simulator in
            simulator.add(.orderSync(.always(.error(.http(503, method: "POST"), after: 100))))
            let old = (World.start - .hours(1)).milliseconds
            for number: Int in 1...3 {
                simulator.addExecution(
                    of: World.workflow, status: .error, startedAt: old + Int64(number) * 60_000,
                    stoppedAt: old + Int64(number) * 60_000 + 5, retryOf: number > 1 ? number - 1 : nil)
            }
        }
        var policy = Policy.retryOrders(maxRetries: 2)
        policy.onExhausted = OnExhausted(tags: ["needs-human"])
        let set = try World.set([policy])
        let started = try world.simulation.run {
            let report = await (try await world.agent(set)).tick()
            try await world.expectReplay()
            return report.started.map(\.intent.draft)
        }
        #expect(started.map(\.action) == [.tag] && started.map(\.execution) == ["3"])
    }

    @Test("stops what waits too long and verifies it")
    func stops() throws {
        let world = try World { simulator in
            simulator.add(.orderSync(.always(.waitForEvent(after: 10, then: .success(after: 10)))))
            let old = (World.start - .hours(3)).milliseconds
            simulator.addExecution(of: World.workflow, status: .waiting, startedAt: old, stoppedAt: old)
        }
        let set = try World.set([.stopStaleWaiting])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .minutes(3)) }
        #expect(world.box.withSimulator { $0.database[1]?.status } == .canceled)
        #expect(try world.intents(.stop).map(\.note) == ["verified: canceled"])
    }

    @Test("actions that begin together share one last look")
    func sharedLook() throws {
        let lists = try [1, 15].map { count in
            let world = try World { simulator in
                simulator.add(.orderSync(.always(.waitForEvent(after: 10, then: .success(after: 10)))))
                let old = (World.start - .hours(3)).milliseconds
                for _ in 0..<count {
                    simulator.addExecution(of: World.workflow, status: .waiting, startedAt: old, stoppedAt: old)
                }
            }
            try world.simulation.run {
                _ = await (try await world.agent(try World.set([.stopStaleWaiting]))).runOnce()
            }
            #expect(try world.intents(.stop).map(\.state) == Array(repeating: .applied, count: count))
            return world.requests(.list)
        }
        #expect(lists[0] == lists[1])
    }

    @Test("heals a chain whose workflow keeps no successes, though no row ever tells")
    func unsavedSuccess() throws {
        let world = try World { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 2000)]),
                    settings: ["saveDataSuccessExecution": "none"]))
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set), for: .hours(2))
            try await world.run(try await world.agent(set), for: .hours(2))
        }
        #expect(world.retries(of: 1).count == 1)
    }

    @Test("in dry-run sends nothing that changes anything, and decides what enforce decides")
    func dryRun() throws {
        var reserved: [Mode: [String]] = [:]
        for mode in [Mode.dryRun, .enforce] {
            let world = try World { $0.add(.orderSync(.always(.error(.http(503, method: "POST"), after: 100)))) }
            let set = try World.set([.retryOrders()])
            try world.simulation.run {
                world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
                try await world.run(try await world.agent(set, mode: mode), for: .minutes(2))
            }
            reserved[mode] = try world.intents().map { "\($0.draft.execution) \($0.reservedAt)" }
            #expect(world.requests(.retry) == (mode == .enforce ? 1 : 0))
        }
        #expect(reserved[.dryRun] == reserved[.enforce])
        #expect(reserved[.dryRun]?.count == 1)
    }

    @Test("asks n8n the same number of times, however many policies there are")
    func requestsDoNotDependOnPolicies() throws {
        var requests: Set<Int> = []
        for count in [1, 10, 100] {
            let world = try World { simulator in
                simulator.add(.orderSync(.always(.success(after: 10))))
                for index in 0..<300 {
                    let at = (World.start - .minutes(Int64(300 - index))).milliseconds
                    simulator.addExecution(
                        of: World.workflow, status: index % 10 == 0 ? .error : .success, startedAt: at)
                }
            }
            let policies = (0..<count).map { index in
                var policy = Policy.retryOrders(name: "policy-\(index)")
                policy.guards.activeDuring = [TimeWindow(fromMinute: 0, toMinute: 1, zone: .utc)]
                return policy
            }
            let set = try World.set(policies)
            try world.simulation.run { try await world.run(try await world.agent(set), for: .minutes(5)) }
            requests.insert(world.requests(.list))
        }
        #expect(requests.count == 1)
    }
}

@Suite("What changes between two ticks")
struct ReloadTests {
    @Test("takes the policies that were read anew at its next tick, and looks back as far as they do")
    func refresh() throws {
        let world = try World { $0.add(.orderSync(.always(.error(.http(503, method: "POST"), after: 100)))) }
        let set = try World.set([.retryOrders()])
        let fresh = Mutex<FreshPolicies?>(nil)
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            let agent = try await world.agent(try World.set([]), refresh: { _ in fresh.withLock { $0.take() } })
            try await world.run(agent, for: .minutes(5))
            fresh.withLock { $0 = FreshPolicies(policies: set, lookBack: .days(7)) }
            try await world.run(agent, for: .minutes(5))
            #expect(await agent.surveyor.configuration.lookBack == .days(7))
        }
        #expect(world.retries(of: 1) == [2])
        #expect(fresh.withLock { $0 == nil })
    }

    @Test("in dry-run records a policy's decision once, as long as it stays the same")
    func dryRunTransitions() throws {
        let world = try World { simulator in
            simulator.add(.orderSync(.always(.waitForEvent(after: 10, then: .success(after: 10)))))
            let old = (World.start - .hours(3)).milliseconds
            simulator.addExecution(of: World.workflow, status: .waiting, startedAt: old, stoppedAt: old)
        }
        var policy = Policy.stopStaleWaiting
        policy.mode = .dryRun
        let set = try World.set([policy])
        let counts = try world.simulation.run {
            let agent = try await world.agent(set, mode: .dryRun)
            var counts: [Int] = []
            for _ in 0..<2 {
                try await world.run(agent, for: .minutes(10))
                counts.append(
                    try await world.store.records(after: 0, limit: 10_000)
                        .count { try CanonicalRecord(bytes: $0.bytes).record.kind != .tick })
            }
            return counts
        }
        #expect(counts[0] == counts[1], "\(counts)")
    }
}
