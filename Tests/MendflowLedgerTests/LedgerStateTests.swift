import MendflowCore
import MendflowLedgerConformance
import MendflowText
import Testing

@testable import MendflowLedger

@Suite("The state of a ledger")
struct LedgerStateTests {
    @Test("does not change where an entry is refused, alone or behind others", arguments: 1..<6)
    func refused(seed: Int) throws {
        var history = RandomHistory(seed: UInt64(seed))
        var count = 0
        for _ in 0..<400 {
            let before = history.state
            let (entry, refused) = history.next()
            for (bad, refusal) in refused {
                count += 1
                var state = before
                #expect(throws: refusal) { _ = try state.append([bad]) }
                expectSame(state, before)
                #expect(throws: refusal) { _ = try state.append([entryThatChangesNothing, bad]) }
                expectSame(state, before)
            }
            var state = before
            _ = try state.append([entry])
            expectSame(state, history.state)
        }
        #expect(count > 50)
    }

    @Test("what entries say of intents adds up to the intents that it holds")
    func intentsOfEntries() throws {
        var seen: Set<IntentState> = []
        for seed in 1..<9 {
            var history = RandomHistory(seed: UInt64(seed))
            var states: [IntentID: IntentState] = [:]
            for _ in 0..<400 {
                let (entry, _) = history.next()
                for (id, state) in entry.event.intents(number: history.state.head.sequence) { states[id] = state }
            }
            let held = history.state.intents(in: Set(IntentState.allCases))
            #expect(Dictionary(uniqueKeysWithValues: held.map { ($0.id, $0.state) }) == states, "seed \(seed)")
            seen.formUnion(states.values)
        }
        #expect(seen.isSuperset(of: [.superseded, .applied, .void, .unresolved, .shadow]))
    }

    @Test("dates all cells by the agent's clock, also a baseline's, which was read by n8n's")
    func baselineCells() throws {
        let baseline = InstanceBaseline(
            instance: InstanceKey(name: "main", epoch: 1), url: "", since: at(3), highest: nil, fingerprints: [],
            at: at(5))
        var state = LedgerState()
        let done = try state.append([LedgerEntry(.began(baseline, .initialised(by: "me")), at: at(9))])
        let dates = done.changes.compactMap { if case .set(let cell) = $0 { cell.at } else { nil } }
        #expect(dates == [at(9), at(9)])
    }

    private var entryThatChangesNothing: LedgerEntry {
        LedgerEntry(.lifecycle(.silenced(instance: "production", until: at(9))), at: at(1))
    }

    private func expectSame(_ one: LedgerState, _ other: LedgerState) {
        #expect(one.head == other.head && one.allPauses() == other.allPauses())
        for key in Set(one.instances.keys).union(other.instances.keys) {
            let isSame =
                one.view(of: key, shadow: true) == other.view(of: key, shadow: true)
                && one.view(of: key, shadow: false) == other.view(of: key, shadow: false)
                && one.tick(of: key) == other.tick(of: key)
            #expect(isSame, "\(key)")
        }
    }

    @Test("takes in only records that follow its head")
    func follows() throws {
        var state = LedgerState()
        let done = try state.append((1...3).map { LedgerEntry(latched(.healed, ExecutionID("\($0)")), at: at($0)) })
        var reader = LedgerState()
        try reader.follow(done.records[0].sealed)
        for wrong in [done.records[0], done.records[2]] {
            #expect(throws: LedgerFailure.self) { try reader.follow(wrong.sealed) }
        }
        var other = done.records[1].sealed
        other.previous = [UInt8](repeating: 7, count: 32)
        #expect(throws: LedgerFailure.self) { try reader.follow(other) }
        for record in done.records.dropFirst() { try reader.follow(record.sealed) }
        expectSame(reader, state)
    }

    @Test("sealed ahead, is where an append leads to")
    func sealing() throws {
        var history = RandomHistory(seed: 9)
        var entries = history.beginning
        for _ in 0..<50 { entries.append(history.next().entry) }
        #expect(LedgerHead.start.sealing(entries) == history.state.head)
    }
}
