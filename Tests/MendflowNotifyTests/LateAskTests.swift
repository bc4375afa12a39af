import MendflowCore
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import Testing

@testable import MendflowNotify

@Suite("Asks that are over before a channel could tell of them")
struct LateAskTests {
    private func ask(_ execution: ExecutionID, expires: AgentTime = .noon + .days(1)) -> ApprovalAsk {
        ApprovalAsk(
            draft: Past.draft(execution), request: "POST /executions/\(execution)/retry", attempts: 1,
            expiresAt: expires)
    }

    private func reference(_ office: Office, _ execution: ExecutionID) async throws -> ApprovalRef {
        let all = try await office.workspace().everything().approvals(of: Past.key)
        return ApprovalRef(try #require(all.first { $0.ask.topic.execution == execution }))
    }

    private func answer(_ office: Office, _ execution: ExecutionID) async throws {
        let yes = ApprovalAnswer(isYes: true, by: "ana", note: "")
        try await office.append([.approvalAnswered(try await reference(office, execution), yes)])
    }

    @Test("are not told: what became of them is, and why they were left out is on record")
    func settled() async throws {
        let office = try await Office()
        let desk = try await office.desk()
        office.hook.mood = .refuses(503)
        try await office.append([.approvalAsked(ask("1")), .approvalAsked(ask("2")), .approvalAsked(ask("3"))])
        await desk.turn()
        try await answer(office, "1")
        let withdrawn = ApprovalEnd(.withdrawn, why: "the chain healed")
        try await office.append([.approvalClosed(try await reference(office, "2"), withdrawn)])
        office.hook.mood = .takes
        office.clock.advance(by: .minutes(10))
        await desk.turn()
        let dropped = try await office.told(.dropped)
        #expect(
            dropped.map(\.why) == [
                "production: ana says yes to a retry for execution 1 [retry-orders]",
                "production: nobody is asked any more about a retry for execution 2 [retry-orders]",
            ], "\(dropped)")
        let told = office.hook.bodies.dropFirst().joined()
        #expect(told.contains("\"phase\":\"open\"") && told.contains("ana says yes"), "\(told)")
        let keys = try await office.told(.delivered).flatMap(\.keys)
        #expect(keys.count == 3 && Set(keys).isDisjoint(with: dropped.flatMap(\.keys)))
        // Whoever comes later tells none of it again.
        await (try office.desk()).turn()
        #expect(try await office.told(.delivered).flatMap(\.keys) == keys)
    }

    @Test("are not told once their time is over, whether or not that is on record yet")
    func expired() async throws {
        let office = try await Office()
        let desk = try await office.desk()
        office.hook.mood = .refuses(503)
        try await office.append([.approvalAsked(ask("1", expires: .noon + .hours(1)))])
        await desk.turn()
        office.hook.mood = .takes
        office.clock.advance(by: .hours(1))
        await desk.turn()
        #expect(try await office.told(.dropped).map(\.why) == ["its time to be answered is over"])
        #expect(try await office.told(.delivered).isEmpty && office.hook.requests.count == 1)
    }

    @Test("leave a message that they were put into with others")
    func composed() async throws {
        let office = try await Office("{name: ops, webhook: {url: \"https://hook.example/x\"}, digest_above: 1}")
        let desk = try await office.desk()
        office.hook.mood = .refuses(503)
        try await office.append([.approvalAsked(ask("1")), .approvalAsked(ask("2")), Office.pause(1)])
        await desk.turn()
        #expect(try await office.told(.composed).map(\.records.count) == [2])
        try await answer(office, "1")
        office.hook.mood = .takes
        office.clock.advance(by: .minutes(10))
        await desk.turn()
        await desk.turn()
        #expect(try await office.told(.dropped).count == 1)
        let told = office.hook.bodies.dropFirst().joined()
        #expect(!told.contains("mendflow approve \(try await reference(office, "1").id)"), "\(told)")
        #expect(try await office.told(.delivered).flatMap(\.keys).count == 3)
    }

    @Test("are found also where so much waits that their ends are not read yet")
    func behind() async throws {
        let office = try await Office()
        let desk = try await office.desk()
        try await office.append([.approvalAsked(ask("1"))] + (1...600).map(Office.pause))
        try await answer(office, "1")
        await desk.turn()
        let dropped = try await office.told(.dropped)
        #expect(dropped.map(\.why) == ["it was over before it could be told"])
        let told = Set(try await office.told(.delivered).flatMap(\.keys))
        #expect(told.isDisjoint(with: dropped.flatMap(\.keys)))
    }
}

@Suite("A channel that another process goes on with")
struct NextProcessTests {
    @Test("has no more room for messages than it would have had, and what presses keeps room of its own")
    func quota() async throws {
        let office = try await Office()
        _ = try await office.desk()
        for number in 1...12 {
            try await office.append([Office.pause(number)])
            await (try office.desk()).turn()
        }
        #expect(office.hook.requests.count == 10)
        try await office.append([.alarmed(Past.key, reason: "ids began anew", execution: nil)])
        await (try office.desk()).turn()
        #expect(office.hook.requests.count == 11 && office.hook.keys.last?.contains("alarm") == true)
        office.clock.advance(by: .minutes(11))
        await (try office.desk()).turn()
        #expect(office.hook.requests.count == 13)
    }
}
