import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Synchronization
import Testing

@Suite("A server whose answers do not end")
struct EndlessAnswerTests {
    /// How its answers do not end.
    enum Manner: Sendable, CaseIterable {
        /// Every page of what runs has another one behind it.
        case live
        /// So has every page of the default list, and none brings older rows.
        case ended
        /// And every page of failures.
        case failed
        /// And all of them.
        case all
    }

    private func tick(
        _ world: World, _ manner: Manner?, delay: Period = .zero, ticks: Int = 1
    ) throws -> (reports: [TickReport], took: Period, pages: Int) {
        let meter = Meter()
        return try world.simulation.run {
            let agent = try await world.agent(
                try World.set([.retryOrders()]),
                reader: { EndlessReader(reader: $0, clock: world.clock, manner: manner, delay: delay, meter: meter) })
            let start = world.clock.monotonic()
            var reports: [TickReport] = []
            for _ in 0..<ticks { reports.append(await agent.tick()) }
            return (reports, world.clock.monotonic() - start, meter.pages)
        }
    }

    @Test(
        "costs forty pages of lists and the first of each beyond them, and is acted on where all is seen only",
        arguments: Manner.allCases)
    func pages(manner: Manner) throws {
        let world = try CoverageTests.past(30)
        let (reports, _, pages) = try tick(world, manner)
        #expect(pages <= 50, "\(pages)")
        #expect(reports[0].plan.decisions.isEmpty == false || manner != .failed)
        // What is running may be a retry of what failed: nothing is sent unless it was all listed.
        if manner == .live || manner == .all { #expect(world.requests(.retry) == 0) }
        #expect(try tick(world, manner, ticks: 4).pages <= 200)
    }

    @Test("costs a minute of reading and the one answer that was under way, each of half a minute at most")
    func slow() throws {
        let world = try CoverageTests.past(30)
        let (_, took, pages) = try tick(world, .all, delay: .seconds(29))
        // As long again for what is asked by id.
        #expect(took <= .minutes(3), "\(took)")
        #expect(pages <= 4, "\(pages)")
        #expect(world.requests(.retry) == 0)
    }
}

/// Pages that were asked for.
private final class Meter: Sendable {
    private let count = Mutex(0)
    var pages: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}

/// A reader whose lists, and whose answers in time, go on for ever.
private struct EndlessReader: ExecutionReader {
    let reader: any ExecutionReader
    let clock: VirtualClock
    let manner: EndlessAnswerTests.Manner?
    let delay: Period
    let meter: Meter

    func list(_ query: ListQuery) async throws(ReadFailure) -> ExecutionPage {
        meter.add()
        await pause()
        var asked = query
        asked.cursor = nil
        var page = try await reader.list(asked)
        let isEndless: Bool =
            switch manner {
            case nil: false
            case .live: query.status == .running || query.status == .waiting || query.status == .queued
            case .ended: query.status == nil
            case .failed: query.status == .error || query.status == .canceled
            case .all: true
            }
        if isEndless { page.nextCursor = "page \(meter.pages)" }
        return page
    }
    func execution(_ id: ExecutionID) async throws(ReadFailure) -> Execution? {
        await pause()
        return try await reader.execution(id)
    }
    func detail(_ id: ExecutionID) async throws(ReadFailure) -> DetailedExecution? {
        await pause()
        return try await reader.detail(id)
    }
    func workflow(_ id: WorkflowID) async throws(ReadFailure) -> WorkflowInfo? {
        await pause()
        return try await reader.workflow(id)
    }
    func workflows() async throws(ReadFailure) -> [WorkflowInfo] { try await reader.workflows() }
    func tags(of id: ExecutionID) async throws(ReadFailure) -> [AnnotationTag]? { try await reader.tags(of: id) }
    func capabilities() async throws(ReadFailure) -> ServerCapabilities { try await reader.capabilities() }

    private func pause() async {
        if delay > .zero { try? await clock.sleep(for: delay) }
    }
}
