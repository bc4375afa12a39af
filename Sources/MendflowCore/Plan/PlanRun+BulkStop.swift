/// Stops of one policy that may leave as one request.
struct BulkStop {
    /// The decisions that stop its executions one by one, oldest first.
    var singles: [Decision]
    /// The same as one action; nil where that is not safe.
    var call: Decision?
}

extension PlanRun {
    /// Turns the stops that policies with `bulk_stop` want into one request each, where exactly these executions would
    /// be stopped by it; else they are stopped one by one (semantics 35).
    mutating func bulkStops() -> [BulkStop] {
        bulk.keys.sorted().map { position in
            let singles = Decision.oldestFirst(bulk[position] ?? [])
            let policy = set.shared[position].policy
            switch bulkCall(policy, singles) {
            case .success(let call):
                guard let first = singles.first, case .act(let action) = first.verdict else {
                    return BulkStop(singles: singles, call: nil)
                }
                var draft = action.draft
                draft.action = .bulkStop
                draft.bulk = call
                var decision = first
                decision.verdict = .act(ProposedAction(draft: draft, due: action.due))
                return BulkStop(singles: singles, call: decision)
            case .failure(let held):
                return BulkStop(singles: hold(singles, policy.name, held.why), call: nil)
            }
        }
    }

    /// Puts on record why runs that were to be stopped together are stopped one by one.
    mutating func hold(_ singles: [Decision], _ policy: String, _ why: String) -> [Decision] {
        plan.heldBulkStops.append(HeldBulkStop(policy: policy, why: why))
        return singles.map { single in
            var single = single
            single.bulkHeld = why
            return single
        }
    }

    /// Why a bulk stop is held.
    private struct Held: Error { var why: String }

    private func bulkCall(_ policy: Policy, _ singles: [Decision]) -> Result<BulkStopCall, Held> {
        guard case .bulkStop(let action)? = policy.remediation else { return .failure(Held(why: "no bulk stop")) }
        let scope = BulkStopScope(policy.match, action)
        if let objection = scope.objections.first { return .failure(Held(why: objection.words)) }
        guard let request = scope.request(at: scene.snapshot.now, workflows: scene.snapshot.workflows) else {
            return .failure(Held(why: "the workflow's name does not belong to exactly one workflow"))
        }
        if scene.snapshot.gapsLeft > 0 {
            return .failure(Held(why: "\(scene.snapshot.gapsLeft) ids are not accounted for: each may be a hidden run"))
        }
        if let words = scene.snapshot.hiddenBelow(request) { return .failure(Held(why: words)) }
        if let words = scene.view.suspended[.bulkStop] { return .failure(Held(why: words)) }
        if let words = refusedLately(singles) { return .failure(Held(why: words)) }
        if request.workflow == nil, policy.guards.countsApart {
            return .failure(Held(why: "limits per workflow cannot be kept by one request for all workflows"))
        }
        let wanted = Set(singles.map(\.execution))
        let predicted = scene.snapshot.executions.values.filter(request.covers)
        if let other = predicted.map(\.id).filter({ !wanted.contains($0) }).min() {
            return .failure(Held(why: "it would stop \(other) too, which this policy does not stop now"))
        }
        if let left = wanted.subtracting(predicted.map(\.id)).min() {
            return .failure(Held(why: "it would not stop \(left)"))
        }
        return .success(BulkStopCall(request: request, predicted: singles.map(\.execution)))
    }
    /// What n8n said to the same request a moment ago, or three times: meanwhile each run is stopped by itself.
    private func refusedLately(_ singles: [Decision]) -> String? {
        for single in singles {
            let refusals = scene.intents.refusals(.bulkStop, single.execution)
            guard let last = refusals.last else { continue }
            let until = scene.intents.refusedUntil(.bulkStop, single.execution, Backoff())
            if refusals.count >= 3 || until.map({ $0 > scene.snapshot.now }) ?? false {
                return "n8n refused it: \(last.note ?? "no reason given")"
            }
        }
        return nil
    }
}

extension Snapshot {
    /// How long after it was made a run may begin where queued runs are listed, and so were seen waiting for their turn.
    private static let longestStart = Period.hours(1)

    /// Why a request may stop runs that nobody has seen: below the lowest id that is accounted for the server hides what
    /// it asks for. Nil where that cannot be. Runs wait for weeks as a matter of course; one that has been in a queue for
    /// longer than the look-back is part of what such a policy is for.
    fileprivate func hiddenBelow(_ request: BulkStopRequest) -> String? {
        guard hidesWaiting, request.statuses.contains(.waiting), accountedFrom?.number.map({ $0 > 1 }) ?? true else {
            return nil
        }
        if let after = request.startedAfter, let made = madeBelow, after > made + Snapshot.longestStart { return nil }
        let below = accountedFrom.map { " below \($0)" } ?? ""
        return "this server lists no waiting runs: there may be some\(below), and they would be stopped unseen"
    }

    /// When the runs below `accountedFrom` were made at the latest: ids are given in order.
    private var madeBelow: Timestamp? {
        guard let accountedFrom else { return nil }
        return executions.values.lazy.filter { $0.id >= accountedFrom }.compactMap { $0.createdAt ?? $0.startedAt }
            .min()
    }
}

extension Guards {
    /// Whether it counts workflows, or other groups, apart.
    fileprivate var countsApart: Bool {
        cooldown != nil || rateLimits.contains { $0.groupBy != .policy }
            || circuitBreaker.map { $0.groupBy != .policy } ?? false
    }
}
