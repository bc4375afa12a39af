import MendflowCore
import MendflowLedger
import MendflowText
import Testing

/// Expects that two states say the same of an instance.
private func expectSame(_ one: LedgerState, _ other: LedgerState, _ key: InstanceKey, _ what: String) {
    for shadow in [false, true] {
        let isSame = one.view(of: key, shadow: shadow) == other.view(of: key, shadow: shadow)
        #expect(isSame, "\(what), shadow \(shadow)")
    }
    #expect(one.tick(of: key) == other.tick(of: key), "\(what)")
    #expect(one.baseline(of: key.name) == other.baseline(of: key.name), "\(what)")
}

private func expectSame(_ one: LedgerState, _ other: LedgerState, _ what: String) {
    #expect(one.head == other.head && one.allPauses() == other.allPauses(), "\(what)")
    for name in RandomHistory.names {
        if let key = one.baseline(of: name)?.instance { expectSame(one, other, key, what) }
    }
}

/// What cells of some chains add up to, found the slow way: groups of runs that cells tie together, whole where anything
/// of them is wanted.
private func restricted(
    _ cells: [LedgerCell], to key: InstanceKey, since: AgentTime, chains: Set<ExecutionID>
) throws -> LedgerState {
    let mine = cells.filter { $0.key.instanceKey == key && $0.subject != nil && $0.key.table != .live }
    func ends(_ cell: LedgerCell) -> Set<ExecutionID> {
        var ends = Set([cell.subject, cell.link].compactMap { $0 })
        if cell.key.table == .intent, case .object(let members) = cell.value, case .text(let root)? = members["root"] {
            ends.insert(ExecutionID(root))
        }
        return ends
    }
    var wanted = chains
    for cell in cells where cell.key.instanceKey == key && cell.subject != nil && (cell.isOpen || cell.at >= since) {
        wanted.formUnion(ends(cell))
    }
    while let more = mine.first(where: { cell in
        // A root that an intent names leads there; what is about the root alone does not lead back.
        let found = [cell.subject, cell.link].contains { $0.map(wanted.contains) ?? false }
        return found && !ends(cell).isSubset(of: wanted)
    }) { wanted.formUnion(ends(more)) }
    var state = LedgerState()
    try state.load(
        mine.filter { cell in [cell.subject, cell.link].contains { $0.map(wanted.contains) ?? false } }
            + cells.filter { $0.key.instanceKey != key || $0.subject == nil || $0.key.table == .live })
    return state
}

/// A random history, in a store and in a state of its own: they agree all along, whatever was refused in between, and so
/// does every part that is loaded.
package func checkHistory(seed: UInt64, entries: Int, on kind: StoreKind) async throws {
    var history = RandomHistory(seed: seed)
    let home = try await kind.make()
    let ledger = try await TestLedger(home)
    var batch = history.beginning
    for number in 1...entries {
        let (entry, refused) = history.next()
        if history.random.oneIn(4), let (bad, refusal) = refused.first {
            try await ledger.write(&batch)
            try await ledger.expectRefused(bad, refusal)
        }
        batch.append(entry)
        if history.random.oneIn(3) || number.isMultiple(of: 60) { try await ledger.write(&batch) }
        if number.isMultiple(of: 60) { try await compare(&history, ledger, "seed \(seed), entry \(number)") }
    }
    try await ledger.write(&batch)
    let result = try await ledger.store.verify(expecting: history.state.head.chain)
    #expect(result.isIntact, "seed \(seed): \(result.fault?.description ?? "")")
}

private func compare(_ history: inout RandomHistory, _ ledger: TestLedger, _ what: String) async throws {
    let versions: Set<String> = ["v1", "v2"]
    let whole = try await ledger.store.load(LedgerScope(since: AgentTime(milliseconds: .min), policies: versions))
    expectSame(whole, history.state, what)
    for version in versions { #expect(whole.policy(version: version) == history.state.policy(version: version)) }
    let open: Set<IntentState> = [.reserved, .sending, .unresolved]
    #expect(whole.intents(in: open) == history.state.intents(in: open), "\(what)")
    let cells = try await ledger.home.cells()
    for name in RandomHistory.names {
        guard let key = whole.baseline(of: name)?.instance else { continue }
        let since = history.state.head.at + .milliseconds(Int64(history.random.below(200)) - 190)
        let chains = Set((0..<history.random.below(3)).map { _ in ExecutionID("\(1 + history.random.below(16))") })
        let part = try await ledger.store.load(.instance(name, since: since, chains: chains))
        expectSame(part, try restricted(cells, to: key, since: since, chains: chains), key, "part of \(what)")
    }
}

extension TestLedger {
    /// Appends a batch, and empties it.
    fileprivate func write(_ batch: inout [LedgerEntry]) async throws {
        _ = try await store.append(batch, expecting: try await head(), fence: nil)
        batch = []
    }

    fileprivate func expectRefused(_ entry: LedgerEntry, _ refusal: LedgerRefusal) async throws {
        let (before, head) = (try await contents(), try await head())
        await #expect(throws: LedgerFailure.refused(refusal)) {
            try await store.append([entry], expecting: head, fence: nil)
        }
        #expect(try await contents() == before)
    }
}

/// Two processes write a random history through ledgers of their own, now one, now the other, from a whole ledger and from
/// parts of it: they and the store end with the same.
package func checkTwoLedgers(seed: UInt64, entries: Int, on kind: StoreKind) async throws {
    var history = RandomHistory(seed: seed)
    let home = try await kind.make()
    let everything = LedgerScope(since: AgentTime(milliseconds: .min), policies: ["v1", "v2"])
    let ledgers = [
        try await Ledger(try await home.open(), everything), try await Ledger(try await home.open(), everything),
        // One that has nearly nothing in mind, and has to find out what others speak of.
        try await Ledger(try await home.open(), LedgerScope()),
    ]
    var numbers = try await ledgers[0].append(history.beginning)
    for _ in 0..<entries {
        let (entry, refused) = history.next()
        let ledger = history.random.pick(ledgers)
        if let (bad, refusal) = refused.first {
            await #expect(throws: LedgerFailure.refused(refusal)) { try await ledger.append([bad]) }
        }
        numbers += try await ledger.append([entry])
        if history.random.oneIn(5) { try await history.random.pick(ledgers).refresh() }
    }
    #expect(numbers == Array(1...Int64(numbers.count)), "seed \(seed)")
    for ledger in ledgers.prefix(2) { expectSame(try await ledger.refresh(), history.state, "seed \(seed)") }
    let open: Set<IntentState> = [.reserved, .sending, .unresolved]
    #expect(try await ledgers[2].refresh().intents(in: open) == history.state.intents(in: open))
    expectSame(try await home.open().load(everything), history.state, "seed \(seed)")
}

extension StoreRule {
    static let histories = [1, 2, 3].map { seed in
        StoreRule("a random history of seed \(seed) is kept as it was") { home in
            try await checkHistory(seed: seed, entries: 120, on: StoreKind("the same") { home })
        }
    }

    static let twoLedgers = [1, 2].map { seed in
        StoreRule("two ledgers on one store agree on a random history of seed \(seed)") { home in
            try await checkTwoLedgers(seed: seed, entries: 80, on: StoreKind("the same") { home })
        }
    }
}
