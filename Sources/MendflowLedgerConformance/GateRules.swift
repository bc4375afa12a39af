import MendflowCore
import MendflowLedger
import Testing

private let other = InstanceKey(name: "other", epoch: 1)
private let second = InstanceKey(name: "production", epoch: 2)

/// What lets nothing out, how it begins and how it ends.
private struct Gate: Sendable {
    var name: String
    var close: [LedgerEvent], reason: String, open: [LedgerEvent]

    static let all = [
        Gate(
            name: "a pause of the instance", close: [.paused(instance: "production", reason: "one", by: "me")],
            reason: "one", open: [.resumed(instance: "production", by: "me")]),
        Gate(
            name: "a pause of all", close: [.paused(instance: nil, reason: "all", by: "me")], reason: "all",
            open: [.resumed(instance: nil, by: "me")]),
        Gate(
            name: "a pause of the empty name, which is all", close: [.paused(instance: "", reason: "all", by: "me")],
            reason: "all", open: [.resumed(instance: nil, by: "me")]),
        Gate(
            name: "an alarm", close: [.alarmed(production, reason: "swapped", execution: "7")], reason: "swapped",
            open: []),
        Gate(
            name: "a later epoch", close: [initialised(second)],
            reason: "epoch 2 began; this agent still works in epoch 1", open: []),
    ]
}

