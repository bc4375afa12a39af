extension ActionDefinition {
    /// `POST /executions/{id}/stop`.
    static let stop = ActionDefinition(
        .stop, scopes: ["execution:stop"], fits: [.running, .waiting, .queued, .unknown],
        request: { ExecutionRequest.stop($0.execution).description }, holds: StopHolds.all,
        waits: [StopHolds.isVerified, .refusedRecently, .droppedRecently],
        prepare: { proposal in
            var draft = proposal.draft
            draft.attempt = min(2, proposal.stops.count + 1)
            return PreparedAction(dueNow: draft, attempts: 2, proposal)
        })
}

/// What holds a stop.
enum StopHolds {
    static let all =
        [CommonHolds.ofStatus] + CommonHolds.ofPolicy + CommonHolds.ofOthers + CommonHolds.ofInstance + [
            HoldRule(.shadowed, "In dry-run it was decided already.") {
                .held(if: $0.stops.contains { $0.state == .shadow })
            },
            HoldRule(.inFlight, "A stop of it is on its way.") {
                .held(by: $0.stops.first(where: \.state.isOpen).map { "intent \($0.id)" })
            },
        ] + CommonHolds.ofAnswers + [
            HoldRule(.ineffective, "n8n took a stop, twice, and the run goes on.", isIneffective)
        ]

    /// A stop was sent and may not show yet.
    static let isVerified = WaitRule(.verifying, "A stop was taken less than a minute ago, and may not show yet.") {
        proposal, _ in
        proposal.verifiedAt
    }

    /// What a bulk stop did not stop is stopped by itself.
    private static func isIneffective(_ proposal: Proposal) -> HoldAnswer {
        let isKnown = proposal.stops.contains { $0.state == .ineffective && $0.draft.action == .stop }
        let isVerifying = proposal.verifiedAt.map { !proposal.context.validity.hasCome($0) } ?? false
        let isHeld = isKnown || proposal.stops.count >= 2 && !isVerifying
        return .held(by: isHeld ? "n8n took the stop and the run goes on" : nil)
    }
}

extension Proposal {
    /// Stops that may have reached n8n, bulk stops included, oldest first.
    fileprivate var stops: [Intent] { earlier.filter { $0.state != .void } }

    /// When the last stop must have shown; nil where there was none.
    fileprivate var verifiedAt: ServerTime? {
        stops.last?.settledAt.map { context.clockOffset.server($0 + Intent.stopVerification) }
    }
}
