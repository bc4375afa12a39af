import MendflowCore

extension RandomWorlds {
    /// A world in which everything that planning looks at occurs: all kinds of actions and guards, groups, shares,
    /// answers that were lost or refused, children, sub-workflows, and lists that were not read to their end.
    mutating func everything() -> World {
        var world = world()
        let more = number(1...4)
        for index in 0..<more { world.policies.append(unusualPolicy(index)) }
        world.policies.shuffle(using: &random)
        for index in world.policies.indices where chance(1, in: 3) { guardUnusually(&world.policies[index]) }
        limitSight(&world)
        for id in world.snapshot.executions.keys.sorted() { vary(&world, id) }
        if chance(1, in: 15) { world.view.alarm = "rows of another database" }
        if chance(1, in: 8) { world.view.suspended = [pick(ActionKind.allCases): "the key lacks the scope"] }
        if chance(1, in: 10) { world.view.isMemoryless = true }
        if chance(1, in: 3) { world.setClocksApart(by: .minutes(Int64(number(-600...600)))) }
        rollOut(&world)
        if chance(1, in: 4) { replay(&world) }
        return world
    }

    /// A replay of some executions, which retried some of them before it was let go on last, and some since.
    private mutating func replay(_ world: inout World) {
        let chosen = world.snapshot.executions.keys.sorted().filter { _ in chance(1, in: 2) }
        var policy = MendflowCoreTests.policy(
            "replay-1", .retry(1),
            match: .all([.failed, .when(.executionID, .anyOf(chosen.map { .wildcard($0.text) }))]), priority: 1_000_000)
        policy.replay = ReplayPace(
            canary: number(0...3), inFlightPerWorkflow: chance(1, in: 2) ? number(1...3) : nil, stopAfterFailures: nil)
        world.policies.append(policy)
        var replay = Replay(
            ReplayStart(
                name: "replay-1", version: policy.version, total: chosen.count, earliest: noon - .days(1), by: "ops",
                reason: "", selection: ""), at: agentNoon - .hours(1) - world.snapshot.clockOffset.ahead)
        replay.since = agentNoon - .minutes(Int64(number(0...40))) - world.snapshot.clockOffset.ahead
        world.view.replays["replay-1"] = replay
        for id in chosen where chance(1, in: 3) {
            world.intend(
                .retry, id, chance(3, in: 4) ? .applied : pick(IntentState.allCases),
                ago: .minutes(Int64(number(0...50))) + world.snapshot.clockOffset.ahead, policy: "replay-1",
                child: chance(3, in: 4) ? ExecutionID(String(number(1...70))) : nil)
        }
    }

    /// Some policies act on a share of chains, or ask first; one whose request is for all of them cannot.
    private mutating func rollOut(_ world: inout World) {
        for index in world.policies.indices where chance(1, in: 6) {
            if world.policies[index].remediation?.kind == .bulkStop { continue }
            world.policies[index].rollout = RollOut(percent: number(0...100))
        }
        for index in world.policies.indices where chance(1, in: 8) {
            if world.policies[index].remediation?.kind == .bulkStop { continue }
            world.policies[index].approval = ApprovalRule(expires: .hours(1))
            ask(&world, world.policies[index])
        }
    }

    /// Some of what a policy may want was asked, of it or of an earlier version, and answered in some way.
    private mutating func ask(_ world: inout World, _ policy: Policy) {
        guard let action = policy.remediation?.kind else { return }
        for id in world.snapshot.executions.keys.sorted() where chance(1, in: 3) {
            let draft = IntentDraft(
                instance: production, action: action, execution: id, root: id, workflow: "w0", policy: policy.name,
                policyVersion: chance(1, in: 5) ? "older" : policy.version)
            let at = agentNoon - .minutes(Int64(number(0...90))) - world.snapshot.clockOffset.ahead
            var approval = Approval(
                ApprovalID(Int64(number(1...999))),
                ApprovalAsk(draft: draft, request: "", attempts: 1, expiresAt: at + .hours(1)), at: at)
            approval.state = pick(Approval.State.allCases)
            world.view.approvals[approval.ask.topic] = approval
        }
    }

