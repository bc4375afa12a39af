import MendflowCore
import MendflowLedger
import Testing

extension StoreRule {
    private static let nextTry = AgentTime(milliseconds: 10_000)

    private static func entry(
        _ kind: ChannelEntry.Kind, _ through: Int64, _ records: [Int64] = [], opened: [String] = [],
        closed: [String] = []
    ) -> LedgerEvent {
        .notified(
            ChannelEntry(
                "ops", kind, through: through, records: records, keys: records.map { "k\($0)" }, opened: opened,
                closed: closed, why: kind == .failing ? "refused" : "", nextTry: kind == .failing ? nextTry : nil))
    }

    private static func standing(_ ledger: TestLedger) async throws -> ChannelStanding {
        try #require(try await ledger.store.load(LedgerScope(instances: [])).channel("ops"))
    }

    /// Channels by which people are told of things.
    static let channels: [StoreRule] = [
        StoreRule("a channel begins once, and knows what it is done with") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append([initialised(), entry(.began, 1)])
            try await ledger.append(entry(.began, 2))
            #expect(try await standing(ledger).start == 1)
            try await ledger.append(entry(.composed, 1, [4, 5]))
            #expect(try await standing(ledger).composed == [4, 5])
            try await ledger.append(entry(.failing, 1, [4, 5]))
            let failing = try await standing(ledger)
            #expect(failing.why == "refused" && failing.nextTry == nextTry)
            try await ledger.append(entry(.delivered, 3, [4, 6], opened: ["t"]))
            var found = try await standing(ledger)
            #expect(found.through == 3 && found.done == [4, 6] && found.composed.isEmpty && found.open == ["t"])
            #expect(found.failingSince == nil && found.nextTry == nil && found.delivered == 2)
            #expect(found.isDone(3) && found.isDone(4) && !found.isDone(5))
            try await ledger.append(entry(.abandoned, 6, [5], closed: ["t"]))
            found = try await standing(ledger)
            #expect(found.through == 6 && found.done.isEmpty && found.open.isEmpty && found.abandoned == 1)
        },
        StoreRule("a channel that has not begun tells nothing, none tells twice, none goes back") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append(initialised())
            await #expect(throws: LedgerFailure.self) { try await ledger.append(entry(.delivered, 3, [3])) }
            try await ledger.append(entry(.began, 1))
            try await ledger.append(entry(.delivered, 3, [3, 5]))
            await #expect(throws: LedgerFailure.self) { try await ledger.append(entry(.delivered, 3, [5])) }
            await #expect(throws: LedgerFailure.self) { try await ledger.append(entry(.delivered, 3, [2])) }
            await #expect(throws: LedgerFailure.self) { try await ledger.append(entry(.passed, 2)) }
            try await ledger.append(entry(.passed, 9))
            #expect(try await standing(ledger).through == 9)
        },
    ]
}
