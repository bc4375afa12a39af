import MendflowCore

/// Pairs of execution and policy that the planner decides about per second, in one thread.
enum PairBench {
    static let instance = InstanceKey(name: "bench", epoch: 1)
    private static let now = ServerTime(milliseconds: 1_780_000_000_000)

    static func run(executions count: Int, policies: Int) throws {
        let planner = Planner(try BenchPolicies.set(policies))
        for (name, failed) in [("1 in 10 failed, all data known", 10), ("all failed, all data known", 1)] {
            let snapshot = snapshot(count, oneFailedIn: failed)
            var seconds: [Double] = []
            var actions = 0
            for round in 0..<12 {
                let clock = ContinuousClock()
                let start = clock.now
                let plan = planner.plan(snapshot, LedgerView())
                let time = clock.now - start
                guard plan.needs.isEmpty else { throw BenchFailure(description: "the plan needs \(plan.needs.count)") }
                actions = plan.actions.count
                let (whole, attoseconds) = time.components
                if round > 0 { seconds.append(Double(whole) + Double(attoseconds) / 1e18) }
            }
            seconds.sort()
            let median = seconds[seconds.count / 2]
            func rate(_ seconds: Double) -> String { (Double(count * policies) / seconds).text(0) }
            Bench.write(
                "\(count) executions x \(policies) policies, \(name): \((median * 1000).text(1)) ms, "
                    + "\(rate(median)) pairs/s (median of \(seconds.count); \(rate(seconds[seconds.count - 1])) to "
                    + "\(rate(seconds[0]))), \(actions) actions due")
        }
    }

    private static func snapshot(_ count: Int, oneFailedIn share: Int) -> Snapshot {
        var dice = Dice(7)
        var snapshot = Snapshot(instance: instance, now: now)
        var workflows: [WorkflowID: WorkflowInfo] = [:]
        for number in 1...100 {
            let id = WorkflowID("BenchFlow\(1_000_000 + number)")
            workflows[id] = WorkflowInfo(
                id: id, name: "Flow \(number)", tags: number % 10 == 0 ? ["orders"] : [], savesSuccesses: true,
                savesFailures: true)
        }
        snapshot.workflows = workflows
        let ids = workflows.keys.sorted { $0.text < $1.text }
        for number in 1...count {
            let id = ExecutionID("\(number)")
            let end = now - .seconds(Int64((count - number) * 8 + 300))
            let workflow = ids[dice.roll(100)]
            let kind = dice.roll(100)
            let status: ExecutionStatus =
                number % share == 0
                ? (kind < 90 ? .error : kind < 95 ? .crashed : .canceled)
                : kind < 97 ? .success : kind < 99 ? .waiting : .running
            snapshot.executions[id] = Execution(
                id: id, workflow: workflow, status: status, startedAt: end - .seconds(3),
                stoppedAt: status == .running ? nil : end,
                waitTill: status == .waiting ? now + .hours(5) : nil)
            if status.isLive { snapshot.firstSeen[id] = end }
            if status != .success { snapshot.details[id] = detail(status, &dice, end) }
        }
        snapshot.highest = ExecutionID("\(count)")
        return snapshot
    }

    private static let errors: [(name: String, message: String, code: String?)] = [
        ("NodeApiError", "The service is temporarily unavailable", "503"),
        ("NodeApiError", "The connection was aborted, perhaps the server is offline", "ECONNRESET"),
        ("NodeApiError", "Authorization failed - please check your credentials", "401"),
        ("NodeApiError", "The service is receiving too many requests from you", "429"),
        ("NodeOperationError", "Deadlock found when trying to get lock", nil),
        ("Error", "Cannot read properties of undefined (reading 'name') [line 3]", nil),
        ("NodeApiError", "The resource you are requesting could not be found", "404"),
    ]

    static func detail(_ status: ExecutionStatus, _ dice: inout Dice, _ at: ServerTime) -> ExecutionDetail {
        guard status == .error || status == .crashed else {
            return ExecutionDetail(status: status, waitKind: status == .waiting ? .timer : nil)
        }
        let error = errors[dice.roll(errors.count)]
        return ExecutionDetail(
            status: status,
            error: ErrorEvidence(
                name: error.name, message: error.message, httpCode: error.code,
                messages: error.code.map { ["\($0) - \"upstream said no\""] } ?? [], at: at),
            lastNode: NodeEvidence(
                name: "Call API", type: "n8n-nodes-base.httpRequest", method: dice.roll(2) == 0 ? "GET" : "POST",
                target: "http://erp.example/api"),
            itemsToRepeat: 1 + dice.roll(5), finishedNodes: 2, resumesAtNode: true)
    }
}
