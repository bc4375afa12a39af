import MendflowCore
import MendflowLedger
import Testing

extension StoreRule {
    static let intents: [StoreRule] = [
        StoreRule("intents are kept whole, through all their steps") { home in
            let ledger = try await TestLedger(home)
            let full = IntentDraft(
                instance: production, action: .tag, execution: "12", root: "9", workflow: "wf", policy: "p\u{0}q",
                policyVersion: "v9", contributors: ["a", "b\"c"], attempt: 3, loadWorkflow: true, tags: ["x", "ü"],
                nodeType: "n8n-nodes-base.stripe")
            let id = try await ledger.reserve(full, at: 10)
            let reserved = Intent(id: id, draft: full, state: .reserved, reservedAt: at(10))
            #expect(try await ledger.intent(id) == reserved)
            try await ledger.send(id, watermark: "99", at: 11)
            let evidence = OutcomeEvidence.proof(.refusal("not_found"), status: 404, message: "no such row")
            try await ledger.settle(
                id, Settlement(.applied, evidence, child: "100", notBefore: at(50), answeredAt: at(7)), at: 12)
            let settled = Intent(
                id: id, draft: full, state: .applied, reservedAt: at(10), sendingAt: at(11), watermark: "99",
                settledAt: at(12), child: "100", evidence: evidence, notBefore: at(50), answeredAt: at(7))
            #expect(try await ledger.intent(id) == settled)
            #expect(try await ledger.intent(IntentID(99)) == nil)
        },
        StoreRule("a bulk stop keeps what it asks and what it is expected to stop") { home in
            let ledger = try await TestLedger(home)
            var bulk = draft("5", .bulkStop)
            bulk.bulk = BulkStopCall(
                request: BulkStopRequest(
                    statuses: [.running, .queued], workflow: "w", startedAfter: at(3), startedBefore: nil),
                predicted: ["5", "6"])
            let id = try await ledger.reserve(bulk)
            #expect(try await ledger.intent(id)?.draft == bulk)
        },
        StoreRule("intents keep what an earlier outcome told, and take a child that is learned later") { home in
            let ledger = try await TestLedger(home)
            let id = try await ledger.intent(.sending, of: "1")
            try await ledger.settle(id, Settlement(.unresolved, .failed(message: "500"), answeredAt: at(9)), at: 2)
            #expect(try await ledger.intent(id)?.answeredAt == at(9))
            try await ledger.settle(id, Settlement(.applied, child: "7"), at: 3)
            try await ledger.settle(id, Settlement(.applied), at: 4)
            let intent = try #require(try await ledger.intent(id))
            #expect(intent.child == "7" && intent.evidence == .failed(message: "500") && intent.settledAt == at(4))
            #expect(intent.answeredAt == nil)
        },
        StoreRule("a retry that was refused for n8n's limit may turn out to have run, and no other that did nothing") {
            home in
            let ledger = try await TestLedger(home)
            func refused(_ execution: ExecutionID, _ proof: Proof) async throws -> IntentID {
                let id = try await ledger.intent(.sending, of: execution)
                try await ledger.settle(id, Settlement(.void, .proof(proof, status: 429, message: "")), at: 2)
                return id
            }
            let ran = Settlement(.applied, .child("8", .error, isDoubtful: true), child: "8")
            let one = try await refused("1", .throttled)
            try await ledger.settle(one, ran, at: 3)
            let intent = try #require(try await ledger.intent(one))
            #expect(intent.state == .applied && intent.child == "8")
            try await ledger.expect(.alreadyIntended("1"), of: [reservation(draft("1"))])
            let two = try await refused("2", .startingUp)
            try await ledger.expect(
                .wrongState(two, .void), of: [.outcome(try await ledger.reference(two), ran)])
            // Nor where another one of ours is on its way by then.
            let three = try await refused("3", .throttled)
            try await ledger.reserve(draft("3"))
            try await ledger.expect(
                .alreadyIntended("3"), of: [.outcome(try await ledger.reference(three), ran)])
        },
        StoreRule("an intent has the number of the entry that reserves it") { home in
            let ledger = try await TestLedger(home)
            let numbers = try await ledger.append([
                reservation(draft("3")), .paused(instance: "other", reason: "x", by: "me"), reservation(draft("2")),
                reservation(draft("1")),
            ])
            #expect(numbers == [1, 2, 3, 4])
            for (number, execution) in zip([1, 3, 4], ["3", "2", "1"]) {
                #expect(try await ledger.intent(IntentID(Int64(number)))?.draft.execution.text == execution)
            }
        },
        StoreRule("intents that are not there, or are others than the entry says, cannot be changed") { home in
            let ledger = try await TestLedger(home)
            let id = try await ledger.reserve(draft("5"))
            let right = try await ledger.reference(id)
            var wrong = Array(repeating: right, count: 6)
            wrong[0].id = IntentID(3)
            wrong[1].instance.epoch = 2
            wrong[2].action = .stop
            wrong[3].execution = "6"
            wrong[4].root = "6"
            wrong[5].policy = "q"
            for reference in wrong {
                for event: LedgerEvent in [
                    .outcome(reference, Settlement(.void)), .sending(reference, watermark: nil, look: ""),
                    .resolved(reference, ran: true, by: "me", reason: "seen"),
                ] { try await ledger.expect(.missing(reference.id), of: [event]) }
            }
        },
        StoreRule("intents are found by their states, oldest first, of one instance or all") { home in
            let ledger = try await TestLedger(home)
            let one = try await ledger.intent(.sending, of: "1")
            let two = try await ledger.reserve(draft("1", in: InstanceKey(name: "other", epoch: 1)))
            let three = try await ledger.intent(.unresolved, of: "2")
            _ = try await ledger.intent(.applied, of: "3")
            _ = try await ledger.intent(.shadow, of: "4")
            let state = try await ledger.store.load(LedgerScope())
            let open: Set<IntentState> = [.reserved, .sending, .unresolved]
            #expect(state.intents(in: open).map(\.id) == [one, two, three])
            #expect(state.intents(in: open, of: production).map(\.id) == [one, three])
            #expect(state.intents(in: open, of: InstanceKey(name: "production", epoch: 2)).isEmpty)
            #expect(state.intents(in: []).isEmpty)
        },
    ]

