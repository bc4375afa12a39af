import MendflowCore
import MendflowLedger
import Testing

private func ask(_ execution: ExecutionID = "5", version: String = "v", until: Int64 = 100) -> ApprovalAsk {
    var draft = draft(execution)
    draft.policyVersion = version
    return ApprovalAsk(
        draft: draft, request: "POST /executions/\(execution)/retry", attempts: 3, start: "at 'Send order'",
        risk: RepeatRisk.none, errorClass: .transient, workflowName: "Order sync", expiresAt: at(until))
}

private func reference(
    _ id: Int64, _ ask: ApprovalAsk = ask(), in instance: InstanceKey = production
) -> ApprovalRef {
    ApprovalRef(id: ApprovalID(id), instance: instance, topic: ask.topic, root: ask.draft.root)
}

private func answer(_ id: Int64, _ isYes: Bool, _ ask: ApprovalAsk = ask()) -> LedgerEvent {
    .approvalAnswered(reference(id, ask), ApprovalAnswer(isYes: isYes, by: "me", note: "looked"))
}

/// The draft that a yes to an ask allows.
private func approved(_ id: Int64, _ ask: ApprovalAsk = ask()) -> IntentDraft {
    var draft = ask.draft
    draft.consent = .given(ApprovalID(id))
    return draft
}

private let measured = Demotion(
    policy: "p", version: "v", expected: ">= 50", rate: 20, healed: 1, settled: 5, since: at(1))

