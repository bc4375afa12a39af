/// Who started the retries of one execution, as far as that can be told (semantics 18).
///
/// n8n does not say who asked for a retry. What it answered to a request of ours names our run; a run that no request of
/// ours can have started, because it was there before each of them or there are more runs than requests, is a person's.
/// Everything between may be either's.
package struct RetryOrigins: Sendable {
    /// Who started a retry.
    package enum Origin: Sendable, Hashable {
        /// We did: n8n said so in its answer to this request.
        case ours(IntentID)
        /// This request of ours, or a person: no answer names it.
        case somebodys(IntentID)
        /// A person, or another program.
        case person
    }

    private var origins: [ExecutionID: Origin] = [:]

    /// Tells them apart: `requests` are the ledger's intents to retry the execution, `children` its known retries. Those
    /// that n8n dates `earlier` than the requests count as theirs only where there are no others: clocks may be minutes
    /// apart, and seldom are.
    package init(_ requests: [Intent], _ children: [ExecutionID], earlier: Set<ExecutionID> = []) {
        var open: [Intent] = []
        for request in requests {
            if let child = request.child {
                origins[child] = request.hasDoubtfulChild ? .somebodys(request.id) : .ours(request.id)
            } else if request.mayHaveStartedRun {
                open.append(request)
            }
        }
        // Those that still wait for their run come first: one that was replaced is settled already.
        open.sort { ($0.state == .superseded ? 1 : 0, $0.id) < ($1.state == .superseded ? 1 : 0, $1.id) }
        let likelyFirst = children.sorted { (earlier.contains($0) ? 1 : 0, $0) < (earlier.contains($1) ? 1 : 0, $1) }
        for child in likelyFirst where origins[child] == nil {
            let place = open.firstIndex { child > ($0.watermark ?? $0.draft.execution) }
            origins[child] = place.map { .somebodys(open.remove(at: $0).id) } ?? .person
        }
    }

    /// Who started one of the children.
    package subscript(child: ExecutionID) -> Origin { origins[child] ?? .person }
}

extension RetryOrigins {
    /// The same of all runs of a chain, by what they retry.
    package static func all(of chain: Chain, _ requests: (ExecutionID) -> [Intent]) -> [ExecutionID: RetryOrigins] {
        let children = Dictionary(grouping: chain.nodes.filter { $0.parent != nil }) { $0.parent ?? $0.id }
        return Dictionary(
            uniqueKeysWithValues: children.map { ($0, RetryOrigins(requests($0), $1.map(\.id))) })
    }
}

extension Intent {
    /// Whether the run that counts as its child may be a person's just as well: no answer named it.
    package var hasDoubtfulChild: Bool {
        switch evidence {
        case .child(_, _, isDoubtful: true), .toldBySpan: child != nil
        default: false
        }
    }

    /// Whether it may have started a run that nobody has connected with it.
    fileprivate var mayHaveStartedRun: Bool {
        guard draft.action == .retry, child == nil else { return false }
        switch state {
        case .sending, .unresolved, .applied, .superseded: return true
        case .reserved, .void, .ineffective, .shadow: return false
        }
    }
}
