import MendflowCore
package import MendflowLedger
import MendflowText
import Testing

extension TestLedger {
    /// What sealing all records up to one would be; there is no file.
    package func sealing(upTo last: Int64, at time: Int64 = 1) async throws -> LedgerSealing {
        let before = try await store.load(LedgerScope(instances: [])).newestSegment
        var sealer = try LedgerSealer(try await store.base(), after: before)
        let first = before?.last ?? 0
        for record in try await store.records(after: first, limit: Int(last - first)) { try sealer.take(record) }
        return sealer.sealing(
            digest: [UInt8](repeating: 7, count: 32), by: "me", at: AgentTime(milliseconds: time))
    }

    /// Seals all records up to one.
    @discardableResult
    package func seal(upTo last: Int64, at time: Int64 = 1, fence: FenceToken? = nil) async throws -> LedgerSegment {
        let sealing = try await sealing(upTo: last, at: time)
        _ = try await store.seal(sealing, expecting: try await head(), fence: fence)
        return sealing.segment
    }
}

/// A ledger of eight records, of which the first five speak of chain 5, which is over.
private func settledLedger(_ home: any StoreUnderTest) async throws -> TestLedger {
    let ledger = try await TestLedger(home)
    try await ledger.append([initialised()])
    let id = try await ledger.intent(.applied, of: "5", at: 2)
    #expect(id.number == 2)
    try await ledger.append([
        latched(.healed, "5"), latched(.exhausted(policy: "p"), "6"), decided("7", .act), decided("8", .act),
    ])
    return ledger
}

