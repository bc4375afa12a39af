import MendflowCore
import Testing

@Suite("The table of executions")
struct ExecutionTableTests {
    /// A run that succeeded, the newest one the highest number.
    private func settled(_ number: Int) -> Execution {
        Execution(
            id: ExecutionID("\(number)"), workflow: WorkflowID("w\(number % 7)"), status: .success,
            startedAt: noon + .seconds(Int64(number)), stoppedAt: noon + .seconds(Int64(number + 3)))
    }

    @Test("it holds what a dictionary would hold, whatever is put in, changed and taken out", arguments: 1...20)
    func dictionary(seed: UInt64) {
        var random = RandomWorlds(seed: seed)
        var table = ExecutionTable()
        var model: [ExecutionID: Execution] = [:]
        for _ in 0..<4000 {
            let number = random.number(1...3000)
            let id = ExecutionID(random.chance(1, in: 50) ? "x\(number)" : "\(number)")
            var row: Execution? = settled(number)
            row?.id = id
            if random.chance(1, in: 10) { row?.status = random.pick([.error, .running, .canceled]) }
            if random.chance(1, in: 20) { row?.retryOf = ExecutionID("\(number / 2)") }
            if random.chance(1, in: 30) { row?.stoppedAt = noon - .hours(1) }
            if random.chance(1, in: 30) { row?.startedAt = nil }
            if random.chance(1, in: 5) { row = nil }
            table[id] = row
            model[id] = row
        }
        #expect(table.count == model.count)
        #expect(model.allSatisfy { table[$0.key] == $0.value })
        #expect(Dictionary(uniqueKeysWithValues: table.values.map { ($0.id, $0) }) == model)
        #expect(Set(table.live.map(\.id)) == Set(model.values.filter(\.status.isLive).map(\.id)))
        #expect(Set(table.workflows) == Set(model.values.map(\.workflow)))
        let limit = noon + .seconds(1500)
        let ended = model.values.filter { table.isSettled($0.id) && $0.stoppedAt.map { $0 <= limit } ?? false }
        #expect(table.settled(endedUpTo: limit).map(\.id) == ended.map(\.id).sorted())
        let begun = model.values.filter { table.isSettled($0.id) && $0.startedAt.map { $0 < limit } ?? false }
        #expect(table.settled(startedBefore: limit).map(\.id) == begun.map(\.id).sorted())
        let failed = model.values.filter { $0.workflow == "w3" }.map(\.id).sorted(by: >)
        #expect(table.newest(5) { $0.workflow == "w3" }.map(\.id) == Array(failed.prefix(5)))
    }

    @Test("pages that are read newest first, each taken in oldest first, lie as close as rows that come one by one")
    func pages() {
        var table = ExecutionTable()
        for page in (0..<40).reversed() {
            for number in (page * 250)..<(page * 250 + 250) { table[ExecutionID("\(number)")] = settled(number) }
        }
        #expect(table.count == 10_000)
        #expect(table.settledPieces < 80)
    }

    @Test("the settled runs of a span are those that ended in it, wherever they lie")
    func span() {
        var table = ExecutionTable()
        for number in 1...3000 { table[ExecutionID("\(number)")] = settled(number) }
        let ends = table.values.compactMap(\.stoppedAt).sorted()
        let (from, to) = (ends[700], ends[1900])
        let found = table.settled(endedUpTo: to, after: from)
        #expect(found.count == 1200)
        #expect(found.allSatisfy { $0.stoppedAt.map { $0 > from && $0 <= to } ?? false })
    }

    @Test("only runs of which nothing but times, workflow and mode is to be remembered are settled")
    func settledRuns() {
        var table = ExecutionTable([settled(1)])
        #expect(table.isSettled("1") && table.notable.isEmpty)
        let changes: [(inout Execution) -> Void] = [
            { $0.status = .error }, { $0.retryOf = "0" }, { $0.hidesRetryOf = true }, { $0.retrySuccess = "9" },
            { $0.createdAt = noon }, { $0.waitTill = noon }, { $0.startedAt = nil }, { $0.stoppedAt = nil },
            { $0.stoppedAt = noon - .hours(1) }, { $0.stoppedAt = noon + .hours(24 * 90) }, { $0.id = "01" },
            { $0.id = "one" }, { $0.id = "" },
        ]
        for change in changes {
            var row = settled(1)
            change(&row)
            table[row.id] = row
            #expect(!table.isSettled(row.id) && table[row.id] == row)
        }
        #expect(!table.isSettled("2"))
    }

    @Test("a plan over notable runs is the plan over all of them", arguments: 1...300)
    func plans(seed: UInt64) {
        var random = RandomWorlds(seed: seed)
        var whole = random.chance(1, in: 2) ? random.everything() : random.world()
        let statuses: [Condition] = [.status(.success), .status(.success, .error), .failed]
        for number in 0..<random.number(0...2) {
            let age = Condition.when(.age, .period(random.pick([.gt, .gte]), .hours(Int64(random.number(0...60)))))
            let match = Condition.all([random.pick(statuses), random.pick([age, random.condition(2)])])
            whole.policies.append(
                policy("d\(number)", random.pick([.delete, nil]), match: match, tags: random.pick([[], ["seen"]])))
        }
        whole.snapshot.baseline = noon - .hours(Int64(random.number(0...60)))
        // Once it is known when it was made a run is not settled, which no decision about a success asks for.
        var compact = whole
        for row in whole.snapshot.executions.values where row.status == .success {
            compact.snapshot.executions[row.id]?.createdAt = nil
            whole.snapshot.executions[row.id]?.createdAt = row.startedAt
        }
        for pass in [Planner.Pass.enforced, .dryRun] {
            let (one, other) = (whole.plan(pass), compact.plan(pass))
            #expect(one.decisions == other.decisions)
            #expect(one.needs == other.needs)
            #expect(one.latches == other.latches)
            #expect(one.groups == other.groups)
            #expect(one.rowsJudged == other.rowsJudged)
        }
    }
}
