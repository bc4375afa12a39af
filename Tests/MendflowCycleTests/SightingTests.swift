import MendflowCore
import Testing

@testable import MendflowCycle

@Suite("Ids and when they were known")
struct SightingTests {
    private static let noon = ServerTime(milliseconds: 1_777_896_000_000)

    private func watch() -> EpochWatch {
        EpochWatch(
            InstanceBaseline(
                instance: InstanceKey(name: "main", epoch: 1), url: "http://n8n", since: Self.noon, highest: "10",
                fingerprints: [], at: Self.noon), nil)
    }

    private func row(_ id: ExecutionID, madeAfter period: Period) -> Execution {
        Execution(id: id, workflow: "w", status: .error, createdAt: Self.noon + period)
    }

    @Test("a run made well after a higher id was known shows that ids are given again, however soon it comes")
    func again() throws {
        var watch = watch()
        watch.sight("20", at: Self.noon + .minutes(1), lookBack: .hours(48))
        watch.sight("20", at: Self.noon + .minutes(9), lookBack: .hours(48))
        try watch.check(row("15", madeAfter: .minutes(5)))
        #expect(throws: EpochWatch.Contradiction.self) { try watch.check(row("15", madeAfter: .minutes(7))) }
        try watch.check(row("21", madeAfter: .minutes(7)))
    }

    @Test("of an id that is kept later the moment is kept at which it was known first")
    func kept() {
        var watch = watch()
        watch.sight("20", at: Self.noon + .minutes(1), lookBack: .hours(48))
        for hour in 1...3 { watch.sight("20", at: Self.noon + .hours(Int64(hour)), lookBack: .hours(48)) }
        #expect(watch.sightings.map(\.id) == ["10", "20"])
        #expect(watch.sightings.last?.at == Self.noon + .minutes(1))
        watch.sight("30", at: Self.noon + .hours(4), lookBack: .hours(48))
        #expect(watch.floor(Self.noon + .hours(3)) == "20")
        #expect(watch.sightings.last?.id == "30")
    }
}
