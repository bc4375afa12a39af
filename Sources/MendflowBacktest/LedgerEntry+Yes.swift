import MendflowCore
import MendflowLedger

extension LedgerEntry {
    /// People say yes to whatever they are asked, at once: how late they would have been, or what they would have declined,
    /// nobody can tell. `place` is the record before the first of the entries.
    static func yes(to entries: [LedgerEntry], behind place: Int64) -> [LedgerEntry] {
        entries.enumerated().compactMap { index, entry in
            guard case .approvalAsked(let ask) = entry.event else { return nil }
            let reference = ApprovalRef(
                id: ApprovalID(place + Int64(index) + 1), instance: ask.draft.instance, topic: ask.topic,
                root: ask.draft.root)
            let answer = ApprovalAnswer(isYes: true, by: "backtest", note: "")
            return LedgerEntry(.approvalAnswered(reference, answer), at: entry.at)
        }
    }
}
