import MendflowCore
import MendflowLedger
import MendflowNotify
import MendflowTestKit
import Testing

@Suite("A notice that not all of n8n is read")
struct UnreadNoticeTests {
    private static let gap = ReadingGap(.above("9"), since: .noon - .minutes(3), why: "GET /executions/10: 500")

    private static func opened(_ gap: ReadingGap = gap) -> LedgerEvent {
        .gap(Past.key, execution: nil, .unread(gap))
    }

    private static func over(ofData: Bool = false) -> LedgerEvent {
        .gap(Past.key, execution: nil, .readAgain(since: gap.since, ofData: ofData))
    }

    @Test("says what is held, since when, why and what to do, and is over once all can be read")
    func words() throws {
        var past = Past()
        let told = try #require(past.add(Self.opened())?.notice)
        #expect(told.event == .unread && told.phase == .open && told.level == .warning && told.instance == "production")
        #expect(
            told.subject
                == "production: not all of n8n can be read: no retry is sent before n8n tells of the ids above 9")
        #expect(
            told.text.contains("GET /executions/10: 500") && told.text.contains("What to do: see why n8n answers so"))
        let over = try #require(past.add(Self.over())?.notice)
        #expect(
            over.phase == .over && over.topic == told.topic && over.subject.hasSuffix("all of n8n can be read again"))
        let data = try #require(past.add(Self.opened(ReadingGap(.data(3), since: .noon, why: "500")))?.notice)
        #expect(data.topic == told.topic + ":data")
    }

    @Test("is told once, and its end only to whoever heard that it began")
    func once() async throws {
        let office = try await Office()
        try await office.append([Self.opened()])
        let desk = try await office.desk()
        try await office.append([Self.over()])
        await desk.turn()
        #expect(office.hook.requests.isEmpty)
        try await office.append([Self.opened()])
        await desk.turn()
        try await office.append([Self.opened()])
        await desk.turn()
        #expect(office.hook.requests.count == 1)
        try await office.append([Self.over()])
        await desk.turn()
        #expect(office.hook.requests.count == 2 && office.hook.bodies[1].contains("\"phase\":\"over\""))
    }

    private static let adopted = LedgerEvent.began(
        InstanceBaseline(
            instance: InstanceKey(name: "production", epoch: 2), url: "https://n8n.example", since: .noon, highest: nil,
            fingerprints: [], at: .noon), .adopted(by: "ana", reason: "restored", from: 1, alarm: nil))

    @Test("is over where another database is adopted, and is not said to be readable again")
    func adopted() async throws {
        let office = try await Office()
        let desk = try await office.desk()
        try await office.append([Self.opened(), Self.opened(ReadingGap(.data(3), since: .noon, why: "500"))])
        await desk.turn()
        try await office.append([Self.adopted, Self.over(ofData: true), Self.over()])
        await desk.turn()
        #expect(office.hook.requests.count == 4)
        let ends = office.hook.bodies.dropFirst(2)
        #expect(ends.allSatisfy { $0.contains("\"phase\":\"over\"") && $0.contains("epoch 2 began") }, "\(ends)")
        #expect(ends.contains { $0.contains("production: what could not be read of the former database") })
        #expect(ends.contains { $0.contains("the data of failed runs could not be read of the former database") })
    }
}
