import MendflowCore
import MendflowLedger
import Testing

private let text = LedgerEvent.policy(
    PolicyText(version: "v1", name: "replay-1", text: "name: replay-1", place: "replay-1"))

private func start(_ name: String = "replay-1", version: String = "v1") -> LedgerEvent {
    .replayBegan(
        production,
        ReplayStart(
            name: name, version: version, total: 2, earliest: at(1), by: "me", reason: "the CRM was down",
            selection: "workflow 'Order sync'"))
}

private func move(_ state: Replay.State, _ name: String = "replay-1") -> LedgerEvent {
    .replayMoved(production, ReplayMove(name, state, by: "you", why: "lunch"))
}

/// What a replay's own retry is reserved by.
private func ofReplay(_ execution: ExecutionID) -> IntentDraft {
    var draft = draft(execution)
    draft.policy = "replay-1"
    return draft
}

extension StoreRule {
    static let replays: [StoreRule] = [
        StoreRule("a replay that is paused or over lets nothing out any more, and holds up nothing else") { home in
            for (state, standing) in [
                (Replay.State.paused, "replay-1 is paused by you: lunch"),
                (.aborted, "replay-1 is aborted by you: lunch"),
            ] {
                let ledger = try await TestLedger(home)
                let before = try await ledger.view().replays["replay-1"]
                if before == nil { try await ledger.append([initialised(), text, start()]) }
                if before?.state == .paused { try await ledger.append(move(.running)) }
                let id = try await ledger.reserve(ofReplay(ExecutionID("5\(state.rawValue.count)")))
                try await ledger.append(move(state))
                try await ledger.expect(.replay(standing), of: [reservation(ofReplay("6"))])
                let sending = LedgerEvent.sending(try await ledger.reference(id), watermark: nil, look: "")
                try await ledger.expect(.replay(standing), of: [sending])
                try await ledger.settle(id, Settlement(.void))
                try await ledger.reserve(draft("8", state == .paused ? .retry : .stop))
            }
        },
        StoreRule("what follows on a replay's state, and nothing else") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append([initialised(), text, start()])
            try await ledger.expect(.replay("replay-1 is running by me: the CRM was down"), of: [move(.running)])
            try await ledger.append([move(.paused), move(.running), move(.paused)])
            try await ledger.expect(.replay("replay-1 is paused by you: lunch"), of: [move(.ended)])
            try await ledger.append([move(.running), move(.ended)])
            for state in Replay.State.allCases {
                try await ledger.expect(.replay("replay-1 is ended by you: lunch"), of: [move(state)])
            }
        },
        StoreRule("a replay begins once, with the text of its policy in the ledger, and not while acting is paused") {
            home in
            let ledger = try await TestLedger(home)
            try await ledger.append(initialised())
            try await ledger.expect(.noReplay("replay-1"), of: [start()])
            try await ledger.append([text, .paused(instance: nil, reason: "all", by: "me")])
            try await ledger.expect(.paused("all"), of: [start()])
            try await ledger.append([.resumed(instance: nil, by: "me"), start()])
            try await ledger.expect(.replay("replay-1 is running by me: the CRM was down"), of: [start()])
            try await ledger.expect(.noReplay("replay"), of: [start("replay")])
            try await ledger.expect(.noReplay("replay-2"), of: [move(.paused, "replay-2")])
            try await ledger.expect(.noReplay("replay-2"), of: [reservation(ofReplay("5")).renamed("replay-2")])
        },
        StoreRule("a replay is known however little of the ledger is loaded, with the time since which it stands so") {
            home in
            let ledger = try await TestLedger(home)
            try await ledger.append([initialised(), text, start()], at: 5)
            try await ledger.append(move(.paused), at: 9)
            let replay = try #require(try await ledger.view(since: 100).replays["replay-1"])
            #expect(
                replay.begunAt == at(5) && replay.since == at(9) && replay.state == .paused && replay.start.total == 2)
        },
    ]
}

extension LedgerEvent {
    /// The same reservation for another policy.
    fileprivate func renamed(_ policy: String) -> LedgerEvent {
        guard case .reserved(var reservation) = self else { return self }
        reservation.draft.policy = policy
        return .reserved(reservation)
    }
}