extension StoreRule {
    static let sealing: [StoreRule] = [
        StoreRule("sealed records are gone, and everything that they did stays", ofSealing: true) { home in
            let ledger = try await settledLedger(home)
            let (cells, view, head) = (try await home.cells(), try await ledger.view(), try await ledger.head())
            let segment = try await ledger.seal(upTo: 5, at: 9)
            #expect(segment.first == 1 && segment.last == 5 && segment.until == at(2))
            let left = try await ledger.store.records(after: 0, limit: 99).map(\.sequence)
            #expect(left == [6, 7, 8, 9], "what is there begins behind them, with the record of it at the end")
            #expect(try await ledger.store.records(after: 3, limit: 2).map(\.sequence) == [6, 7])
            #expect(try await ledger.view() == view)
            #expect(try await ledger.head().sequence == head.sequence + 1)
            #expect(try await home.cells().filter { $0.key.table != .segment } == cells)
            let state = try await ledger.store.load(LedgerScope(instances: []))
            #expect(state.segments == [segment] && state.floor == 5 && state.segment(of: 3) == segment)
            let found = try await ledger.store.verify(expecting: head.chain)
            #expect(found.isIntact && found.count == 4 && found.segments == [segment])
        },
        StoreRule(
            "an intent whose records were sealed is found by its number, and stands in the way of another",
            ofSealing: true
        ) {
            home in
            let ledger = try await settledLedger(home)
            try await ledger.seal(upTo: 5)
            #expect(try await ledger.intent(IntentID(2))?.state == .applied)
            try await ledger.expect(.alreadyIntended("5"), of: [reservation(draft("5"))])
        },
        StoreRule("nothing is sealed that is open, or that does not follow what was sealed before", ofSealing: true) {
            home in
            let ledger = try await settledLedger(home)
            let open = try await ledger.intent(.unresolved, of: "9", at: 3)
            let asked = try await ledger.append(
                .approvalAsked(
                    ApprovalAsk(draft: draft("10"), request: "POST", attempts: 3, expiresAt: at(99))))
            try await ledger.append(decided("11", .act))
            try await ledger.expectUnsealed(try await ledger.sealing(upTo: open.number))
            let first = try await ledger.sealing(upTo: 5)
            try await ledger.seal(upTo: open.number - 1)
            try await ledger.expectUnsealed(first)
            try await ledger.settle(open, Settlement(.void), at: 4)
            try await ledger.expectUnsealed(try await ledger.sealing(upTo: asked))
            try await ledger.seal(upTo: asked - 1)
            #expect(try await ledger.store.verify(expecting: nil).isIntact)
        },
        StoreRule(
            "records that are not those of the file are not sealed, nor behind a head that has moved", ofSealing: true
        ) { home in
            let ledger = try await settledLedger(home)
            var sealing = try await ledger.sealing(upTo: 5)
            let head = try await ledger.head()
            sealing.segment.hash[0] ^= 1
            try await ledger.expectUnsealed(sealing)
            sealing.segment.hash[0] ^= 1
            try await ledger.append(decided("11", .act))
            let moved = try await ledger.head()
            await #expect(throws: LedgerFailure.moved(moved)) {
                try await ledger.store.seal(sealing, expecting: head, fence: nil)
            }
            #expect(try await ledger.store.base().isEmpty)
            _ = try await ledger.store.seal(sealing, expecting: moved, fence: nil)
        },
        StoreRule("evidence in sealed records is written again before a decision may name it", ofSealing: true) {
            home in
            let ledger = try await TestLedger(home)
            let (row, workflow) = (EvidencePiece("row", about: "5"), EvidencePiece("workflow", about: nil))
            try await ledger.append([initialised(), evidence([row, workflow]), deciding("5", row)])
            try await ledger.append(decided("6", .act))
            try await ledger.seal(upTo: 3)
            #expect(try await home.cells().allSatisfy { $0.key.table != .evidence && $0.key.table != .setting })
            try await ledger.expect(.noEvidence("5", row.hash), of: [deciding("5", row)])
            try await ledger.append([evidence([row]), deciding("5", row)])
            #expect(try await ledger.store.load(LedgerScope(chains: ["5"])).holds(row.hash, of: production))
        },
        StoreRule("a ledger may be sealed again and again", ofSealing: true) { home in
            let ledger = try await settledLedger(home)
            var segments: [LedgerSegment] = []
            for number in 0..<6 {
                try await ledger.append([
                    latched(.healed, ExecutionID("h\(number)")),
                    decided("7", number.isMultiple(of: 2) ? .act : .capped),
                ])
                segments.append(try await ledger.seal(upTo: try await ledger.head().sequence - 2))
                #expect(try await ledger.store.verify(expecting: nil).fault == nil)
            }
            #expect(try await ledger.store.load(LedgerScope()).segments == segments)
            let begins = zip(segments, segments.dropFirst()).allSatisfy { $0.last + 1 == $1.first }
            #expect(begins && Set(segments.map(\.origin)).count == 1)
        },
        StoreRule("a head that was kept before what was sealed is said to lie in a segment", ofSealing: true) { home in
            let ledger = try await settledLedger(home)
            let heads = try await ledger.store.records(after: 0, limit: 9).map {
                AuditHead(sequence: $0.sequence, hash: $0.hash)
            }
            let segment = try await ledger.seal(upTo: 5)
            for head in heads {
                let found = try await ledger.store.verify(expecting: head)
                #expect(found.isIntact && found.expectedIn == (head.sequence < 5 ? segment : nil))
            }
            for number in [5, 6] {
                let other = AuditHead(sequence: Int64(number), hash: heads[0].hash)
                #expect(try await ledger.store.verify(expecting: other).fault?.problem == .rewritten)
            }
        },
    ]

    static let sealTampering: [StoreRule] = [
        StoreRule("a change of what the sealed records add up to is found", ofSealing: true) { home in
            let ledger = try await settledLedger(home)
            try await ledger.seal(upTo: 5)
            let base = try await ledger.store.base()
            #expect(base.count >= 4)
            for cell in base {
                var changed = cell
                changed.at = cell.at + .milliseconds(1)
                var added = cell
                (added.key.name, added.exclusive) = (cell.key.name + "x", nil)
                for (key, put) in [(cell.key, nil), (cell.key, changed), (added.key, added)] {
                    try await home.tamper(base: key, with: put)
                    guard case .base = try await ledger.store.verify(expecting: nil).fault?.problem else {
                        Issue.record("\(key) was changed, and not found")
                        continue
                    }
                    try await home.tamper(base: key, with: key == cell.key ? cell : nil)
                }
            }
        },
        StoreRule("records that were removed without a seal are found, and those put back", ofSealing: true) { home in
            let ledger = try await settledLedger(home)
            let all = try await home.rows()
            try await home.replaceRows(Array(all.dropFirst(3)))
            #expect(try await ledger.store.verify(expecting: nil).fault == AuditFault(1, .removed))
            try await home.replaceRows(all)
            try await ledger.seal(upTo: 5)
            let left = try await home.rows()
            try await home.replaceRows(Array(left.dropFirst()))
            #expect(try await ledger.store.verify(expecting: nil).fault == AuditFault(6, .removed))
            try await home.replaceRows(Array(left.dropLast()))
            let unsealed = try await ledger.store.verify(expecting: nil).fault
            #expect(unsealed == AuditFault(5, .unsealed(first: 1)), "the record of it was cut off")
            try await home.replaceRows(left)
        },
        StoreRule("a change of what the ledger keeps about a segment is found", ofSealing: true) { home in
            let ledger = try await settledLedger(home)
            try await ledger.seal(upTo: 4)
            try await ledger.seal(upTo: 6)
            let cells = try await home.cells().filter { $0.key.table == .segment }
            #expect(cells.count == 2)
            for cell in cells {
                guard case .object(let members) = cell.value else { continue }
                for (key, value) in members {
                    var changed = cell
                    var other = members
                    other[key] = value == .integer(3) ? .integer(2) : .integer(3)
                    if case .text(let text) = value { other[key] = .text(String(text.reversed())) }
                    changed.value = .object(other)
                    guard changed != cell else { continue }
                    try await home.tamper(cell.key, with: changed)
                    let fault = try await ledger.store.verify(expecting: nil).fault
                    #expect(fault != nil, "\(key) of \(cell.key.name)")
                }
                try await home.tamper(cell.key, with: nil)
                #expect(try await ledger.store.verify(expecting: nil).fault != nil)
                try await home.tamper(cell.key, with: cell)
            }
        },
    ]

    private static func evidence(_ pieces: [EvidencePiece]) -> LedgerEvent {
        var random = RandomEvents(seed: 1)
        var planning = random.planning()
        planning.pieces = pieces
        return .planned(production, planning)
    }

    private static func deciding(_ execution: ExecutionID, _ piece: EvidencePiece) -> LedgerEvent {
        guard case .decided(var decided) = decided(execution, .act) else { preconditionFailure("no decision") }
        var slice = EvidenceSlice(judging: [execution])
        slice.rows = [piece.hash]
        decided.evidence = DecisionEvidence(enforced: .own(slice))
        return .decided(decided)
    }
}