extension StoreRule {
    static let approvals: [StoreRule] = [
        StoreRule("an ask is answered once, in time, and by its own number") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append(initialised())
            let id = try await ledger.append(.approvalAsked(ask()), at: 5)
            try await ledger.expect(.noApproval(ApprovalID(id + 1)), of: [answer(id + 1, true)], at: 6)
            try await ledger.expect(.noApproval(ApprovalID(id)), of: [answer(id, true, ask("6"))], at: 6)
            try await ledger.expect(
                .approval("ask \(id) expired at 1970-01-01T00:00:00.100Z"), of: [answer(id, true)], at: 100)
            try await ledger.append(answer(id, true), at: 99)
            try await ledger.expect(.approval("ask \(id) was approved by me: looked"), of: [answer(id, false)], at: 99)
        },
        StoreRule("what was asked in an epoch that is over is answered no more") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append(initialised())
            let id = try await ledger.append(.approvalAsked(ask()), at: 5)
            try await ledger.append(initialised(InstanceKey(name: "production", epoch: 2)), at: 6)
            try await ledger.expect(
                .approval("ask \(id) is of epoch 1, and epoch 2 began since"), of: [answer(id, true)], at: 7)
        },
        StoreRule("of one action one ask is open at a time, and none is made while acting is paused") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append(initialised())
            let id = try await ledger.append(.approvalAsked(ask()), at: 5)
            try await ledger.expect(
                .approval("ask \(id) waits for an answer until 1970-01-01T00:00:00.100Z"),
                of: [.approvalAsked(ask(version: "w"))], at: 6)
            try await ledger.append(
                .approvalClosed(reference(id), ApprovalEnd(.withdrawn, why: "the policy was edited")), at: 7)
            try await ledger.append(.approvalAsked(ask(version: "w")), at: 8)
            try await ledger.append(.paused(instance: nil, reason: "all", by: "me"), at: 9)
            try await ledger.expect(.paused("all"), of: [.approvalAsked(ask("6"))], at: 9)
        },
        StoreRule("a yes allows what was shown, for the policy as it stood, until it expires") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append(initialised())
            let id = try await ledger.append(.approvalAsked(ask()), at: 5)
            let standing = "ask \(id) waits for an answer until 1970-01-01T00:00:00.100Z"
            try await ledger.expect(.approval(standing), of: [reservation(approved(id))], at: 6)
            try await ledger.append(answer(id, true), at: 7)
            try await ledger.expect(
                .approval("ask \(id) was about something else"), of: [reservation(approved(id, ask(version: "w")))],
                at: 8)
            try await ledger.expect(
                .noApproval(ApprovalID(id)), of: [reservation(approved(id, ask("6")))], at: 8)
            let intent = try await ledger.reserve(approved(id), at: 8)
            let sending = LedgerEvent.sending(try await ledger.reference(intent), watermark: nil, look: "")
            try await ledger.expect(
                .approval("ask \(id) expired at 1970-01-01T00:00:00.100Z"), of: [sending], at: 100)
            try await ledger.append(sending, at: 99)
        },
        StoreRule("a no allows nothing, and what ends by itself leaves an answer that came before") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append(initialised())
            let id = try await ledger.append(.approvalAsked(ask()), at: 5)
            try await ledger.append(answer(id, false), at: 6)
            try await ledger.append(.approvalClosed(reference(id), ApprovalEnd(.expired, why: "")), at: 7)
            try await ledger.expect(
                .approval("ask \(id) was declined by me: looked"), of: [reservation(approved(id))], at: 8)
        },
        StoreRule("a yes that was not carried out in time ends, and allows nothing more") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append(initialised())
            let id = try await ledger.append(.approvalAsked(ask()), at: 5)
            try await ledger.append(answer(id, true), at: 6)
            try await ledger.append(.approvalClosed(reference(id), ApprovalEnd(.expired, why: "")), at: 100)
            #expect(try await ledger.view(since: 0).approvals[ask().topic]?.state == .given)
            try await ledger.append(
                .approvalClosed(reference(id), ApprovalEnd(.expired, why: "it was too late")), at: 100)
            let over = try #require(try await ledger.view(since: 0).approvals[ask().topic])
            #expect(over.state == .expired && over.by == "me" && over.note == "it was too late")
            try await ledger.expect(
                .approval("ask \(id) expired at 1970-01-01T00:00:00.100Z: it was too late"),
                of: [reservation(approved(id))], at: 101)
        },
        StoreRule("an open ask is known however little of the ledger is loaded, and an answered one with its chain") {
            home in
            let ledger = try await TestLedger(home)
            try await ledger.append(initialised())
            let id = try await ledger.append(.approvalAsked(ask()), at: 5)
            let open = try #require(try await ledger.view(since: 1000).approvals[ask().topic])
            #expect(open.id == ApprovalID(id) && open.ask == ask() && open.askedAt == at(5))
            try await ledger.append(answer(id, true), at: 6)
            #expect(try await ledger.view(since: 1000).approvals.isEmpty)
            let given = try #require(try await ledger.view(since: 1000, chains: ["5"]).approvals[ask().topic])
            #expect(given.state == .given && given.by == "me" && given.note == "looked" && given.since == at(6))
        },
        StoreRule("a policy that is back in dry-run reserves nothing more, until it is promoted or edited") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append([initialised(), .demoted(production, measured)], at: 5)
            try await ledger.expect(
                .demoted("p is in dry-run: \(measured.words)"), of: [reservation(draft("5"))], at: 6)
            try await ledger.expect(
                .demoted("p is in dry-run already: \(measured.words)"), of: [.demoted(production, measured)], at: 6)
            var edited = draft("6")
            edited.policyVersion = "w"
            try await ledger.reserve(edited, at: 6)
            try await ledger.reserve(draft("7", shadow: true), at: 6)
            let promotion = Promotion(policy: "p", version: "v", by: "me", reason: "the CRM is up")
            try await ledger.append(.promoted(production, promotion), at: 7)
            try await ledger.reserve(draft("5"), at: 8)
            try await ledger.expect(
                .demoted("p is not in dry-run for healing too little"), of: [.promoted(production, promotion)], at: 8)
            let standing = try #require(try await ledger.view(since: 1000).standings["p"])
            #expect(standing.demotedAt == at(5) && standing.promotedAt == at(7) && standing.promotion == promotion)
        },
    ]
}
