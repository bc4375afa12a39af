import MendflowCore
import MendflowLedger
import MendflowText
import Testing

extension StoreRule {
    static let views: [StoreRule] = [
        StoreRule("the view is empty where nothing was written, and is not memoryless") { home in
            let view = try await TestLedger(home).view(shadow: true)
            #expect(view == .ofDryRun)
        },
        StoreRule("dry-run's facts are kept from enforce, and dry-run sees both") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append([
                reservation(draft("1")), reservation(draft("2", shadow: true)), latched(.healed, "10"),
                latched(.healed, "11", shadow: true), .owned(production, root: "10", policy: "real", shadow: false),
                .owned(production, root: "11", policy: "dry", shadow: true), decided("20", .act),
                decided("20", .capped, shadow: true), decided("21", .capped, shadow: true), decided("21", .act),
                latched(.gone, "12"), latched(.gone, "12", shadow: true),
            ])
            let real = try await ledger.view()
            #expect(real.intents.map(\.draft.execution) == ["1"] && real.shadowOwned.isEmpty)
            #expect(real.healed == ["10"] && real.owners == ["10": "real"] && real.gone == ["12"])
            #expect(real.verdicts.mapValues { $0.parts.map(\.phase) } == ["20": [.act], "21": [.act]])
            let dry = try await ledger.view(shadow: true)
            #expect(dry.intents.map(\.draft.execution) == ["1", "2"] && dry.shadowOwned == ["11"])
            #expect(dry.healed == ["10", "11"] && dry.owners == ["10": "real", "11": "dry"])
            #expect(dry.verdicts.mapValues { $0.parts.map(\.phase) } == ["20": [.capped], "21": [.capped]])
        },
        StoreRule("dry-run sees the later of a chain's real owner and its own") { home in
            let ledger = try await TestLedger(home)
            func own(_ policy: String, at time: Int64, shadow: Bool) async throws {
                try await ledger.append(.owned(production, root: "1", policy: policy, shadow: shadow), at: time)
            }
            try await own("dry", at: 1, shadow: true)
            try await own("real", at: 2, shadow: false)
            #expect(try await ledger.view(shadow: true).owners == ["1": "real"])
            try await own("next", at: 3, shadow: true)
            #expect(try await ledger.view(shadow: true).owners == ["1": "next"])
            #expect(try await ledger.view().owners == ["1": "real"])
            // A clock that goes back: what each wrote last counts, dated as it was.
            try await own("late", at: 9, shadow: false)
            try await own("early", at: 2, shadow: false)
            #expect(try await ledger.view(shadow: true).owners == ["1": "next"])
            #expect(try await ledger.view().owners == ["1": "early"])
        },
        StoreRule("every kind of latch is folded, each once, and the newest end of a person's retry counts") { home in
            let ledger = try await TestLedger(home)
            let latches = [
                latched(.healed, "1"), latched(.exhausted(policy: "p"), "2"), latched(.exhausted(policy: "q"), "2"),
                latched(.closed(.retry), "3"), latched(.closed(.tag), "3"), latched(.gone, "4"),
                latched(.child("6"), "5"), latched(.child("7"), "5"),
                latched(.personRetried("9"), "8", since: 30),
                latched(.personRetried("9"), "8", since: 40),
                latched(.personRetried("9"), "8", since: 20),
                latched(.outcomeUnknown, "10"), latched(.ranNothing, "11"),
            ]
            try await ledger.append(latches)
            let cells = try await home.cells()
            try await ledger.append(latches, at: 5)
            #expect(try await home.cells() == cells, "what is latched already changes nothing")
            var wanted = LedgerView(
                healed: ["1"], exhausted: ["2": ["p", "q"]], closed: ["3": [.retry, .tag]], gone: ["4"],
                children: ["5": ["6", "7"], "8": ["9"]], personRetried: ["8": at(40)])
            wanted.outcomeUnknown = ["10"]
            wanted.ranNothing = ["11"]
            #expect(try await ledger.view() == wanted)
            let other = InstanceKey(name: "production", epoch: 2)
            #expect(try await ledger.view(other, shadow: true) == .ofDryRun)
        },
        StoreRule("a verdict is the last one, with the parts of all policies") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append(decided("5", .held(.backoff)), at: 1)
            var parts: [DecidedExecution.Part] = []
            for (policy, label) in [("p", "max_actions"), (nil, "no_policy")] {
                let verdict = LedgerView.RecordedVerdict.Part(
                    policy: policy, version: policy.map { _ in "v" }, status: .crashed, phase: .capped)
                parts.append(
                    DecidedExecution.Part(
                        verdict: verdict, label: label, request: "POST", until: at(9), why: "w", takenFrom: "q",
                        bulkHeld: "h"))
            }
            try await ledger.append(
                .decided(
                    DecidedExecution(
                        instance: production, execution: "5", root: "1", isShadow: false, now: at(3), parts: parts,
                        evidence: nil)), at: 2)
            #expect(
                try await ledger.view().verdicts
                    == ["5": LedgerView.RecordedVerdict(parts.map(\.verdict))])
        },
    ]

    static let facts: [StoreRule] = [
        StoreRule("suspensions stand until they are lifted, each action its own") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append([
                .suspended(production, .retry, reason: "401"), .suspended(production, .retry, reason: "403"),
                .suspended(production, .tag, reason: ""),
            ])
            #expect(try await ledger.view().suspended == [.retry: "403", .tag: ""])
            try await ledger.append([.restored(production, .tag), .restored(production, .stop)])
            #expect(try await ledger.view().suspended == [.retry: "403"])
        },
        StoreRule("the last tick is kept whole") { home in
            let ledger = try await TestLedger(home)
            #expect(try await ledger.store.load(LedgerScope()).tick(of: production) == nil)
            var last: TickState?
            for tick in TickStates.all {
                try await ledger.append(.tick(production, TickPatch(from: last, to: tick)), at: tick.at.milliseconds)
                #expect(try await ledger.store.load(LedgerScope()).tick(of: production) == tick)
                last = tick
            }
        },
        StoreRule("a patch that names a run twice leaves it as it was named last, and ended where it ended") { home in
            let ledger = try await TestLedger(home)
            func live(_ id: ExecutionID, _ status: ExecutionStatus) -> TickState.Live {
                .init(execution: Execution(id: id, workflow: "w", status: status), firstSeen: at(1))
            }
            var patch = TickPatch(from: nil, to: TickStates.all[0])
            patch.live = [live("1", .running), live("2", .queued), live("1", .waiting)]
            patch.ended = ["2", "7"]
            try await ledger.append(.tick(production, patch), at: 70)
            let tick = try await ledger.store.load(LedgerScope()).tick(of: production)
            #expect(tick?.live == [live("1", .waiting)])
        },
        StoreRule("known defect: hidesRetryOf and an unrecognised word of a live row survive a restart") { home in
            let row = Execution(
                id: "12", workflow: "w", status: .unrecognised, hidesRetryOf: true, unrecognisedWord: "paused")
            var tick = TickStates.all[0]
            tick.live = [TickState.Live(execution: row, firstSeen: at(5))]
            try await TestLedger(home).append(.tick(production, TickPatch(from: nil, to: tick)))
            let again = try await TestLedger(home).store.load(LedgerScope()).tick(of: production)
            #expect(again?.live.first?.execution == row)
        },
        StoreRule("the newest baseline is answered, whole") { home in
            let ledger = try await TestLedger(home)
            #expect(try await ledger.store.load(LedgerScope()).baseline(of: "production") == nil)
            try await ledger.append(initialised())
            let found = try await ledger.store.load(LedgerScope()).baseline(of: "production")
            #expect(found.map { LedgerEvent.began($0, .initialised(by: "me")) } == initialised())
            try await ledger.append(initialised(InstanceKey(name: "production", epoch: 2)))
            #expect(try await ledger.store.load(LedgerScope()).baseline(of: "production")?.instance.epoch == 2)
            #expect(try await ledger.store.load(LedgerScope()).baseline(of: "other") == nil)
        },
        StoreRule("a policy's text is kept once by its version") { home in
            let ledger = try await TestLedger(home)
            let first = PolicyText(version: "v1", name: "p", text: "retry: {}", place: "a.yaml:3")
            try await ledger.append([
                .policy(first), .policy(PolicyText(version: "v1", name: "q", text: "other", place: "b.yaml")),
            ])
            try await ledger.append(.policy(PolicyText(version: "v1", name: "r", text: "third", place: "c")))
            let state = try await ledger.store.load(LedgerScope(policies: ["v1", "v2"]))
            #expect(state.policy(version: "v1") == first && state.policy(version: "v2") == nil)
        },
        StoreRule("the id of a tag is the one learned last, whichever way its name is spelt") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append(.learnedTag(production, name: "a", id: "1"))
            try await ledger.append(.learnedTag(production, name: "a", id: "2"))
            // One letter and two: the same name to Swift, two names to a database.
            try await ledger.append(.learnedTag(production, name: "\u{E9}", id: "3"))
            try await ledger.append(.learnedTag(production, name: "e\u{301}", id: "4"))
            #expect(try await ledger.view().learnedTags == ["a": "2", "\u{E9}": "4"])
        },
        StoreRule("what could not be seen, and what happens to the agent itself, are records and nothing else") {
            home in
            let ledger = try await TestLedger(home)
            try await ledger.append([
                .gap(production, execution: "7", .vanished),
                .gap(production, execution: nil, .unwatched(from: at(1), to: at(2))),
                .gap(production, execution: nil, .missing(IDRanges([3...4]))),
                .gap(production, execution: nil, .missing(IDRanges())),
                .lifecycle(.stopped(why: "signal", version: "1", agent: nil)),
            ])
            #expect(try await home.cells().isEmpty)
        },
    ]
}

