import MendflowCore
import MendflowLedger
import MendflowText
import Testing

extension StoreRule {
    private static func planning(_ pieces: [EvidencePiece]) -> LedgerEvent {
        var random = RandomEvents(seed: 1)
        var planning = random.planning()
        planning.pieces = pieces
        return .planned(production, planning)
    }

    private static func deciding(_ execution: ExecutionID, by rows: [EvidencePiece]) -> LedgerEvent {
        guard case .decided(var decided) = decided(execution, .act) else { preconditionFailure("no decision") }
        var slice = EvidenceSlice(judging: [execution])
        slice.rows = rows.map(\.hash)
        decided.evidence = DecisionEvidence(enforced: .own(slice))
        return .decided(decided)
    }

    static let evidence: [StoreRule] = [
        StoreRule("a decision that names evidence is refused where that is not in the ledger") { home in
            let ledger = try await TestLedger(home)
            let (one, other) = (EvidencePiece("row", about: "5"), EvidencePiece("another", about: "5"))
            try await ledger.append([initialised(), planning([one])])
            try await ledger.append(deciding("5", by: [one]))
            try await ledger.expect(.noEvidence("5", other.hash), of: [deciding("5", by: [one, other])])
            try await ledger.append([planning([other]), deciding("5", by: [one, other])])
            #expect(try await ledger.store.verify(expecting: nil).isIntact)
        },
        StoreRule("a piece of evidence stands where it was written first") { home in
            let ledger = try await TestLedger(home)
            let pieces = [EvidencePiece("row", about: "5"), EvidencePiece("workflow", about: nil)]
            try await ledger.append([initialised(), planning(pieces)], at: 1)
            let cells = try await home.cells()
            #expect(cells.filter { $0.key.table == .evidence || $0.key.table == .setting }.count == 2)
            try await ledger.append(planning(pieces), at: 2)
            #expect(try await home.cells() == cells)
        },
        StoreRule("evidence about a chain comes with the chain, and what is about the instance in any case") { home in
            let ledger = try await TestLedger(home)
            let (row, bystander) = (EvidencePiece("row", about: "5"), EvidencePiece("bystander", about: "9"))
            let workflow = EvidencePiece("workflow", about: nil)
            try await ledger.append([initialised(), planning([row, bystander, workflow])], at: 1)
            try await ledger.append(deciding("5", by: [row]), at: 50)
            let state = try await ledger.store.load(.instance("production", since: at(20)))
            #expect(state.holds(row.hash, of: production) && state.holds(workflow.hash, of: production))
            #expect(!state.holds(bystander.hash, of: production))
            let other = try await ledger.store.load(.instance("production", since: at(90)))
            #expect(!other.holds(row.hash, of: production) && other.holds(workflow.hash, of: production))
        },
    ]
}
