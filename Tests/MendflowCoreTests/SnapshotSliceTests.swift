import MendflowCore
import MendflowLedger
import MendflowTestKit
import Testing

/// The evidence of a decision has to be enough to decide again.
@Suite("Slices of a snapshot")
struct SnapshotSliceTests {
    /// What is decided about an execution, again, from its slice alone.
    private func again(_ decision: Decision, _ plan: Plan, _ world: World, _ pass: Planner.Pass) -> [Decision] {
        let planner = Planner(world.set, pass: pass)
        var slices = SnapshotSlices(planner, plan, world.snapshot, world.view)
        return planner.plan(slices.slice(for: decision), world.view, beside: slices.granted(beside: decision))
            .decisions.filter { $0.execution == decision.execution }
    }

    @Test(
        "each decision is made again from its slice, with the same words and in the same budgets",
        arguments: 1...(TestScale.isFull ? 300 : 30))
    func replay(seed: UInt64) {
        var random = RandomWorlds(seed: seed)
        let world = seed.isMultiple(of: 4) ? random.world() : random.everything()
        for pass in [Planner.Pass.enforced, .dryRun] {
            let plan = world.plan(pass)
            for (execution, decisions) in Dictionary(grouping: plan.decisions, by: \.execution) {
                let again = again(decisions[0], plan, world, pass)
                #expect(again == decisions, "\(execution) of seed \(seed)")
            }
        }
    }

    @Test(
        "each slice is read back from the bytes of the ledger as it was",
        arguments: 1...(TestScale.isFull ? UInt64(100) : 12))
    func record(seed: UInt64) throws {
        var random = RandomWorlds(seed: seed)
        let world = random.everything()
        for pass in [Planner.Pass.enforced, .dryRun] {
            let plan = world.plan(pass)
            var slices = SnapshotSlices(Planner(world.set, pass: pass), plan, world.snapshot, world.view)
            var collector = EvidenceCollector { _ in false }
            for decision in plan.decisions {
                let slice = slices.slice(for: decision)
                let source = collector.source(slice)
                let planning = Planning(
                    slice, at: Planning.Place(head: 0, reconciled: 0, between: 0), acts: true, deletesOld: false,
                    policies: collector.note(world.set.evidence), terms: nil, pieces: collector.pieces)
                let decided = DecidedExecution(
                    [decision], instance: slice.instance, isShadow: false, now: slice.now,
                    evidence: DecisionEvidence(enforced: source))
                guard case .planned(let key, let read) = try stored(.planned(slice.instance, planning)),
                    case .decided(let again) = try stored(.decided(decided)), let source = again.evidence?.enforced
                else {
                    Issue.record("they are other events")
                    return
                }
                #expect(again == decided)
                #expect(try EvidenceReader([read]).snapshot(source, read, key) == slice, "\(decision.execution)")
            }
        }
    }

    /// An event, written as the ledger does and read again.
    private func stored(_ event: LedgerEvent) throws -> LedgerEvent {
        let entry = LedgerEntry(event, at: AgentTime(milliseconds: 1))
        let bytes = CanonicalRecord(sequence: 1, record: entry.record(after: entry.at)).bytes
        return try LedgerEntry(try CanonicalRecord(bytes: bytes).record).event
    }

    @Test("a slice holds the rows of the chain and what they were judged by, not the whole instance")
    func small() {
        var (rows, whole) = (0, 0)
        for seed in UInt64(1)...50 {
            var random = RandomWorlds(seed: seed)
            let world = random.everything()
            let plan = world.plan()
            var slices = SnapshotSlices(Planner(world.set), plan, world.snapshot, world.view)
            for decision in plan.decisions {
                let slice = slices.slice(for: decision)
                guard let judged = slice.counted?.judged else {
                    Issue.record("nothing was counted")
                    continue
                }
                let chains = Chains(world.snapshot, world.view)
                #expect(Set(slice.details.keys).isSubset(of: judged.union(judged.map { chains.root(of: $0) })))
                let runs = judged.flatMap { chains.chain(of: $0).nodes.map(\.id) }
                #expect(Set(slice.tags.keys).isSubset(of: runs) && slice.seenLive.isSubset(of: judged))
                rows += slice.executions.count
                whole += world.snapshot.executions.count
            }
        }
        #expect(rows * 5 < whole)
    }

    @Test("a retry that n8n names as the one that succeeded comes with its own row, which may say otherwise")
    func named() throws {
        var world = World(policy("p"))
        world.add("9")
        world.add("65", workflow: "v")
        world.snapshot.executions["9"]?.retrySuccess = "65"
        let plan = world.plan()
        let decision = try #require(plan.decisions.first { $0.execution == "9" })
        #expect(decision.verdict.label == "act")
        #expect(again(decision, plan, world, .enforced) == [decision])
    }

    @Test("the live run by which a retry without an answer counts as in flight comes with what it holds")
    func lost() throws {
        var world = World(policy("p"))
        world.limits.maxInFlight = 1
        world.add("9")
        world.intend(.retry, "3", .unresolved, ago: .minutes(3), policy: "p", watermark: "20")
        world.add("21", .running, retryOf: "3")
        let plan = world.plan()
        let decision = try #require(plan.decisions.first { $0.execution == "9" })
        #expect(decision.verdict.label == "max_in_flight")
        #expect(again(decision, plan, world, .enforced) == [decision])
    }

    @Test("a replay's retries of before it was let go on come with what waits for its first ones")
    func replayBefore() throws {
        var world = World(policy("replay-1") { $0.replay = ReplayPace(canary: 1) })
        world.add("9")
        let start = ReplayStart(
            name: "replay-1", version: "v-replay-1", total: 2, earliest: noon - .hours(2), by: "ops", reason: "",
            selection: "")
        var replay = Replay(start, at: agentNoon - .minutes(20))
        replay.since = agentNoon - .minutes(1)
        world.view.replays["replay-1"] = replay
        world.intend(.retry, "3", .applied, ago: .minutes(5), policy: "replay-1", child: "12")
        world.add("12", .error, retryOf: "3", ago: .minutes(4))
        let plan = world.plan()
        let decision = try #require(plan.decisions.first { $0.execution == "9" })
        #expect(decision.verdict.label == "act")
        #expect(again(decision, plan, world, .enforced) == [decision])
    }

    @Test("without what was counted over all rows some decisions would be others")
    func counted() {
        let differ = (UInt64(1)...100).contains { seed in
            var random = RandomWorlds(seed: seed)
            let world = random.everything()
            let plan = world.plan()
            var slices = SnapshotSlices(Planner(world.set), plan, world.snapshot, world.view)
            return plan.decisions.contains { decision in
                var slice = slices.slice(for: decision)
                slice.counted = nil
                return !Planner(world.set).plan(slice, world.view).decisions.contains(decision)
            }
        }
        #expect(differ)
    }

    @Test("every kind of action occurs among those that are made again", arguments: ActionKind.allCases)
    func kinds(kind: ActionKind) {
        let found = (UInt64(1)...100).contains { seed in
            var random = RandomWorlds(seed: seed)
            let world = seed.isMultiple(of: 4) ? random.world() : random.everything()
            return world.plan().actions.contains { $0.draft.action == kind }
        }
        #expect(found)
    }
}