/// Ticks one after the other, in which everything changes.
private enum TickStates {
    static let all: [TickState] = {
        let live = Execution(
            id: "12", workflow: "w", status: .queued, mode: "trigger", retryOf: "3", retrySuccess: "4",
            createdAt: at(1), startedAt: at(2), stoppedAt: at(3), waitTill: at(4))
        let first = TickState(
            tick: 7, at: at(70), accounted: "11", coveredFrom: "2", sweptAt: at(60), rows: 250,
            live: [
                .init(execution: live, firstSeen: at(5), lastSeenWaiting: at(6)),
                .init(execution: Execution(id: "13", workflow: "w", status: .waiting), firstSeen: at(8)),
            ], clockOffset: ClockOffset(ahead: .milliseconds(-120)), missing: IDRanges([3...5, 9...10]),
            sightings: [.init(id: "12", at: at(9))],
            fingerprints: [
                .init(id: "3", workflow: "w", startedAt: at(4)), .init(id: "2", workflow: "w", startedAt: nil),
            ], coveredSince: at(44))
        var second = first
        (second.tick, second.at) = (8, at(80))
        second.live[0].execution.status = .running
        second.gap = ReadingGap(.below("11"), since: at(75), why: "no room")
        second.live[1] = .init(execution: Execution(id: "100", workflow: "w", status: .running), firstSeen: at(80))
        second.missing = IDRanges([4...5, 9...10, 14...14])
        second.sightings = []
        var third = second
        (third.tick, third.at, third.fingerprints) = (9, at(90), [])
        third.gap = ReadingGap(.above("100"), since: at(75), why: "500")
        let last = TickState(
            tick: 10, at: at(90), accounted: nil, sweptAt: nil, rows: 0, live: [], clockOffset: .zero)
        return [first, second, third, last]
    }()
}
