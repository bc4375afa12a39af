/// What is worked out for one subject at most once.
final class FactCache {
    let row: Execution
    let chain: Chain
    private let facts: SharedFacts
    private var hasLookedForDetail = false
    private var known: ExecutionDetail?
    /// What the evidence of a failure says; nil before it was fetched.
    private(set) lazy var judgement = detail.map { facts.judgement(row.status, $0) }
    /// Retries made in the chain, anybody's.
    private(set) lazy var retriesMade = facts.intents.retriesMade(chain)

    init(_ row: Execution, _ chain: Chain, _ facts: SharedFacts) {
        self.row = row
        self.chain = chain
        self.facts = facts
    }

    /// The data of the present status; nil before it was fetched.
    var detail: ExecutionDetail? {
        lookForDetail()
        return known
    }

    /// The type of the failed node, where it is known.
    var failedNodeType: String? {
        lookForDetail()
        return known?.lastNode?.type
    }

    /// When the failed service asked to be tried again.
    func providerWaits(after end: ServerTime) -> [ServerTime] {
        lookForDetail()
        return known?.error?.providerWaits(after: end) ?? []
    }

    private func lookForDetail() {
        guard !hasLookedForDetail else { return }
        hasLookedForDetail = true
        if let found = facts.snapshot.details[row.id], found.status == row.status { known = found }
    }
}
