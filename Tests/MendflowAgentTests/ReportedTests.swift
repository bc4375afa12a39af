import MendflowAgent
import MendflowCore
import MendflowPolicy
import MendflowSimulator
import MendflowTestKit
import Testing

/// Servers as people described theirs, with policies as they would be written.
@Suite("Situations from public reports")
struct ReportedTests {
    private func set(_ text: String, protecting: [Protection] = []) throws -> PolicySet {
        let loaded = PolicyLoader().load([PolicyFile(name: "policy.yaml", bytes: Array(text.utf8))])
        #expect(!loaded.hasErrors, "\(loaded.findings)")
        return try World.set(loaded.policies, protections: protecting)
    }

    private static func at(_ seconds: Int64) -> Int64 { World.start.milliseconds + seconds * 1000 }

    private static func workflow(_ id: String, _ name: String) -> Simulator.Workflow {
        Simulator.Workflow(id: id, name: name, nodes: [.webhook("in"), .http("HTTP Request", url: "http://x.example")])
    }

    @Test("starts that lie after the ends, or in the future, are no run times: a healthy run is not stopped for them")
    func negativeRunTimes() throws {
        let world = try World { simulator in
            simulator.add(Self.workflow("wfTz", "Import"))
            for number in 0...20 as ClosedRange<Int64> {
                simulator.addExecution(
                    of: "wfTz", status: .success, mode: "trigger", startedAt: Self.at(-75_600 + 60 * number),
                    stoppedAt: Self.at(-86_395 + 60 * number), id: 100 + Int(number))
            }
            simulator.addExecution(of: "wfTz", status: .running, mode: "trigger", startedAt: Self.at(-20), id: 200)
            simulator.addExecution(of: "wfTz", status: .running, mode: "trigger", startedAt: Self.at(7200), id: 201)
        }
        let set = try set(
            """
            policies:
              - name: hung
                mode: enforce
                match: {status: running, execution_mode: any, ran_for: {gt: {p95: 5}}}
                actions: [stop]
            """)
        let odd = try world.simulation.run {
            let agent = try await world.agent(set)
            try await world.run(agent, for: .hours(1))
            let seen = await agent.tick()
            return seen.snapshot?.executions.values.count { $0.contradictsItself(at: seen.now) }
        }
        #expect(try world.intents(.stop).isEmpty)
        #expect(odd.map { $0 >= 21 } == true, "`doctor` counts them")
    }

    @Test("a run that slept for 20 hours has no age at the first look, and grows old from then on")
    func resumedRun() throws {
        let world = try World { simulator in
            simulator.add(Self.workflow("wfAp", "Approval"))
            simulator.addExecution(
                of: "wfAp", status: .waiting, startedAt: Self.at(-72_000), stoppedAt: Self.at(-72_000),
                waitTill: Self.at(1), id: 100, then: .success(after: 4 * 3_600_000))
        }
        let set = try set(
            """
            policies:
              - name: hung
                mode: enforce
                match: {status: running, execution_mode: any, older_than: 2h}
                actions: [stop]
            """)
        try world.simulation.run {
            try await world.clock.sleep(for: .seconds(30))
            #expect(world.box.withSimulator { $0.database[100]?.status } == .running)
            let agent = try await world.agent(set)
            try await world.run(agent, for: .minutes(115))
            #expect(try world.intents(.stop).isEmpty)
            try await world.run(agent, for: .minutes(15))
        }
        #expect(try world.intents(.stop).map(\.state) == [.applied])
    }

    @Test("what somebody switched off or archived does not come back, unless the policy says that it may")
    func switchedOff() throws {
        func retried(_ active: String) throws -> [Int] {
            let world = try World { simulator in
                for number in 0...2 {
                    var workflow = Self.workflow("wf\(number)", "W\(number)")
                    workflow.active = number == 2
                    workflow.isArchived = number == 1
                    simulator.add(workflow)
                    simulator.addExecution(
                        of: workflow.id, status: .error, startedAt: Self.at(-600), stoppedAt: Self.at(-590),
                        error: .http(503), id: 100 + number)
                }
            }
            let set = try set(
                """
                policies:
                  - name: all
                    mode: enforce
                    match: {status: error\(active)}
                    actions: [{retry: {repeats: allow}}]
                """)
            try world.simulation.run { try await world.run(try await world.agent(set), for: .minutes(20)) }
            return [100, 101, 102].filter { !world.retries(of: $0).isEmpty }
        }
        #expect(try retried("") == [102])
        #expect(try retried(", workflow: {active: false}") == [100, 101])
        #expect(try retried(", workflow: {active: any}") == [100, 101, 102])
    }

    @Test("a name in decomposed letters is protected by a pattern in composed ones")
    func decomposedNames() throws {
        func retries(protecting pattern: String?) throws -> Int {
            let world = try World { simulator in
                simulator.add(Self.workflow("wfB", "Cafe\u{301} import"))
                simulator.addExecution(
                    of: "wfB", status: .error, startedAt: Self.at(-600), stoppedAt: Self.at(-590), error: .http(503),
                    id: 100)
            }
            let protections = pattern.map {
                Protection(match: .test(FieldTest(.workflowName, [.anyOf([.wildcard($0)])])))
            }
            let set = try set(
                """
                policies:
                  - name: t
                    mode: enforce
                    match: {status: error, workflow: {id: wfB}}
                    actions: [{retry: {repeats: allow}}]
                """, protecting: protections.map { [$0] } ?? [])
            try world.simulation.run { try await world.run(try await world.agent(set), for: .minutes(20)) }
            return world.retries(of: 100).count
        }
        #expect(try retries(protecting: nil) == 1)
        #expect(try retries(protecting: "Caf\u{E9}*") == 0)
        #expect(try retries(protecting: "Caf\u{E9} import") == 0)
    }
}