    private mutating func unusualPolicy(_ number: Int) -> Policy {
        let remediation: Remediation? = pick([
            .delete, .delete, .bulkStop(BulkStopAction(allWorkflows: chance(1, in: 2))),
            .bulkStop(BulkStopAction(allWorkflows: true)), .stop, nil,
            .retry(2) { $0.whenUnresolved = .resend }, .retry(3) { $0.loadWorkflow = true },
            .retry(2) { $0.acceptedRisks = [.possible, .restart] },
        ])
        return MendflowCoreTests.policy(
            "q\(number)", remediation, match: match(of: remediation), tags: chance(1, in: 4) ? ["odd", "flaky"] : [],
            mode: pick([.enforce, .enforce, .dryRun]), priority: self.number(0...1)
        ) { policy in
            if chance(1, in: 3) { policy.onExhausted = OnExhausted(tags: ["needs-human"], continues: true) }
            if chance(1, in: 8) { policy.renamedFrom = "gone" }
        }
    }

    private mutating func match(of remediation: Remediation?) -> Condition? {
        switch remediation {
        case .delete:
            let ended = Condition.status(.error, .crashed, .canceled, .success)
            return chance(1, in: 3) ? ended : .all([ended, .when(.age, .period(.gt, .hours(Int64(number(1...60)))))])
        case .bulkStop:
            var parts = [pick([Condition.live, .status(.waiting), .status(.running, .waiting)])]
            if chance(1, in: 2) { parts.append(.workflow(pick(["Order sync", "Invoices"]))) }
            if chance(1, in: 3) { parts.append(.when(.startedAgo, .period(.gt, .hours(Int64(number(1...9)))))) }
            return .all(parts)
        case .stop: return chance(1, in: 2) ? .live : .all([.live, condition(1)])
        default: return chance(1, in: 6) ? nil : .all([.failed, condition(2)])
        }
    }

    private mutating func guardUnusually(_ policy: inout Policy) {
        if chance(1, in: 3) {
            policy.when = GroupCondition(
                count: [pick([.number(.gte, Int64(number(1...6))), .number(.lt, 9)])],
                distinct: pick([.execution, .workflow]), within: .hours(Int64(number(1...40))),
                groupBy: pick([.policy, .workflow]))
        }
        if chance(1, in: 3) {
            policy.guards.maxActions = [
                ActionCap(percent: number(5...50), per: pick([.tick, .window(.hours(Int64(number(1...30))))]))
            ]
        }
        if chance(1, in: 3) {
            policy.guards.circuitBreaker = CircuitBreaker(
                failureThreshold: number(1...3), window: .hours(2), openFor: .minutes(Int64(number(1...60))),
                groupBy: pick([.policy, .workflow, .nodeType]))
        }
        if chance(1, in: 6) {
            policy.guards.notDuring = [TimeWindow(fromMinute: 600, toMinute: pick([700, 800]), zone: .utc)]
        }
        if chance(1, in: 6) {
            policy.guards.activeDuring = [TimeWindow(fromMinute: pick([60, 800]), toMinute: 900, zone: .utc)]
        }
        if chance(1, in: 6) { policy.guards.maxInFlight = number(0...2) }
        if chance(1, in: 5) {
            let until = pick([noon - .hours(1), noon + .hours(1)])
            policy.exceptions.append(PolicyException(match: condition(1), until: until, reason: "for now"))
            if chance(1, in: 2) {
                let implied = FieldTest(.workflowActive, [.flag(true)], isImplicit: true)
                policy.match = .all([policy.match ?? .all([]), .test(implied)])
            }
        }
    }

