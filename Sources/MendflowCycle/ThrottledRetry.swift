package import MendflowCore

// A retry that n8n refused for its limit of requests (429). That proves of the request that was answered that it did nothing; where
// something in front of n8n sends a request twice, the other may have run all the same (semantics 29b).
extension Intent {
    /// Whether n8n refused it for its limit of requests, and nothing is known to the contrary.
    package var isThrottledRetry: Bool {
        guard draft.action == .retry, state == .void, case .proof(.throttled, _, _)? = evidence else { return false }
        return true
    }

    /// The same with the key of the request before it that was refused so: to n8n it is that request once more, which does
    /// nothing where another copy of it has run. Itself, where there is none.
    package func underItsFormerKey(_ intents: [Intent]) -> Intent {
        let refused = intents.filter { earlier in
            earlier.id < id && earlier.isThrottledRetry && earlier.draft.execution == draft.execution
                && earlier.draft.loadWorkflow == draft.loadWorkflow
                && (earlier.sendingAt.map { reservedAt - $0 < AskingProof.horizon } ?? false)
        }
        guard draft.action == .retry, let last = refused.max(by: { $0.id < $1.id }), let key = last.key else {
            return self
        }
        var again = self
        again.key = key
        return again
    }
}

extension Reconciler {
    /// The clocks of n8n, of its workers and of its database may differ by less.
    static let margin = Period.seconds(5)

    /// The run of a retry that was refused so: one that had been made by then, so that the request was sent twice on its
    /// way, or a person came just before it.
    func runInSpiteOfRefusal(of intent: Intent, among children: [Execution]) -> Execution? {
        guard intent.isThrottledRetry, !poll.clockOffset.isDisputed, let watermark = intent.watermark,
            let answered = intent.settledAt.map(poll.clockOffset.server),
            !view.intents.contains(where: { $0.id > intent.id && $0.claims(intent.draft.execution) })
        else { return nil }
        return children.first { child in
            child.retryOf == intent.draft.execution && child.id > watermark
                && (child.createdAt ?? child.startedAt).map { $0 <= answered + Reconciler.margin } ?? false
        }
    }
}

extension Intent {
    /// Whether it is a retry of an execution that was sent, or may be.
    fileprivate func claims(_ execution: ExecutionID) -> Bool {
        draft.action == .retry && draft.execution == execution && state != .void && state != .shadow
    }
}
