import MendflowCore
import MendflowLedger
import Testing

private let other = InstanceKey(name: "other", epoch: 1)

/// Two old chains, written at 1: 1 -> 2 -> 3, and 50.
private func oldChains(_ home: any StoreUnderTest) async throws -> TestLedger {
    let ledger = try await TestLedger(home)
    try await ledger.append([
        initialised(), latched(.child("2"), "1"), latched(.child("3"), "2"), latched(.healed, "1"),
        latched(.exhausted(policy: "p"), "1"), latched(.closed(.retry), "3"),
        .owned(production, root: "1", policy: "p", shadow: false), decided("3", .act), latched(.healed, "50"),
        .owned(production, root: "50", policy: "p", shadow: false), decided("50", .act),
    ])
    return ledger
}

/// Expects that a view holds the chain 1 -> 2 -> 3, whole.
private func expectWhole(_ view: LedgerView, _ what: String = "") {
    #expect(view.children["1"] == ["2"] && view.children["2"]?.contains("3") == true, "\(what)")
    #expect(view.healed == ["1"] && view.exhausted == ["1": ["p"]] && view.isClosed("3", for: .retry), "\(what)")
    #expect(view.owners == ["1": "p"] && view.verdicts["3"] != nil, "\(what)")
}

extension StoreRule {
    static let openChains = [IntentState.reserved, .sending, .unresolved].map { state in
        StoreRule("the chain of a request that is \(state.rawValue) is there whole, however old, though nobody asks") {
            home in
            let ledger = try await oldChains(home)
            let id = try await ledger.intent(state, of: "3", at: 2)
            for scope in [LedgerScope.instance("production", since: at(100)), LedgerScope()] {
                let view = try await ledger.store.load(scope).view(of: production, shadow: false)
                #expect(view.intents.map(\.id) == [id])
                expectWhole(view)
            }
        }
    }