extension TestLedger {
    /// Expects that something is not sealed, and that nothing of the ledger is another afterwards.
    fileprivate func expectUnsealed(_ sealing: LedgerSealing) async throws {
        let before = try await contents()
        let head = try await head()
        let error = await #expect(throws: LedgerFailure.self) {
            try await store.seal(sealing, expecting: head, fence: nil)
        }
        guard case .refused(.sealing) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let after = try await contents()
        #expect(after == before)
    }
}

extension StoreRule {
    static let fencing: [StoreRule] = [
        StoreRule("under a lease that is over, too short, another's or nobody's nothing is written, and nothing sealed")
        {
            home in
            guard let leases = home.leases else { return }
            let ledger = try await settledLedger(home)
            let wish = LeaseWish(
                agent: AgentName("a"), place: "here", instances: [production.name], period: .minutes(5),
                knows: try await ledger.head().chain)
            let epoch = try #require(try await leases.turn(wish).held[production.name]?.epoch)
            func token(_ epoch: Int64, _ margin: Period = .seconds(2), of name: String? = nil, by agent: String = "a")
                -> FenceToken
            {
                FenceToken(instance: name ?? production.name, epoch: epoch, margin: margin, holder: AgentName(agent))
            }
            for wrong in [
                token(epoch + 1), token(epoch, .hours(1)), token(epoch, of: "nobody's"), token(epoch, by: "b"),
            ] {
                let (cells, head) = (try await home.cells(), try await ledger.head())
                await expectFenced { try await ledger.seal(upTo: 5, fence: wrong) }
                await expectFenced {
                    let entry = LedgerEntry(latched(.healed, "9"), at: at(3))
                    _ = try await ledger.store.append([entry], expecting: head, fence: wrong)
                }
                #expect(try await home.cells() == cells)
                #expect(try await ledger.store.base().isEmpty)
            }
            try await ledger.seal(upTo: 5, fence: token(epoch))
            #expect(try await ledger.store.records(after: 0, limit: 1).map(\.sequence) == [6])
        }
    ]
}

private func expectFenced(_ body: () async throws -> Void) async {
    await #expect {
        try await body()
    } throws: {
        if case .fenced? = $0 as? LedgerFailure { true } else { false }
    }
}