    static let intentStates: [StoreRule] = IntentState.allCases.map { from in
        StoreRule("an intent that is \(from.rawValue) goes on only where that is allowed") { home in
            let allowed: [IntentState: Set<IntentState>] = [
                .reserved: [.void], .sending: [.applied, .void, .unresolved, .ineffective],
                .unresolved: [.applied, .void, .ineffective], .applied: [.applied, .ineffective],
            ]
            let ledger = try await TestLedger(home)
            for (number, to) in IntentState.allCases.enumerated() {
                let id = try await ledger.intent(from, of: ExecutionID("\(number)"))
                #expect(try await ledger.intent(id)?.state == from)
                let outcome = LedgerEvent.outcome(try await ledger.reference(id), Settlement(to))
                if allowed[from, default: []].contains(to) {
                    try await ledger.append(outcome)
                    #expect(try await ledger.intent(id)?.state == to)
                } else {
                    try await ledger.expect(.wrongState(id, from), of: [outcome])
                }
            }
            let id = try await ledger.intent(from, of: "90")
            let reference = try await ledger.reference(id)
            for ran in [true, false] where from != .unresolved {
                try await ledger.expect(
                    .wrongState(id, from), of: [.resolved(reference, ran: ran, by: "me", reason: "seen")])
            }
            let sending = LedgerEvent.sending(reference, watermark: "8", look: "all")
            if from == .reserved {
                try await ledger.append(sending, at: 5)
                let intent = try await ledger.intent(id)
                #expect(intent?.state == .sending && intent?.sendingAt == at(5) && intent?.watermark == "8")
            } else {
                try await ledger.expect(.wrongState(id, from), of: [sending])
            }
        }
    }