    /// Lists that end early, ids that are in none, a server that hides waiting runs.
    private mutating func limitSight(_ world: inout World) {
        func id(_ random: inout RandomWorlds) -> ExecutionID { ExecutionID(String(random.number(0...30))) }
        if chance(1, in: 4) { world.snapshot.coverage.retriesKnownFrom = id(&self) }
        if chance(1, in: 4) { world.snapshot.coverage.rowsKnownFrom = id(&self) }
        if chance(1, in: 3) { world.snapshot.coverage.idsKnownFrom = id(&self) }
        if chance(1, in: 4) { world.snapshot.coverage.unknownIDs = number(1...3) }
        world.snapshot.coverage.hidesWaiting = chance(1, in: 3)
        world.snapshot.coverage.lookBack = .hours(Int64(number(2...48)))
        world.snapshot.baseline = noon - .hours(Int64(number(20...72)))
        world.snapshot.highest = chance(1, in: 2) ? world.snapshot.executions.keys.max() : nil
        for workflow in ["w0", "w1", "w2"] where chance(1, in: 2) {
            world.snapshot.newestSuccess[WorkflowID(workflow)] = id(&self)
        }
        if chance(1, in: 2) { world.snapshot.runTimes["w1"] = RunTimes(samples: 40, p95: .seconds(2)) }
    }

    private mutating func vary(_ world: inout World, _ id: ExecutionID) {
        guard var row = world.snapshot.executions[id] else { return }
        if chance(1, in: 12) { row.mode = pick([.error, .unread, .integrated]) }
        if chance(1, in: 30) { row.status = .unrecognised }
        if chance(1, in: 30) { row.hidesRetryOf = true }
        if chance(1, in: 40) { row.stoppedAt = nil }
        if chance(1, in: 30) { row.retrySuccess = "90" }
        if chance(1, in: 8), row.status.isFailed { row.stoppedAt = noon - .seconds(30) }
        world.snapshot.executions[id] = row
        if row.mode == .integrated, chance(2, in: 3) {
            world.snapshot.details[id]?.parentExecution = ExecutionID(String(number(1...60)))
        }
        if chance(1, in: 10) { world.snapshot.firstSeen[id] = noon - .minutes(Int64(number(1...90))) }
        if chance(1, in: 10) { world.snapshot.lastSeenWaiting[id] = noon - .minutes(Int64(number(1...90))) }
        if chance(1, in: 10) { world.snapshot.seenLive.insert(id) }
        if chance(1, in: 20) { world.snapshot.unreadableTags.insert(id) }
        if chance(1, in: 25) { world.view.gone.insert(id) }
        if chance(1, in: 25) { world.view.children[id] = [ExecutionID(String(number(1...80)))] }
        if chance(1, in: 25) { world.view.shadowOwned.insert(id) }
        if chance(1, in: 30) { world.snapshot.executions[id] = nil }
        intendUnusually(&world, id)
    }

    private mutating func intendUnusually(_ world: inout World, _ id: ExecutionID) {
        guard chance(1, in: 4) else { return }
        let action = pick(ActionKind.allCases)
        let state = pick(IntentState.allCases)
        let sent = chance(3, in: 4)
        let isRetry = action == .retry && state == .applied && chance(1, in: 2)
        for _ in 0..<(chance(1, in: 4) ? 3 : 1) {
            world.intend(
                action, id, state, ago: chance(1, in: 4) ? .seconds(20) : .minutes(Int64(number(0...200))),
                policy: pick(["p0", "p1", "q0", "q1"]),
                child: isRetry ? ExecutionID(String(number(1...90))) : nil,
                tags: action == .tag ? ["odd", "seen"] : [],
                workflow: world.snapshot.executions[id]?.workflow ?? "w0", sent: sent,
                watermark: chance(1, in: 4) ? ExecutionID(String(number(1...60))) : nil,
                notBefore: chance(1, in: 4) ? agentNoon + .minutes(Int64(number(1...30))) : nil)
        }
    }
}
