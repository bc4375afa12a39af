import MendflowCore
import MendflowHostKit
import MendflowLedger
import MendflowNotify
import MendflowOperations
import MendflowTestKit
import Testing

@Suite("What waits on a channel")
struct ChannelStatusTests {
    private func waiting(
        _ office: Office, _ carrier: NoticeCarrier? = .agent
    ) async throws -> [ChannelStatus.Waiting] {
        try await ChannelStatus.read(office.workspace(), carrier: carrier).flatMap(\.waiting)
    }

    @Test("waits for the next try where the last one failed, of which the time and the error are told")
    func failing() async throws {
        let office = try await Office()
        let desk = try await office.desk()
        try await office.append([Office.pause(1)])
        let before = try await waiting(office)
        #expect(before.map(\.why) == [.turn] && before[0].triedAt == nil)
        office.hook.mood = .refuses(503)
        await desk.turn()
        office.clock.advance(by: .seconds(10))
        office.hook.mood = .refuses(500)
        await desk.turn()
        let status = try #require(try await ChannelStatus.read(office.workspace(), carrier: .agent).first)
        let next = office.clock.now() + .seconds(20)
        #expect(status.standing?.failingSince == .noon && status.standing?.why == "the webhook answered 500")
        #expect(status.nextTry == next)
        // Nobody is there who tries it then, and whoever comes tries it at once.
        #expect(try await ChannelStatus.read(office.workspace(), carrier: .nobody).map(\.nextTry) == [nil])
        #expect(status.waiting.map(\.why) == [.failing] && status.waiting.map(\.triedAt) == [next])
        office.hook.mood = .takes
        office.clock.advance(by: .seconds(20))
        await desk.turn()
        let told = try #require(try await ChannelStatus.read(office.workspace(), carrier: .agent).first)
        #expect(told.waiting.isEmpty && told.nextTry == nil)
    }

    @Test("waits for room where ten went out in ten minutes, until the first of them is ten minutes old")
    func crowded() async throws {
        let office = try await Office()
        let desk = try await office.desk()
        for number in 1...11 {
            try await office.append([Office.pause(number)])
            await desk.turn()
            office.clock.advance(by: .seconds(1))
        }
        let found = try await waiting(office)
        #expect(found.map(\.why) == [.crowded] && found[0].triedAt == .noon + .minutes(10))
    }

    @Test("waits for somebody who tells it, where no agent runs or a command holds the ledger")
    func nobody() async throws {
        let office = try await Office()
        _ = try await office.desk()
        try await office.append([Office.pause(1)])
        let none = try await waiting(office, .nobody)
        #expect(none.map(\.why) == [.nobody] && none[0].triedAt == nil)
        #expect(try await waiting(office, .command(.plan)).map(\.why) == [.command])
        #expect(try await waiting(office, nil).map(\.why) == [.turn])
    }

    @Test("waits for its time where it may be over by then, and for the last of what keeps it")
    func held() async throws {
        let office = try await Office()
        let desk = try await office.desk()
        try await office.append([Office.pause(1)])
        office.hook.mood = .refuses(503)
        await desk.turn()
        let standing = try #require(try await ChannelStatus.read(office.workspace(), carrier: .agent).first?.standing)
        var past = Past()
        past.add(Past.reserved())
        var notice = try #require(past.add(Past.lost)?.notice)
        notice.at = .noon
        let found = NoticeWait.of(notice, standing, sent: [], .agent, at: .noon)
        #expect(found.why == .held && found.triedAt == .noon + .minutes(10))
        let later = NoticeWait.of(notice, standing, sent: [], .agent, at: .noon + .minutes(10))
        #expect(later.why == .turn && later.triedAt == nil)
    }
}
