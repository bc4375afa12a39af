import MendflowCore
import MendflowLedger
import Testing

/// A random history that is sealed at random places, as often as it comes: the views stay those of the state that took all
/// entries in one by one, the ledger verifies at each step, and all segments with it from the first record on.
package func checkSealedHistory(seed: UInt64, entries: Int, on kind: StoreKind) async throws {
    var history = RandomHistory(seed: seed)
    let home = try await kind.make()
    let ledger = try await TestLedger(home)
    var files: [(LedgerSegment, [SealedRecord])] = []
    _ = try await ledger.store.append(history.beginning, expecting: .start, fence: nil)
    for number in 1...entries {
        let entry = history.next().entry
        _ = try await ledger.store.append([entry], expecting: try await ledger.head(), fence: nil)
        if history.random.oneIn(12), let file = try await sealSome(&history, ledger) { files.append(file) }
        if number.isMultiple(of: 40) {
            try await compareWhole(history.state, ledger.store, "seed \(seed), entry \(number)")
            #expect(try await ledger.store.verify(expecting: nil).fault == nil, "seed \(seed), entry \(number)")
        }
    }
    #expect(!files.isEmpty, "seed \(seed) was never sealed")
    try await expectWhole(files, ledger, "seed \(seed)")
}

/// Seals up to a random place that the rules allow; nil where there is none.
private func sealSome(
    _ history: inout RandomHistory, _ ledger: TestLedger
) async throws -> (LedgerSegment, [SealedRecord])? {
    let state = history.state
    let open =
        state.intents(in: [.reserved, .sending, .unresolved]).map(\.id.number)
        + state.approvals().filter { $0.state == .open }.map(\.id.number)
    let most = min(state.head.sequence - 1, (open.min() ?? .max) - 1)
    guard most > state.floor else { return nil }
    let last = state.floor + 1 + Int64(history.random.below(Int(most - state.floor)))
    let records = try await ledger.store.records(after: state.floor, limit: Int(last - state.floor))
    let sealing = try await ledger.sealing(upTo: last, at: state.head.at.milliseconds)
    _ = try await ledger.store.seal(sealing, expecting: state.head, fence: nil)
    history.take(sealing.entry)
    return (sealing.segment, records)
}

private func compareWhole(_ state: LedgerState, _ store: any LedgerStore, _ what: String) async throws {
    let whole = try await store.load(LedgerScope(since: AgentTime(milliseconds: .min), policies: ["v1", "v2"]))
    #expect(whole.head == state.head && whole.segments == state.segments, "\(what)")
    for name in RandomHistory.names {
        guard let key = whole.baseline(of: name)?.instance else { continue }
        for shadow in [false, true] {
            #expect(whole.view(of: key, shadow: shadow) == state.view(of: key, shadow: shadow), "\(what)")
        }
        #expect(whole.tick(of: key) == state.tick(of: key), "\(what)")
    }
}

/// Expects that segments and ledger are one chain from the first record on, and that a change of any segment is found.
private func expectWhole(
    _ files: [(LedgerSegment, [SealedRecord])], _ ledger: TestLedger, _ what: String
) async throws {
    func fault(_ files: [(LedgerSegment, [SealedRecord])], digest: [UInt8]) -> AuditFault? {
        var verifier = SegmentsVerifier()
        for (segment, records) in files {
            for record in records where !verifier.check(record, of: segment) { break }
            verifier.end(of: segment, digest: digest)
        }
        return verifier.fault
    }
    let digest = [UInt8](repeating: 7, count: 32)
    #expect(fault(files, digest: digest) == nil, "\(what)")
    #expect(fault(files, digest: [1]) != nil)
    for index in files.indices {
        var changed = files
        changed[index].1[0].bytes[3] ^= 1
        #expect(fault(changed, digest: digest) != nil, "\(what), segment \(index)")
        changed = files
        changed[index].1.removeLast()
        #expect(fault(changed, digest: digest) != nil, "\(what), segment \(index)")
        changed = files
        changed[index].0.base[0] ^= 1
        #expect(fault(changed, digest: digest) != nil, "\(what), segment \(index)")
    }
    let all = files.flatMap(\.1) + (try await ledger.store.records(after: 0, limit: .max))
    let head = try await ledger.head().chain
    #expect(AuditChain.verify(all, expecting: head).isIntact, "\(what)")
    var state = LedgerState()
    for record in all { try state.follow(record) }
    try await compareWhole(state, ledger.store, what)
}

/// Ledgers of several processes on one store that is sealed meanwhile: each takes it in as no change, also the one that
/// wakes up when what it would have read next is gone.
package func checkSealedMeanwhile(seed: UInt64, entries: Int, on kind: StoreKind) async throws {
    var history = RandomHistory(seed: seed)
    let home = try await kind.make()
    let raw = try await TestLedger(home)
    let everything = LedgerScope(since: AgentTime(milliseconds: .min), policies: ["v1", "v2"])
    let awake = [
        try await Ledger(try await home.open(), everything), try await Ledger(try await home.open(), LedgerScope()),
    ]
    try await awake[0].append(history.beginning)
    let asleep = try await Ledger(try await home.open(), everything)
    var sealed = 0
    for _ in 0..<entries {
        try await history.random.pick(awake).append([history.next().entry])
        if history.random.oneIn(10), try await sealSome(&history, raw) != nil { sealed += 1 }
    }
    #expect(sealed > 0, "seed \(seed)")
    for ledger in [awake[0], asleep] {
        let state = try await ledger.refresh()
        #expect(state.head == history.state.head && state.segments == history.state.segments, "seed \(seed)")
        for name in RandomHistory.names {
            guard let key = state.baseline(of: name)?.instance else { continue }
            #expect(state.view(of: key, shadow: true) == history.state.view(of: key, shadow: true), "seed \(seed)")
        }
    }
    #expect(try await raw.store.verify(expecting: nil).fault == nil)
}

extension StoreRule {
    static let sealedHistories =
        [1, 2, 3].map { seed in
            StoreRule("a random history of seed \(seed) stays what it was wherever it is sealed", ofSealing: true) {
                home in
                try await checkSealedHistory(seed: seed, entries: 160, on: StoreKind("the same") { home })
            }
        }
        + [
            StoreRule("ledgers of several processes go on while the store is sealed", ofSealing: true) { home in
                try await checkSealedMeanwhile(seed: 4, entries: 120, on: StoreKind("the same") { home })
            }
        ]
}