    static let doubtfulChildren = [
        StoreRule("what a run settled that may be a person's is settled anew by n8n's own answer, and by nothing less")
        {
            home in
            let ledger = try await TestLedger(home)
            let seen = Settlement(.applied, .child("7", .running, isDoubtful: true), child: "7")
            let refusal = OutcomeEvidence.proof(.refusal("not_found"), status: 404, message: "no such row")
            func settled(_ settlement: Settlement, _ execution: ExecutionID) async throws -> IntentID {
                let id = try await ledger.intent(.sending, of: execution)
                try await ledger.settle(id, settlement)
                return id
            }
            let named = try await settled(seen, "1")
            try await ledger.settle(named, Settlement(.applied, .answered(.success), child: "8"))
            #expect(try await ledger.intent(named)?.child == "8")
            #expect(try await ledger.intent(named)?.hasDoubtfulChild == false)
            let refused = try await settled(seen, "2")
            let reference = try await ledger.reference(refused)
            for evidence in [OutcomeEvidence.accounted(from: "1", upTo: "9"), .notSent(objection: nil)] {
                try await ledger.expect(
                    .wrongState(refused, .applied), of: [.outcome(reference, Settlement(.void, evidence))])
            }
            try await ledger.settle(refused, Settlement(.void, refusal))
            let intent = try #require(try await ledger.intent(refused))
            #expect(intent.state == .void && intent.child == nil && intent.evidence == refusal)
            // It did nothing, so the execution may be retried.
            try await ledger.reserve(draft("2"))
            for sure in [Settlement(.applied, .answered(.success), child: "7"), Settlement(.applied)] {
                let id = try await settled(sure, ExecutionID("3\(sure.child?.text ?? "")"))
                let outcome = LedgerEvent.outcome(try await ledger.reference(id), Settlement(.void, refusal))
                try await ledger.expect(.wrongState(id, .applied), of: [outcome])
            }
        }
    ]

    static let operatorsWords = [
        StoreRule("an operator settles what was never answered, by their word") { home in
            let ledger = try await TestLedger(home)
            for (ran, state) in [(true, IntentState.applied), (false, .void)] {
                let id = try await ledger.intent(.unresolved, of: ExecutionID("\(ran)"))
                // Words that look like a program's own evidence decide nothing.
                let word = LedgerEvent.resolved(
                    try await ledger.reference(id), ran: ran, by: "me", reason: "verified: canceled")
                try await ledger.append(word, at: 9)
                let intent = try #require(try await ledger.intent(id))
                #expect(intent.state == state && intent.settledAt == at(9))
                #expect(intent.evidence == .resolved(by: "me", reason: "verified: canceled"))
            }
        }
    ]

    private static let standing: [IntentState] = [.reserved, .sending, .applied, .unresolved, .ineffective]

    static let secondRetries = standing.map { state in
        StoreRule("a second retry is refused while the first is \(state.rawValue)") { home in
            let ledger = try await TestLedger(home)
            _ = try await ledger.intent(state, of: "5")
            try await ledger.expect(.alreadyIntended("5"), of: [reservation(draft("5"))])
            try await ledger.expect(
                .alreadyIntended("6"), of: [reservation(draft("6")), reservation(draft("6"))], at: 9)
        }
    }