    static let scopes: [StoreRule] = [
        StoreRule("what is older is left out, unless it is open or unresolved") { home in
            let ledger = try await TestLedger(home)
            for (execution, state) in [
                ("9", IntentState.applied), ("2", .sending), ("3", .unresolved), ("4", .reserved),
            ] {
                var plan = draft(ExecutionID(execution))
                plan.root = plan.execution
                let id = try await ledger.reserve(plan)
                if state != .reserved { try await ledger.send(id) }
                if state != .reserved, state != .sending { try await ledger.settle(id, Settlement(state)) }
            }
            var young = draft("5")
            young.root = "5"
            let id = try await ledger.reserve(young, at: 100)
            try await ledger.settle(id, Settlement(.void), at: 100)
            func seen(since: Int64, _ chains: Set<ExecutionID> = []) async throws -> [ExecutionID] {
                try await ledger.view(since: since, chains: chains).intents.map(\.draft.execution)
            }
            #expect(try await seen(since: 100) == ["2", "3", "4", "5"])
            #expect(try await seen(since: 101) == ["2", "3", "4"])
            #expect(try await seen(since: 1) == ["9", "2", "3", "4", "5"])
            #expect(try await seen(since: 101, ["9"]) == ["9", "2", "3", "4"])
        },
        StoreRule("an old intent whose outcome came lately is not left out") { home in
            let ledger = try await TestLedger(home)
            let id = try await ledger.intent(.sending, of: "5")
            try await ledger.settle(id, Settlement(.applied), at: 100)
            #expect(try await ledger.view(since: 100).intents.map(\.id) == [id])
            #expect(try await ledger.view(since: 101).intents.isEmpty)
        },
        StoreRule("chains that were not touched since and that nobody asks for are left out") { home in
            let view = try await oldChains(home).view(since: 100)
            #expect(view == LedgerView())
        },
        StoreRule("a chain of which one run is asked for is there whole, whichever run it is") { home in
            let ledger = try await oldChains(home)
            for id: ExecutionID in ["1", "2", "3"] {
                let view = try await ledger.view(since: 100, chains: [id])
                expectWhole(view)
                #expect(Set(view.verdicts.keys) == ["3"])
                let scope = LedgerScope(instances: ["production"], chains: [id])
                #expect(try await ledger.store.load(scope).view(of: production, shadow: false) == view)
            }
        },
        StoreRule("a chain about which anything was written since is there whole, whatever the fact's own time") {
            home in
            let touches = [
                latched(.child("4"), "3", since: 1), latched(.personRetried("4"), "2", since: 1),
                .owned(production, root: "1", policy: "p", shadow: false), decided("2", .act),
                decided("2", .act, shadow: true), latched(.gone, "3", since: 1, shadow: true),
            ]
            let ledger = try await oldChains(home)
            for (index, touch) in touches.enumerated() {
                let time = 100 + Int64(index)
                try await ledger.append(touch, at: time)
                expectWhole(try await ledger.view(since: time), "\(touch)")
                #expect(try await ledger.view(since: time + 1) == LedgerView())
            }
        },
        StoreRule("intents that are asked for come with what stands of their instance, of any instance and epoch") {
            home in
            let ledger = try await TestLedger(home)
            try await ledger.append([
                initialised(), initialised(other), .alarmed(other, reason: "swapped", execution: nil),
                .suspended(production, .stop, reason: "403"),
            ])
            let one = try await ledger.intent(.applied, of: "5")
            try await ledger.append(initialised(InstanceKey(name: "production", epoch: 2)))
            let scope = LedgerScope(instances: ["other"], intents: [one, IntentID(1), IntentID(77)])
            let state = try await ledger.store.load(scope)
            #expect(state.intent(one)?.draft.execution == "5" && state.intent(IntentID(1)) == nil)
            #expect(state.view(of: production, shadow: false).suspended == [.stop: "403"])
            #expect(state.view(of: other, shadow: false).alarm == "swapped")
        },
        StoreRule("only the instances that are asked for come, and pauses of all") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append([
                initialised(), initialised(other), reservation(draft("5")), reservation(draft("6", in: other)),
                latched(.healed, "5"), .paused(instance: "other", reason: "x", by: "me"),
            ])
            let state = try await ledger.store.load(.instance("other", since: at(0)))
            #expect(state.intents(in: [.reserved]).map(\.draft.execution) == ["6"])
            #expect(state.baseline(of: "production") == nil && state.baseline(of: "other") != nil)
            #expect(state.view(of: production, shadow: true) == .ofDryRun)
            #expect(state.allPauses().map(\.instance) == ["other"])
            let none = try await ledger.store.load(LedgerScope(instances: []))
            #expect(none.intents(in: [.reserved]).isEmpty && none.head == state.head)
        },
        StoreRule("chains come of the newest epoch, what stands and what is open of all") { home in
            let ledger = try await TestLedger(home)
            let second = InstanceKey(name: "production", epoch: 2)
            try await ledger.append([
                initialised(), reservation(draft("5")), latched(.healed, "9"), initialised(second),
                .latched(second, Latch(.healed, "8", at: at(1)), shadow: false),
            ])
            let state = try await ledger.store.load(.instance("production", since: at(0)))
            #expect(state.view(of: second, shadow: false).healed == ["8"])
            #expect(state.view(of: production, shadow: false).healed.isEmpty)
            #expect(state.intents(in: [.reserved], of: production).count == 1)
        },
        StoreRule("what is written about other instances does not change a part of the ledger") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append([initialised(), initialised(other)])
            var state = try await ledger.store.load(.instance("other", since: at(0)))
            let before = state.head.sequence
            try await ledger.append([
                reservation(draft("5")), decided("6", .act, in: other), .paused(instance: nil, reason: "x", by: "me"),
            ])
            for record in try await ledger.store.records(after: before, limit: 9) { try state.follow(record) }
            #expect(state.intents(in: [.reserved]).isEmpty)
            #expect(try await ledger.head() == state.head)
            let view = state.view(of: other, shadow: false)
            #expect(view.verdicts.keys.map(\.text) == ["6"] && view.paused == "x")
        },
    ]

    static let appending: [StoreRule] = [
        StoreRule("a ledger without entries ends at its start, and is in order") { home in
            let store = try await home.open()
            #expect(try await store.load(LedgerScope()).head == .start)
            #expect(try await store.append([], expecting: .start, fence: nil) == .start)
            #expect(try await store.verify(expecting: nil).count == 0)
            #expect(try await store.records(after: 0, limit: 9).isEmpty)
        },
        StoreRule("an entry that is refused takes all others with it") { home in
            let ledger = try await TestLedger(home)
            try await ledger.reserve(draft("5"))
            let others: [LedgerEvent] = [
                reservation(draft("4")), .paused(instance: "other", reason: "x", by: "me"), latched(.healed, "1"),
                decided("3", .act),
                .tick(
                    production,
                    TickPatch(
                        from: nil,
                        to: .init(
                            tick: 1, at: at(1), accounted: nil, sweptAt: nil, rows: 0, live: [], clockOffset: .zero))),
            ]
            for place in 0...others.count {
                var all = others
                all.insert(reservation(draft("5")), at: place)
                try await ledger.expect(.alreadyIntended("5"), of: all)
            }
            try await ledger.append(others)
        },
        StoreRule("whoever appends behind another head than the present one is told so, and nothing is written") {
            home in
            let ledger = try await TestLedger(home)
            try await ledger.append(latched(.healed, "1"))
            let head = try await ledger.head()
            var wrong = head
            wrong.chain.hash[31] ^= 1
            for stale in [LedgerHead.start, wrong] {
                let before = try await ledger.contents()
                await #expect(throws: LedgerFailure.moved(head)) {
                    try await ledger.store.append(
                        [LedgerEntry(reservation(draft("5")), at: at(1))], expecting: stale, fence: nil)
                }
                #expect(try await ledger.contents() == before)
            }
        },
        StoreRule("two writers in turn make one chain, and each sees what the other wrote at once") { home in
            let (agent, command) = (try await TestLedger(home), try await TestLedger(home))
            for number in 0..<20 {
                let writer = number.isMultiple(of: 3) ? command : agent
                try await writer.append(latched(.healed, ExecutionID("\(number)")), at: Int64(number))
            }
            #expect(try await agent.store.verify(expecting: nil).count == 20)
            let head = try await agent.head()
            try await command.append(.paused(instance: nil, reason: "stop", by: "me"))
            await #expect(throws: LedgerFailure.moved(try await command.head())) {
                try await agent.store.append(
                    [LedgerEntry(reservation(draft("5")), at: at(1))], expecting: head, fence: nil)
            }
            try await agent.expect(.paused("stop"), of: [reservation(draft("5"))])
            try await command.append(.resumed(instance: nil, by: "me"))
            try await agent.reserve(draft("5"))
            try await command.expect(.alreadyIntended("5"), of: [reservation(draft("5"))])
        },
        StoreRule("time never goes back; what budgets count by is the clock as it was") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append(latched(.healed, "1"), at: 100)
            let id = try await ledger.reserve(draft("5"), at: 50)
            try await ledger.append(latched(.healed, "2"), at: 110)
            #expect(try await ledger.intent(id)?.reservedAt == at(50))
            let records = try await ledger.store.records(after: 0, limit: 9).map {
                try CanonicalRecord(bytes: $0.bytes).record
            }
            #expect(records.map(\.at) == [at(100), at(100), at(110)])
            #expect(records.map(\.clock) == [nil, at(50), nil])
            #expect(try await ledger.head().at == at(110))
        },
        StoreRule("records are read by number, by execution and by chain") { home in
            let ledger = try await TestLedger(home)
            for number in 1...4 { try await ledger.append(decided(ExecutionID("\(number)"), .act)) }
            var plan = draft("7")
            plan.root = "7"
            let id = try await ledger.reserve(plan)
            try await ledger.append(.outcome(ledger.reference(id), Settlement(.void)))
            try await ledger.append(.owned(production, root: "2", policy: "p", shadow: false))
            let store = ledger.store
            #expect(try await store.records(after: 1, limit: 2).map(\.sequence) == [2, 3])
            #expect(try await store.records(after: 7, limit: 2).isEmpty)
            #expect(try await store.records(after: 0, limit: 0).isEmpty)
            #expect(try await store.records(about: ["3"], instance: production).map(\.sequence) == [3])
            #expect(try await store.records(about: ["7", "2"], instance: production).map(\.sequence) == [2, 5, 6, 7])
            #expect(try await store.records(about: [], instance: production).isEmpty)
            let second = InstanceKey(name: "production", epoch: 2)
            for instance in [second, other] {
                #expect(try await store.records(about: ["3"], instance: instance).isEmpty)
            }
        },
        StoreRule("the chain verifies up to any head that was kept, and shows a cut") { home in
            let ledger = try await TestLedger(home)
            var heads: [AuditHead] = []
            for number in 1...5 {
                try await ledger.append(latched(.healed, ExecutionID("\(number)")))
                heads.append(try await ledger.head().chain)
            }
            for head in heads { #expect(try await ledger.store.verify(expecting: head).isIntact) }
            let result = try await ledger.store.verify(expecting: nil)
            #expect(result.count == 5 && result.head == heads[4])
            let later = AuditHead(sequence: 6, hash: heads[4].hash)
            #expect(try await ledger.store.verify(expecting: later).fault == AuditFault(6, .cut(expected: 6)))
            let rewritten = AuditHead(sequence: 4, hash: heads[4].hash)
            #expect(try await ledger.store.verify(expecting: rewritten).fault == AuditFault(4, .rewritten))
        },
    ]
}
