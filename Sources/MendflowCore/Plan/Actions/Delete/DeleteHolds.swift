/// What holds a deletion: the row's chain has to be settled and out of every retry's reach.
enum DeleteHolds {
    static let all =
        [
            CommonHolds.ofStatus,
            HoldRule(.live, "A run of the chain is live.") {
                .held(by: $0.subject.chain.firstLive.map { "\($0.id) is \($0.status.rawValue)" })
            },
            HoldRule(.inFlight, "A retry of the chain is on its way.") {
                .held(by: $0.chainRetries.first(where: \.state.isOpen).map { "intent \($0.id)" })
            },
            HoldRule(.unresolved, "A retry of the chain was never answered.") {
                let lost = $0.chainRetries.first { $0.state == .unresolved }
                return .held(by: lost.map { "intent \($0.id): \($0.note ?? "no answer")" })
            },
            HoldRule(.incompletePoll, "Its chain began before all that is read: it may have unknown retries.") {
                .held(by: $0.unknownRetries)
            },
            HoldRule(
                .retryHorizon, "Its chain ended within `look_back` or some policy's `give_up_after`.", isWithinReach),
            HoldRule(.leafGone, "Nobody knows how a run of its chain ended.", hasUnseenRun),
            HoldRule(.olderFirst, "The run that it retries is deleted first.", hasOlder),
        ] + CommonHolds.ofPolicy + CommonHolds.ofOthers + CommonHolds.ofInstance + [
            HoldRule(.shadowed, "In dry-run it was decided already.") {
                .held(if: $0.earlier.contains { $0.state == .shadow })
            },
            HoldRule(.inFlight, "A deletion of it is on its way.") {
                .held(by: $0.earlier.first(where: \.state.isOpen).map { "intent \($0.id)" })
            },
            HoldRule(.ineffective, "n8n took a deletion, and the row is there.") {
                .held(
                    by: $0.earlier.contains { $0.state != .void } ? "n8n took the deletion and the row is there" : nil)
            },
        ] + CommonHolds.ofAnswers

    private static func isWithinReach(_ proposal: Proposal) -> HoldAnswer {
        let context = proposal.context
        let isPast = context.isPastRetries(proposal.subject.chain)
        return .held(by: isPast ? nil : "its chain ended within \(context.longestRetrying)")
    }

    /// A chain is deleted from its first run on: a retry that is deleted first would leave the run that it retries looking as
    /// if nobody had retried it.
    private static func hasOlder(_ proposal: Proposal) -> HoldAnswer {
        guard let parent = proposal.subject.row.retryOf, proposal.context.snapshot.executions[parent] != nil else {
            return .clear
        }
        return .held("\(parent), which it retries, is deleted first")
    }

    private static func hasUnseenRun(_ proposal: Proposal) -> HoldAnswer {
        let unseen = unseenRun(proposal.subject.chain, proposal.context)
        return .held(by: unseen.map { "nobody knows how \($0), a run of its chain, ended" })
    }

    /// A run that nobody retried and of which it is not known that it ended; nil where there is none.
    private static func unseenRun(_ chain: Chain, _ context: PlanningContext) -> ExecutionID? {
        let unseen = chain.nodes.filter { $0.row == nil }.map(\.id)
        // The chain is known to have succeeded and none of its rows is a success: then that run is the one without a row.
        if unseen.count == 1, context.view.healed.contains(chain.root), !chain.hasSuccess { return nil }
        return chain.nodes.first { $0.row == nil && !$0.hasChildren && mayGoOn($0.id, context) }?.id
    }

    /// Whether a run that is known only by its id may still go on: nobody knows that it is gone, and n8n may hide it, or it
    /// is so young that it would be among the rows if n8n had removed nothing.
    private static func mayGoOn(_ id: ExecutionID, _ context: PlanningContext) -> Bool {
        let isDeleted = context.intents.all(.delete, id).contains { $0.state == .applied }
        if isDeleted || context.view.gone.contains(id) { return false }
        if context.snapshot.coverage.mayHide(id) { return true }
        return context.facts.oldestSeen.map { id >= $0 } ?? true
    }
}

extension PlanningContext {
    /// How long after its last end a chain may still be retried by some policy, one in dry-run too: it may be enforced
    /// tomorrow.
    var longestRetrying: Period { max(snapshot.coverage.lookBack, set.longestGiveUp) }

    /// Whether nothing of a chain can be retried any more.
    func isPastRetries(_ chain: Chain) -> Bool {
        guard chain.hasEnded, let end = chain.nodes.compactMap({ $0.row?.endedAt }).max() else { return false }
        return validity.hasPassed(end + longestRetrying)
    }
}
