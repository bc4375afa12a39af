import MendflowCore
import MendflowHistory

/// Judges executions of a past one by one, at every moment at which something may turn out otherwise.
struct PastJudge {
    private let history: History
    private let policies: PolicySet
    private let chains: PastChains
    /// Up to when executions are looked at.
    var until: ServerTime
    let successes: PastSuccesses
    var matching: PastMatching
    private var seenSuccess: [WorkflowID: ExecutionID] = [:]
    /// Executions whose evidence was wanted and is not there.
    private(set) var withoutData = 0

    init(_ history: History, _ policies: PolicySet, _ chains: PastChains, until: ServerTime) {
        self.history = history
        self.policies = policies
        self.chains = chains
        self.until = until
        successes = PastSuccesses(history, policies)
        matching = PastMatching(policies, workflows: history.workflows, runTimes: successes.runTimes)
        for workflow in successes.seen { seenSuccess[workflow] = Self.older }
    }

    // Lower and higher than every id.
    private static let older: ExecutionID = "0", newer = ExecutionID(String(repeating: "9", count: 40))

    // Evidence.

    /// The number of what a failed execution left. Numbers below 0 stand for data that is not there.
    mutating func evidence(_ place: Int, _ status: ExecutionStatus) -> Int {
        if let number = history.details.piece(of: history.columns.numbers[place]),
            history.details.pieces[number].status == status
        {
            return number
        }
        withoutData += 1
        return status == .error ? -1 : status == .crashed ? -2 : -3
    }

    /// A policy's verdict on what was left.
    mutating func verdict(_ policy: OpenPolicy, onEvidence number: Int, _ status: ExecutionStatus) -> Ternary {
        matching.verdict(
            policy, onEvidence: number, number < 0 ? Self.missing(status) : history.details.pieces[number])
    }

    private static func missing(_ status: ExecutionStatus) -> ExecutionDetail {
        ExecutionDetail(readability: .unreadable("the history does not hold its data"), status: status)
    }

    // Executions.

    /// Judges an execution in every state of its chain; with `only`, by one policy. `newerSuccess` is when a newer run of its
    /// workflow succeeded first, in milliseconds.
    mutating func judge(
        _ place: Int, newerSuccess: Int64, only: Int? = nil
    ) -> [(verdict: Ternary, policy: Int)] {
        let columns = history.columns
        let (row, members) = (columns.row(place), chains.members(of: place).map(columns.row))
        var verdicts: [(verdict: Ternary, policy: Int)] = []
        for moments in states(of: row, members) {
            let shown = members.compactMap { $0.shown(at: moments.lowerBound, in: history) }
            guard let own = shown.first(where: { $0.id == row.id }), policies.watches(own.status) else { continue }
            let state = ChainState(row: own, members: shown, newerSuccess: newerSuccess)
            let subject = subject(state, at: moments.lowerBound)
            let speaks = own.status.isLive || subject.chain.nodes.count == 1 || subject.chain.speaker?.id == own.id
            for policy in matching.policies(of: subject) where only.map({ $0 == policy.position }) ?? true {
                // Only what deletes looks at the other runs of a chain.
                guard speaks || policies.policies[policy.position].remediation == .delete else { continue }
                verdicts.append((verdict(policy, state, subject, moments), policy.position))
            }
        }
        return verdicts
    }

    /// An execution while nothing changes in its chain.
    private struct ChainState {
        var row: Execution
        var members: [Execution]
        var newerSuccess: Int64
    }

    /// The times between which nothing changes in a chain, from an execution's beginning to the history's end.
    private func states(of row: Execution, _ members: [Execution]) -> [ClosedRange<ServerTime>] {
        guard let beginning = row.beginning else { return [] }
        var changes: Set<ServerTime> = [beginning]
        for member in members {
            let end = member.status.isLive ? member.stoppedAt : member.endedAt ?? member.beginning
            let healed = member.retrySuccess.flatMap { history[id: $0] }?.endedAt
            for time in [member.beginning, end, healed] {
                if let time, time > beginning, time <= until { changes.insert(time) }
            }
        }
        let times = changes.sorted()
        return times.indices.map { place in
            place + 1 < times.count
                ? times[place]...(times[place + 1] - .milliseconds(1)) : times[place]...max(times[place], until)
        }
    }

    private func subject(_ state: ChainState, at now: ServerTime) -> Subject {
        let row = state.row
        var snapshot = Snapshot(instance: InstanceKey(name: policies.instance, epoch: 1), now: now)
        snapshot.executions = ExecutionTable(state.members)
        snapshot.workflows = history.workflows
        snapshot.runTimes = successes.runTimes
        snapshot.newestSuccess = seenSuccess
        if state.newerSuccess <= now.milliseconds { snapshot.newestSuccess[row.workflow] = Self.newer }
        for member in state.members { snapshot.tags[member.id] = [] }
        let detail = history.details[row.id].flatMap { $0.status == row.status ? $0 : nil }
        snapshot.details[row.id] = detail ?? Self.missing(row.status)
        let view = LedgerView()
        let chain = Chains(snapshot, view).chain(of: row.id)
        return Subject(snapshot: snapshot, view: view, tables: policies.tables, chain: chain, row: row)
    }

