/// What is asked of the rules of a bulk stop.
struct BulkStopQuestion {
    let context: PlanningContext
    let policy: SharedPolicy
    /// What the policy's conditions say in n8n's words.
    let scope: BulkStopScope
    /// The request; nil where the workflow's name does not belong to exactly one workflow.
    let request: BulkStopRequest?
    /// The executions that the policy would stop one by one, oldest first.
    let wanted: [ExecutionID]
}

/// One thing that keeps runs from being stopped by one request; they are stopped one by one then.
struct BulkStopRule: Sendable {
    /// When the rule holds a request, in one sentence for docs/holds.md.
    let sentence: String
    /// Why it holds, in words; nil where it does not.
    let ask: @Sendable (BulkStopQuestion) -> String?

    init(_ sentence: String, _ ask: @escaping @Sendable (BulkStopQuestion) -> String?) {
        self.sentence = sentence
        self.ask = ask
    }
}

/// What holds one request for many: it has to stop exactly what the policy wants to stop now.
enum BulkStopHolds {
    static let all = [
        BulkStopRule("n8n's request cannot say what `match` says.") { $0.scope.objections.first?.message },
        BulkStopRule("The workflow's name does not belong to exactly one workflow.") {
            $0.request == nil ? "the workflow's name does not belong to exactly one workflow" : nil
        },
        BulkStopRule("Ids are not accounted for: each may be a run that no list shows.", hasGaps),
        BulkStopRule("The server lists no waiting runs, and some may lie below all that is accounted for.", hidesRuns),
        BulkStopRule("This n8n has no such request.") {
            $0.context.snapshot.notOffered.contains(.bulkStop) ? "this n8n has no such request" : nil
        },
        BulkStopRule("The API key may not do it.") { $0.context.view.suspended[.bulkStop] },
        BulkStopRule("n8n refused the same request a moment ago, or three times.", wasRefused),
        BulkStopRule("The policy counts workflows or node types apart, and the request names no workflow.") {
            guard $0.request?.workflow == nil, $0.policy.policy.guards.countsApart else { return nil }
            return "limits per workflow cannot be kept by one request for all workflows"
        },
        BulkStopRule("It would stop a run that the policy does not stop now.", stopsOther),
        BulkStopRule("It would not stop a run that the policy stops now.", leavesSome),
    ]

    private static func hasGaps(_ asked: BulkStopQuestion) -> String? {
        let gaps = asked.context.snapshot.coverage.unknownIDs
        return gaps > 0 ? "\(gaps) ids are not accounted for: each may be a hidden run" : nil
    }

    private static func hidesRuns(_ asked: BulkStopQuestion) -> String? {
        asked.request.flatMap { asked.context.snapshot.hiddenBelow($0) }
    }

    /// What n8n said to the same request a moment ago, or three times: meanwhile each run is stopped by itself.
    private static func wasRefused(_ asked: BulkStopQuestion) -> String? {
        let intents = asked.context.intents
        for execution in asked.wanted {
            if let until = intents.droppedUntil(.bulkStop, execution), !asked.context.validity.hasCome(until) {
                return "the last look before sending it objected a moment ago"
            }
            let refusals = intents.refusals(.bulkStop, execution)
            guard let last = refusals.last else { continue }
            let until = intents.refusedUntil(.bulkStop, execution, Backoff())
            if refusals.count >= 3 || until.map({ !asked.context.validity.hasCome($0) }) ?? false {
                return "n8n refused it: \(last.note ?? "no reason given")"
            }
        }
        return nil
    }

    private static func stopsOther(_ asked: BulkStopQuestion) -> String? {
        let other = asked.covered.subtracting(asked.wanted).min()
        return other.map { "it would stop \($0) too, which this policy does not stop now" }
    }

    private static func leavesSome(_ asked: BulkStopQuestion) -> String? {
        Set(asked.wanted).subtracting(asked.covered).min().map { "it would not stop \($0)" }
    }
}

extension BulkStopQuestion {
    /// What the request would stop, of all that was seen.
    fileprivate var covered: Set<ExecutionID> {
        guard let request else { return [] }
        return Set(context.snapshot.executions.notable.values.lazy.filter(request.covers).map(\.id))
    }
}

extension Snapshot {
    /// Longest assumed time from creation to start on servers that list queued runs.
    private static let longestStart = Period.hours(1)

    /// Why a request may stop runs that nobody has seen; nil where it cannot.
    ///
    /// It may on a server that does not list waiting runs, whose ids are known only down to some id: a waiting run below
    /// it, which the request would stop too, may be weeks old. Queued runs are not looked at here, though servers hide them
    /// as well: one that has been in a queue for longer than the look-back is what such a policy wants to stop.
    fileprivate func hiddenBelow(_ request: BulkStopRequest) -> String? {
        guard request.statuses.contains(.waiting), coverage.mayHideWaitingRuns else { return nil }
        if let after = request.startedAfter, let made = oldestKnownCreation, after > made + Snapshot.longestStart {
            return nil
        }
        let below = coverage.idsKnownFrom.map { " below \($0)" } ?? ""
        return "this server lists no waiting runs: there may be some\(below), and they would be stopped unseen"
    }
}

extension Guards {
    /// Whether it counts workflows, or other groups, apart.
    fileprivate var countsApart: Bool {
        cooldown != nil || rateLimits.contains { $0.groupBy != .policy }
            || circuitBreaker.map { $0.groupBy != .policy } ?? false
    }
}
