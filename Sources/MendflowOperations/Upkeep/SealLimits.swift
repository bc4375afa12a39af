import MendflowCore
import MendflowLedger
import MendflowPolicy
import MendflowWorkspace

/// How far a ledger may be sealed, and what keeps the rest in it.
struct SealLimits {
    /// Something that keeps records in the ledger: those behind `last` stay because of it.
    struct Limit {
        var last: Int64, why: String
    }
    /// So many of the newest records stay in any case: commands look through them.
    static let keptRecords: Int64 = 5_000
    /// Nothing younger is sealed, whatever is said: reports tell of a week.
    static let least = Period.days(7)

    private(set) var all: [Limit] = []

    /// The limit that counts.
    var tightest: Limit { all.min { $0.last < $1.last } ?? Limit(last: 0, why: "") }

    /// Finds out what keeps records.
    init(
        _ workspace: Workspace, _ store: any LedgerStore, _ state: LedgerState, before time: AgentTime,
        keeping kept: Int64
    ) async throws(LedgerFailure) {
        let head = state.head.chain
        let (asked, start) = (try await RecordsByTime.last(before: time, in: store, head), workspace.ledgerStart())
        all = [
            Limit(last: asked, why: "what was written since \(time.rfc3339Seconds) stays"),
            Limit(
                last: try await RecordsByTime.last(before: start, in: store, head),
                why: "policies look back to \(start.rfc3339Seconds)"),
            Limit(last: head.sequence - kept, why: "the last \(kept) records stay"),
        ]
        for intent in state.intents(in: [.reserved, .sending, .unresolved]) {
            let first = try await first(about: intent.draft, intent.id.number, store)
            let advice = intent.state == .unresolved ? "; `mendflow resolve` settles it" : ""
            let what = "intent \(intent.id), execution \(intent.draft.execution), is \(intent.state.rawValue)\(advice)"
            all.append(Limit(last: first - 1, why: what))
        }
        for ask in state.approvals() where ask.state == .open {
            let first = try await first(about: ask.ask.draft, ask.id.number, store)
            all.append(Limit(last: first - 1, why: "ask \(ask.id) waits for an answer"))
        }
        try await addWhatGoesOn(workspace, store, state)
    }

    private mutating func addWhatGoesOn(
        _ workspace: Workspace, _ store: any LedgerStore, _ state: LedgerState
    ) async throws(LedgerFailure) {
        let head = state.head.chain
        for key in workspace.instanceNames.compactMap({ state.baseline(of: $0)?.instance }) {
            for incident in state.incidents(of: key).values {
                let last = try await RecordsByTime.last(before: incident.openedAt, in: store, head)
                all.append(Limit(last: last, why: "\(incident.key) of '\(key.name)' goes on"))
            }
            for replay in state.replays(of: key) where replay.state == .running || replay.state == .paused {
                let last = try await RecordsByTime.last(before: replay.begunAt, in: store, head)
                all.append(Limit(last: last, why: "\(replay.name) of '\(key.name)' is \(replay.state.rawValue)"))
            }
        }
        for channel in workspace.configuration.channels {
            guard let standing = state.channel(channel.name) else { continue }
            all.append(
                Limit(last: standing.through, why: "channel '\(channel.name)' has told of records up to there only"))
        }
    }

    /// The first record about the chain of an intent or an ask, with the planning that led to it.
    private func first(
        about draft: IntentDraft, _ number: Int64, _ store: any LedgerStore
    ) async throws(LedgerFailure) -> Int64 {
        let about = try await store.records(about: [draft.execution, draft.root], instance: draft.instance)
        let first = min(number, about.first?.sequence ?? number)
        let before = try await store.records(after: max(0, first - 500), limit: Int(min(first - 1, 499)))
        let planning = before.last { sealed in
            guard sealed.sequence < first, let record = try? sealed.record() else { return false }
            return record.kind == .planning && record.instance == draft.instance
        }
        return planning?.sequence ?? first
    }
}