    static let neverTwice: [StoreRule] = [
        StoreRule("a voided retry may be tried again, any number of times") { home in
            let ledger = try await TestLedger(home)
            for _ in 0..<3 { _ = try await ledger.intent(.void, of: "5") }
            _ = try await ledger.intent(.applied, of: "5")
            try await ledger.expect(.alreadyIntended("5"), of: [reservation(draft("5"))])
        },
        StoreRule("an unresolved retry is replaced by one reservation, once") { home in
            let ledger = try await TestLedger(home)
            let first = try await ledger.intent(.unresolved, of: "5")
            var again = draft("5")
            again.policy = "another policy may send it again"
            let second = IntentID(try await ledger.append(reservation(again, supersedes: first), at: 4))
            let replaced = try #require(try await ledger.intent(first))
            #expect(replaced.state == .superseded && replaced.evidence == .sentAgain && replaced.settledAt == at(4))
            #expect(try await ledger.intent(second)?.state == .reserved)
            try await ledger.send(second)
            try await ledger.settle(second, Settlement(.unresolved))
            try await ledger.expect(.alreadyIntended("5"), of: [reservation(draft("5"), supersedes: second)])
            try await ledger.expect(.wrongState(first, .superseded), of: [reservation(draft("5"), supersedes: first)])
        },
        StoreRule("a lost retry is asked for again only with proof, and keeps its key, its watermark and its place") {
            home in
            let ledger = try await TestLedger(home)
            let id = IntentID(try await ledger.append(reservation(draft("5"))))
            let key = RequestKey(id, reservedAt: at(1))
            let witness = KeyWitness(RequestKey(probeAt: at(1)), takenAt: at(1))
            let reference = try await ledger.reference(id)
            func proof(_ witness: KeyWitness, _ time: Int64) -> LedgerEvent {
                .asked(
                    reference, AskingProof(witness, refusedAt: at(time), status: 422, message: "", accountedTo: "99"))
            }
            try await ledger.append(
                [.sending(reference, watermark: "20", look: "complete", key: key, witness: witness)], at: 2)
            try await ledger.expect(.wrongState(id, .sending), of: [proof(witness, 3)], at: 3)
            try await ledger.settle(id, Settlement(.unresolved, .agentEnded), at: 3)
            let other = KeyWitness(RequestKey(probeAt: at(2)), takenAt: at(2))
            try await ledger.expect(
                .unproven(id, "the witness is not its own"), of: [proof(other, 4)], at: 4)
            try await ledger.append([proof(witness, 4)], at: 4)
            let asked = try #require(try await ledger.intent(id))
            #expect(asked.state == .sending && asked.key == key && asked.watermark == "20" && asked.sendingAt == at(2))
            #expect(asked.asked == 1 && asked.askedAt == at(4) && asked.witness == witness)
            try await ledger.expect(.alreadyIntended("5"), of: [reservation(draft("5"))], at: 4)
        },
        StoreRule("a re-send replaces what is unresolved, of the same action on the same execution, and is no shadow") {
            home in
            let ledger = try await TestLedger(home)
            let id = try await ledger.intent(.unresolved, of: "5")
            let applied = try await ledger.intent(.applied, of: "7")
            let other = InstanceKey(name: "other", epoch: 1)
            for draft in [draft("6"), draft("5", .stop), draft("5", in: other), draft("5", shadow: true)] {
                try await ledger.expect(.missing(id), of: [reservation(draft, supersedes: id)])
            }
            try await ledger.expect(.missing(IntentID(99)), of: [reservation(draft("5"), supersedes: IntentID(99))])
            try await ledger.expect(
                .wrongState(applied, .applied), of: [reservation(draft("7"), supersedes: applied)])
        },
        StoreRule("other executions, instances, epochs and actions are their own") { home in
            let ledger = try await TestLedger(home)
            for draft in [
                draft("5"), draft("6"), draft("5", in: InstanceKey(name: "production", epoch: 2)),
                draft("5", in: InstanceKey(name: "other", epoch: 1)), draft("5", .stop), draft("5", .stop),
            ] { try await ledger.reserve(draft) }
            #expect(try await ledger.store.load(LedgerScope()).intents(in: [.reserved]).count == 6)
        },
        StoreRule("dry-run and enforce never stand in each other's way, and dry-run counts an execution once") { home in
            let ledger = try await TestLedger(home)
            try await ledger.reserve(draft("5", shadow: true))
            try await ledger.expect(.alreadyIntended("5"), of: [reservation(draft("5", shadow: true))])
            try await ledger.reserve(draft("5"))
            try await ledger.reserve(draft("6"))
            try await ledger.reserve(draft("6", shadow: true))
            try await ledger.expect(.alreadyIntended("5"), of: [reservation(draft("5"))])
        },
        StoreRule("a second retry is refused also of a chain that no view shows") { home in
            let ledger = try await TestLedger(home)
            _ = try await ledger.intent(.applied, of: "50", at: 2)
            #expect(try await ledger.view(since: 100).intents.isEmpty)
            try await ledger.expect(.alreadyIntended("50"), of: [reservation(draft("50"))], at: 200)
        },
        StoreRule("what one entry voids the next of the same append may reserve anew") { home in
            let ledger = try await TestLedger(home)
            let id = try await ledger.intent(.sending, of: "5")
            try await ledger.append([
                .outcome(ledger.reference(id), Settlement(.void)), reservation(draft("5")),
            ])
            try await ledger.expect(.alreadyIntended("5"), of: [reservation(draft("5"))])
        },
    ]
}
