public import MendflowCore
import MendflowEnvironment
public import MendflowLedger
import MendflowText
public import MendflowWorkspace

/// `ledger restore`: a copy takes the ledger's place.
///
/// A copy does not know what was sent since it was made. n8n's rows show the retries that left one; an unanswered request, or a
/// run that n8n keeps no row of, would be sent again. So nothing is sent until a person has said that this was seen to.
public struct LedgerRestore: Sendable, Hashable {
    /// How a copy stands to the ledger that is there.
    public enum Relation: Sendable, Hashable {
        /// No ledger is there, or none that can be read: nobody can tell what was done since.
        case alone(String)
        /// It ends where the ledger does.
        case same
        /// It is an earlier state of the ledger, which has so many more records, with these requests among them.
        case earlier(records: Int64, sent: [IntentRef])
    }
    /// The copy, where it ends, and when it was written last.
    public var copy: String, head: AuditHead, at: AgentTime
    /// How it stands to what is there.
    public var relation: Relation
    /// Where what was there is now; nil where nothing was, or where it was only looked at.
    public var setAside: String?
    /// Why nothing is sent now; nil where nothing is missing.
    public var paused: String?

    /// Looks what restoring would mean, and changes nothing.
    ///
    /// - Throws: `file` where there is no copy, `broken` where it is not as it was written, `failed` where it is a copy of
    ///   another ledger.
    public static func check(_ workspace: Workspace, from copy: String) async throws(MendflowFailure) -> LedgerRestore {
        try await workspace.judged { () throws(LedgerFailure) in
            let store: any LedgerStore
            do throws(LedgerFailure) {
                store = try await workspace.environment.ledgers.open(copy, .read)
            } catch .missing {
                return .failure(
                    NamedFile.failure("\(copy): there is no such ledger", of: copy, workspace.environment.files))
            }
            let found = try await store.verify(expecting: nil)
            if let fault = found.fault {
                return .failure(MendflowFailure(.broken, "\(copy): \(fault). It is no good as a copy"))
            }
            let head = try await store.load(LedgerScope(instances: [])).head
            guard let relation = try await relation(of: head, store, workspace) else {
                return .failure(
                    MendflowFailure(
                        .failed,
                        "\(copy) is a copy of another ledger than \(workspace.ledgerPath), or ends behind it; move that one away "
                            + "first, if it is meant"))
            }
            return .success(LedgerRestore(copy: copy, head: head.chain, at: head.at, relation: relation))
        }
    }

    /// Puts the copy in the place of the ledger. No agent may run. What was there stays beside it under another name.
    public static func run(
        _ workspace: Workspace, from copy: String, reason: String?
    ) async throws(MendflowFailure) -> LedgerRestore {
        let keeper = try LedgerUpkeep.keeper(workspace, workspace.ledgerPath)
        let hold: any LedgerHold
        do throws(LedgerFailure) { hold = try workspace.environment.ledgers.lock(workspace.ledgerPath) } catch {
            throw MendflowFailure(ledger: error)
        }
        defer { withExtendedLifetime(hold) {} }
        var done = try await check(workspace, from: copy)
        let now = workspace.clock.now()
        let aside = "\(workspace.ledgerPath).replaced-\(now.milliseconds / 1000)"
        let isThere = workspace.environment.files.exists(workspace.ledgerPath)
        if done.relation != .same {
            done.paused =
                "restored from a copy of \(done.at.rfc3339Seconds), which does not know what was sent since; docs/operating.md says "
                + "what to do before `mendflow resume --force`"
        }
        let (entries, keeperOf) = (done.entries(by: workspace.user, reason: reason, at: now), keeper)
        try await workspace.ledger { () throws(LedgerFailure) in
            try await keeperOf.replace(with: copy, settingAside: aside)
            let store = try await workspace.environment.ledgers.open(workspace.ledgerPath, .append)
            try await Ledger(store, LedgerScope(instances: [])).append(entries)
            // What an earlier agent marked is about records that are gone.
            try hold.beginMarks(at: try await store.load(LedgerScope(instances: [])).head.chain)
        }
        done.setAside = isThere ? aside : nil
        return done
    }

    private func entries(by user: String, reason: String?, at now: AgentTime) -> [LedgerEntry] {
        var restored = LedgerRestored(by: user, reason: reason, copy: copy, head: "\(head)")
        if case .earlier(let records, let sent) = relation {
            let requests = sent.map { "\($0.action.rawValue) \($0.execution)" }
            restored.lost = LedgerRestored.Lost(records: records, sent: requests)
        }
        var events: [LedgerEvent] = [.lifecycle(.restored(restored))]
        if let paused { events.append(.paused(instance: nil, reason: paused, by: user, isDoubt: true)) }
        return events.map { LedgerEntry($0, at: now) }
    }

    /// Nil where the ledger that is there does not hold the copy's end.
    private static func relation(
        of copied: LedgerHead, _ copy: any LedgerStore, _ workspace: Workspace
    ) async throws(LedgerFailure) -> Relation? {
        let store: any LedgerStore
        let (head, end): (AuditHead, AuditHead)
        do throws(LedgerFailure) {
            store = try await workspace.environment.ledgers.open(workspace.ledgerPath, .read)
            let state = try await store.load(LedgerScope(instances: []))
            (head, end) = (copied.chain, state.head.chain)
            if head.sequence <= state.floor { return try await relation(of: copied, copy, to: store) }
        } catch {
            return .alone("\(error)")
        }
        if end == head { return .same }
        let known = try await store.records(after: head.sequence - 1, limit: 1).first
        guard let known, known.sequence == head.sequence, known.hash == head.hash else { return nil }
        var (last, sent): (Int64, [IntentRef]) = (head.sequence, [])
        while true {
            let records = try await store.records(after: last, limit: 1000)
            for record in records {
                if case .sending(let intent, _, _, _, _) = try record.entry().event { sent.append(intent) }
            }
            guard let newest = records.last else { return .earlier(records: end.sequence - head.sequence, sent: sent) }
            last = newest.sequence
        }
    }

    /// The same where what follows the copy's end was sealed: of the same ledger it is an earlier state, and the intents of it tell
    /// what was sent.
    private static func relation(
        of copied: LedgerHead, _ copy: any LedgerStore, to store: any LedgerStore
    ) async throws(LedgerFailure) -> Relation? {
        let state = try await store.load(LedgerScope(since: AgentTime(milliseconds: .min)))
        let first = try await copy.records(after: 0, limit: 1).first
        let sealed = first?.sequence == 1 ? nil : try await copy.load(LedgerScope(instances: [])).newestSegment
        guard state.newestSegment?.origin == sealed?.origin ?? first?.hash else { return nil }
        let sent = state.intents(in: Set(IntentState.allCases)).filter { $0.sendingAt.map { $0 >= copied.at } ?? false }
        return .earlier(records: state.head.sequence - copied.sequence, sent: sent.map { IntentRef($0) })
    }
}

extension Workspace {
    /// Asks the ledger for a judgement, which may be a failure of its own.
    fileprivate func judged<T>(
        _ body: () async throws(LedgerFailure) -> Result<T, MendflowFailure>
    ) async throws(MendflowFailure) -> T {
        try await ledger(body).get()
    }
}