    /// A policy's verdict over all moments of a state: yes where it holds at any of them.
    private mutating func verdict(
        _ policy: OpenPolicy, _ state: ChainState, _ subject: Subject, _ moments: ClosedRange<ServerTime>
    ) -> Ternary {
        let knows = successes.areSeen(of: state.row.workflow)
        if let isOpen = PastClocks(subject).hold(policy, over: moments, newerSuccess: state.newerSuccess, knows) {
            return isOpen ? (policy.isUnknown ? .unknown : .yes) : .no
        }
        var verdict = Ternary.no
        for moment in self.moments(policy, state, moments) {
            verdict = verdict.or(matching.verdict(policy, self.subject(state, at: moment)))
            if verdict == .yes { break }
        }
        return verdict
    }

    /// The moments of a state at which a policy's conditions may turn out otherwise.
    private func moments(
        _ policy: OpenPolicy, _ state: ChainState, _ all: ClosedRange<ServerTime>
    ) -> [ServerTime] {
        let row = state.row
        let limits = matching.limits(of: policy, row.workflow)
        var moments: Set<ServerTime> = [all.lowerBound, ServerTime(milliseconds: state.newerSuccess)]
        for time in [row.createdAt, row.startedAt, row.stoppedAt, row.waitTill].compactMap({ $0 }) {
            moments.insert(time)
            for limit in limits { moments.formUnion([time + limit, time + limit + .milliseconds(1)]) }
        }
        return moments.filter(all.contains).sorted()
    }
}

/// Since when the lengths of time count that conditions ask for, as far as that is known and plain.
struct PastClocks {
    private var since: [Field: ServerTime] = [:]
    private var ranFor: Period?
    private var endedAt: ServerTime?

    init(_ subject: Subject) {
        let row = subject.row
        since[.age] = subject.statusSince
        since[.startedAgo] = row.startedAt
        since[.overdue] = row.status == .waiting ? row.waitTill : nil
        if row.status.isFailed || row.status == .success {
            endedAt = row.endedAt
            if let start = row.startedAt, let end = row.stoppedAt, start <= end { ranFor = end - start }
        } else if row.status == .running, row.stoppedAt == nil {
            since[.ranFor] = row.startedAt
        }
    }

    /// Whether there is a moment at which a policy's bounds hold; nil where its conditions have to be asked instead.
    func hold(
        _ policy: OpenPolicy, over moments: ClosedRange<ServerTime>, newerSuccess: Int64, _ knowsSuccesses: Bool
    ) -> Bool? {
        guard policy.isBounded else { return nil }
        let times = policy.times
        var (low, high) = (moments.lowerBound.milliseconds, moments.upperBound.milliseconds)
        for field in times.asks {
            switch field {
            case .age, .startedAgo, .overdue:
                // What lies ahead is unknown until it has come.
                guard let since = since[field], field == .overdue || since <= moments.lowerBound else { return nil }
                (low, high) = times.limits(of: field).narrowed(low, high, since: since.milliseconds)
            case .ranFor, .ranForOfP95:
                if let ranFor {
                    if !times.ranFor.contains(ranFor.milliseconds) { return false }
                } else if let since = since[.ranFor], since <= moments.lowerBound {
                    (low, high) = times.ranFor.narrowed(low, high, since: since.milliseconds)
                } else {
                    return nil
                }
            case .endedAt:
                guard let endedAt else { return nil }
                if !times.ended.contains(endedAt.milliseconds) { return false }
            case .succeededSince:
                guard knowsSuccesses else { return nil }
                if times.succeededSince == true { low = max(low, newerSuccess) }
                if times.succeededSince == false { high = min(high, newerSuccess - 1) }
            default: return nil
            }
        }
        return low <= high
    }
}

extension TimeBounds {
    fileprivate func limits(of field: Field) -> TimeLimits {
        switch field {
        case .startedAgo: startedAgo
        case .overdue: overdue
        default: age
        }
    }
}

extension TimeLimits {
    /// The part of some moments at which so much time, as the limits ask for, has gone by since another.
    fileprivate func narrowed(_ from: Int64, _ to: Int64, since: Int64) -> (low: Int64, high: Int64) {
        (max(from, since.advanced(past: low)), min(to, since.advanced(past: high)))
    }
}

extension Int64 {
    /// The sum, or the farthest number where there is none.
    fileprivate func advanced(past other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }
}
