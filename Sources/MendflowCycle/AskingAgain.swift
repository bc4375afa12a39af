package import MendflowCore

/// Whether a retry whose answer was lost may be asked for again under its key (semantics 29e), as far as rows tell. That the
/// server honours keys is proven afterwards, just before the request leaves (`AskingProof`).
package enum AskingAgain: Sendable, Hashable {
    /// No run of it is seen: every id up to this one is another run.
    case ask(accountedTo: ExecutionID)
    /// The same, once this time has come: it was asked for a moment ago.
    case wait(until: AgentTime)
    /// It may not be.
    case open

    /// How long to wait before it is asked for again a second time; doubled with each further time.
    private static let interval = Period.seconds(30), longestInterval = Period.minutes(30)

    /// Judges a retry. `children` are the retries that the ledger knows, and `highest` is the highest id known.
    package static func evaluate(
        _ intent: Intent, _ rows: ExecutionTable, children: [ExecutionID: Set<ExecutionID>] = [:],
        highest: ExecutionID?, now: AgentTime, clock: ClockOffset = .zero
    ) -> AskingAgain {
        guard intent.draft.action == .retry, !intent.draft.isShadow, intent.state == .unresolved, intent.child == nil,
            intent.key != nil, intent.witness != nil, intent.mayStillBeAnswered, intent.asked < AskingProof.mostTimes,
            let sent = intent.sendingAt, now >= sent, now - sent < AskingProof.horizon,
            let last = accounted(intent, rows, children, to: highest),
            Watermark(of: intent, rows, clock).standing == .same
        else { return .open }
        guard intent.asked > 0, let settled = intent.settledAt else { return .ask(accountedTo: last) }
        let doubled = Period(milliseconds: interval.milliseconds << Int64(min(intent.asked - 1, 10)))
        let due = max(settled + min(doubled, longestInterval), intent.notBefore ?? settled)
        return due <= now ? .ask(accountedTo: last) : .wait(until: due)
    }

    /// The highest id, where every one from the watermark up to it is known to be another run; nil where a run of it is seen,
    /// or one that may be, or an id is missing.
    package static func accounted(
        _ intent: Intent, _ rows: ExecutionTable, _ children: [ExecutionID: Set<ExecutionID>],
        to highest: ExecutionID?
    ) -> ExecutionID? {
        guard let watermark = intent.watermark?.number, let highest, let last = highest.number, last >= watermark,
            let parent = rows[intent.draft.execution], parent.retrySuccess == nil
        else { return nil }
        let others = OtherRuns(than: intent.draft.execution, rows, children)
        for number in watermark..<last {
            guard others.contains(ExecutionID("\(number + 1)")) else { return nil }
        }
        return highest
    }
}

extension Intent {
    /// Whether what came in place of an answer leaves open that the server still has one: the connection was lost, something in
    /// front of n8n or n8n itself failed, or said that the request goes on or is to wait.
    fileprivate var mayStillBeAnswered: Bool {
        switch evidence {
        case .agentEnded, .failed: true
        case .unanswered(let status, _): status.map { $0 >= 500 || [200, 409, 429].contains($0) } ?? true
        default: false
        }
    }
}