extension StoreRule {
    static let gates = Gate.all.map { gate in
        StoreRule("nothing real is reserved and nothing is sent during \(gate.name)") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append([initialised(), initialised(other)])
            let id = try await ledger.reserve(draft("5"))
            let sent = try await ledger.intent(.sending, of: "6")
            let unresolved = try await ledger.intent(.unresolved, of: "7")
            try await ledger.append(gate.close)
            let refused = [
                reservation(draft("8")), reservation(draft("8", .stop)),
                reservation(draft("7"), supersedes: unresolved),
                .sending(try await ledger.reference(id), watermark: nil, look: ""),
            ]
            for event in refused { try await ledger.expect(.paused(gate.reason), of: [event]) }
            // Whatever comes first in the append, and whoever asks.
            let another = try await TestLedger(home)
            try await another.expect(.paused(gate.reason), of: [latched(.healed, "9"), refused[0]])
            try await ledger.reserve(draft("8", shadow: true))
            try await ledger.settle(id, Settlement(.void))
            try await ledger.settle(sent, Settlement(.applied))
            try await ledger.append(gate.open)
            if !gate.open.isEmpty { try await ledger.append(refused[0]) }
        }
    }

    static let pauses: [StoreRule] = [
        StoreRule("the pause, the alarm and the epoch of one instance hold up no other") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append([
                initialised(), initialised(other), .paused(instance: "production", reason: "one", by: "me"),
                .alarmed(production, reason: "swapped", execution: nil), initialised(second),
            ])
            let id = try await ledger.reserve(draft("5", in: other))
            try await ledger.send(id)
        },
        StoreRule("what one entry pauses the next of the same append may not reserve") { home in
            let ledger = try await TestLedger(home)
            let pause = LedgerEvent.paused(instance: nil, reason: "now", by: "me")
            try await ledger.expect(.paused("now"), of: [pause, reservation(draft("5"))])
            try await ledger.append([pause, .resumed(instance: nil, by: "me"), reservation(draft("5"))])
        },
        StoreRule("a pause for a time ends by itself, as the time of what would be let out says") { home in
            let ledger = try await TestLedger(home)
            let end = AgentTime(milliseconds: 3_600_000)
            try await ledger.append(.paused(instance: nil, reason: "lunch", by: "me", until: end))
            let refusal = LedgerRefusal.paused("lunch (until 1970-01-01T01:00:00.000Z)")
            try await ledger.expect(refusal, of: [reservation(draft("5"))], at: end.milliseconds - 1)
            let state = try await ledger.store.load(LedgerScope())
            for (time, paused) in [(end - .milliseconds(1), true), (end, false)] {
                #expect((state.view(of: production, shadow: false, at: time).paused != nil) == paused)
                #expect(state.allPauses(at: time).isEmpty != paused)
            }
            try await ledger.append(reservation(draft("5")), at: end.milliseconds)
            #expect(try await home.open().verify(expecting: nil).isIntact)
        },
        StoreRule("a pause for a doubt about the ledger is hidden by no other one, and stays one where it is loaded") {
            home in
            let ledger = try await TestLedger(home)
            try await ledger.append([
                .paused(instance: nil, reason: "older", by: "me", isDoubt: true),
                .paused(instance: nil, reason: "lunch", by: "me"),
            ])
            let state = try await ledger.store.load(LedgerScope())
            #expect(state.allPauses().map(\.reason) == ["older"] && state.allPauses()[0].isDoubt)
            #expect(state.view(of: production, shadow: false).isInDoubt)
            try await ledger.append(.resumed(instance: nil, by: "me"))
            #expect(try await !ledger.store.load(LedgerScope()).view(of: production, shadow: false).isInDoubt)
            #expect(try await home.open().verify(expecting: nil).isIntact)
        },
        StoreRule("a pause that holds longer is ended by no shorter one, only by `resume`") { home in
            let ledger = try await TestLedger(home)
            func pause(_ reason: String, _ until: AgentTime?) async throws -> [String] {
                try await ledger.append(.paused(instance: "production", reason: reason, by: "me", until: until))
                return try await ledger.store.load(LedgerScope()).allPauses().map(\.reason)
            }
            #expect(try await pause("an hour", AgentTime(milliseconds: 3_600_000)) == ["an hour"])
            #expect(try await pause("a minute", AgentTime(milliseconds: 60_000)) == ["an hour"])
            #expect(try await pause("for good", nil) == ["for good"])
            #expect(try await pause("an hour", AgentTime(milliseconds: 3_600_000)) == ["for good"])
            #expect(try await pause("for good, again", nil) == ["for good, again"])
            try await ledger.append(.resumed(instance: "production", by: "me"))
            #expect(try await pause("an hour", AgentTime(milliseconds: 3_600_000)) == ["an hour"])
            #expect(try await home.open().verify(expecting: nil).isIntact)
        },
        StoreRule("the end of the pause of all leaves those of single instances") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append([
                .paused(instance: "production", reason: "one", by: "me"),
                .paused(instance: nil, reason: "all", by: "you"), .resumed(instance: "other", by: "me"),
            ])
            #expect(try await ledger.view().paused == "all")
            #expect(try await ledger.view(other).paused == "all")
            let pauses = try await ledger.store.load(LedgerScope()).allPauses()
            #expect(pauses.map(\.instance) == [nil, "production"] && pauses.map(\.by) == ["you", "me"])
            try await ledger.append(.resumed(instance: nil, by: "me"))
            #expect(try await ledger.view().paused == "one")
            #expect(try await ledger.view(other).paused == nil)
            try await ledger.append(.resumed(instance: "production", by: "me"))
            #expect(try await ledger.view().paused == nil)
        },
    ]

    static let epochs: [StoreRule] = [
        StoreRule("epochs begin one after the other, the first by `init`, the others by adopting") { home in
            let ledger = try await TestLedger(home)
            func began(_ epoch: Int, _ beginning: Beginning) -> LedgerEvent {
                .began(
                    InstanceBaseline(
                        instance: InstanceKey(name: "production", epoch: epoch), url: "u", since: at(1), highest: nil,
                        fingerprints: [], at: at(1)), beginning)
            }
            func adopted(from epoch: Int) -> Beginning { .adopted(by: "me", reason: "r", from: epoch, alarm: "a") }
            func refuse(_ epoch: Int, _ beginning: Beginning) async throws {
                let key = InstanceKey(name: "production", epoch: epoch)
                try await ledger.expect(.wrongEpoch(key), of: [began(epoch, beginning)])
            }
            try await refuse(2, .initialised(by: "me"))
            try await refuse(1, adopted(from: 0))
            try await ledger.append(began(1, .initialised(by: "me")))
            try await refuse(1, .initialised(by: "me"))
            try await refuse(2, .initialised(by: "me"))
            try await refuse(3, adopted(from: 1))
            try await refuse(2, adopted(from: 2))
            try await ledger.append(began(2, adopted(from: 1)))
            #expect(try await ledger.store.load(LedgerScope()).baseline(of: "production")?.instance.epoch == 2)
            try await refuse(2, adopted(from: 1))
            try await ledger.append([
                began(3, adopted(from: 2)), reservation(draft("1", in: .init(name: "production", epoch: 3))),
            ])
        },
        StoreRule("nothing is written about an epoch before the first") { home in
            let ledger = try await TestLedger(home)
            let none = InstanceKey(name: "production", epoch: 0)
            for event in [
                reservation(draft("1", in: none)), decided("1", .act, in: none),
                .owned(none, root: "1", policy: "p", shadow: false),
                .learnedTag(none, name: "a", id: "1"), .gap(none, execution: nil, .vanished),
            ] { try await ledger.expect(.wrongEpoch(none), of: [event]) }
        },
        StoreRule("an alarm of an epoch is the first one, and the next epoch has none") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append(initialised())
            try await ledger.append(.alarmed(production, reason: "first", execution: nil))
            try await ledger.append(.alarmed(production, reason: "second", execution: nil))
            #expect(try await ledger.view().alarm == "first")
            try await ledger.append(initialised(second))
            #expect(try await ledger.view(second).alarm == nil)
            #expect(try await ledger.view().alarm == "first")
            try await ledger.reserve(draft("5", in: second))
        },
    ]
}
