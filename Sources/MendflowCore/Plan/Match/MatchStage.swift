/// The policies that match one execution.
struct Matches {
    /// Positions in the policy set of those that match, in order.
    var positions: [Int] = []
    /// Positions of those that have a remediation and cannot be judged before a fact is fetched: they may yet come to own
    /// the execution, so those behind them wait.
    var undecided: [Int] = []
    /// Positions of those that have a remediation and of which nobody can tell whether they match.
    var unknown: [Int] = []
    /// Positions of those with exceptions that match, or may, whatever is implied: what they except is left alone by all.
    var excepting: [Int] = []
    /// The facts that are missing.
    var needs: [Need] = []
    /// How many policies had conditions left that status, workflow and mode alone did not decide.
    var pairsEvaluated = 0

    /// Leaves the say to some policies; what the others except is left alone all the same.
    mutating func keep(_ isKept: (Int) -> Bool) {
        positions.removeAll { !isKept($0) }
        undecided.removeAll { !isKept($0) }
        unknown.removeAll { !isKept($0) }
        if positions.isEmpty, undecided.isEmpty { needs = [] }
    }
}

/// First stage: finds the policies that match.
struct MatchStage {
    private let context: PlanningContext
    private var index: MatchIndex
    private var counts = GroupCounts()
    /// The facts that counting groups lacks.
    private(set) var needs: Set<Need> = []
    /// The groups of all policies with `when`.
    private(set) var groups: [GroupCount] = []

    /// Counts the groups, because a policy with `when` matches one execution only where its whole group is as it wants.
    init(_ context: PlanningContext) {
        self.context = context
        index = context.set.indexes.lend(context.pass, workflows: context.snapshot.workflows)
        if let counted = context.snapshot.counted {
            groups = counted.groups
            counts = GroupCounts(groups, context)
        } else if context.judged.hasGroups {
            countGroups()
        }
    }

    /// The policies that match an execution.
    mutating func matches(_ item: PlanningContext.Item) -> Matches {
        var matches = Matches()
        guard item.part != .beforeBaseline || context.judged.replays else { return matches }
        let subject = item.subject
        index.begin()
        let positions = context.judged.positions(of: subject.row.status)
        for candidate in candidates(subject, positions) {
            matches.pairsEvaluated += 1
            var verdict = index.verdict(candidate, subject)
            if verdict == .needs { matches.needs += index.missing }
            if verdict == .yes, context.judged.hasGroups { verdict = groupVerdict(subject, candidate.position) }
            switch verdict {
            case .yes: matches.positions.append(candidate.position)
            case .no: break
            case .unknown: if context.set.owns[candidate.position] { matches.unknown.append(candidate.position) }
            case .needs: if context.set.owns[candidate.position] { matches.undecided.append(candidate.position) }
            }
        }
        if let missing = context.missing[subject.row.id] {
            matches.positions = (matches.positions + missing).sorted()
        }
        if context.judged.hasExceptions { except(subject, positions, &matches) }
        if item.part == .beforeBaseline { matches.keep { context.set.shared[$0].policy.replay != nil } }
        return matches
    }

    private mutating func candidates(_ subject: Subject, _ positions: [Int]) -> [MatchIndex.Candidate] {
        index.candidates(kind(subject), of: positions, in: context.set.shared)
    }

    private func kind(_ subject: Subject) -> MatchIndex.Kind {
        MatchIndex.Kind(status: subject.row.status, workflow: subject.row.workflow, mode: subject.chain.originMode)
    }

    /// Adds the policies whose exceptions are about the execution, or may be. What is implied in their `match` is left out:
    /// who switches a workflow off has not said that anybody may act on what is excepted.
    private mutating func except(_ subject: Subject, _ positions: [Int], _ matches: inout Matches) {
        for candidate in index.excepting(kind(subject), of: positions, in: context.set.shared) {
            var verdict = index.verdict(candidate, subject)
            if verdict == .needs, !matches.positions.isEmpty { matches.needs += index.missing }
            if verdict == .yes, context.judged.hasGroups { verdict = groupVerdict(subject, candidate.position) }
            if verdict != .no { matches.excepting.append(candidate.position) }
        }
    }

    /// Leaves what was worked out of the policies to the next plan.
    consuming func keepIndex() { context.set.indexes.keep(index, context.pass) }

    /// Whether the group of an execution lets a policy match; one that acted on the execution before goes on with it,
    /// whatever became of the group.
    private func groupVerdict(_ subject: Subject, _ position: Int) -> Ternary {
        let shared = context.set.shared[position]
        guard let when = shared.policy.when else { return .yes }
        if let owner = context.fixedOwner(subject), context.set.present(owner) == shared.policy.name { return .yes }
        return counts.verdict(
            subject.row, position, when, isComplete: context.snapshot.hasReadAll(shared.policy))
    }

    /// Counts by the first run of each chain: what was started to run it again counts for nothing, whoever started it.
    private mutating func countGroups() {
        let executions = context.snapshot.executions
        if context.judged.groupsEnded {
            for row in executions.notable.values { count(row) }
        } else {
            for row in executions.live { count(row) }
        }
        groups = counts.settle(context.set, context.snapshot)
    }

    private mutating func count(_ row: Execution) {
        guard row.retryOf == nil, row.status != .success else { return }
        let positions = context.judged.positions(of: row.status)
        guard positions.contains(where: { context.set.shared[$0].policy.when != nil }), context.isEligible(row)
        else { return }
        count(Subject(facts: context.facts, chain: context.chains.chain(of: row.id), row: row), positions)
    }

    /// Whether the last moment at which something counts has passed.
    private func isOver(_ last: ServerTime) -> Bool { context.validity.hasPassed(last) }

    private mutating func count(_ subject: Subject, _ positions: [Int]) {
        let row = subject.row
        let since = row.status.isFailed ? row.endedAt : subject.statusSince
        index.begin()
        for candidate in candidates(subject, positions) {
            let shared = context.set.shared[candidate.position]
            guard let when = shared.policy.when, !(since.map { isOver($0 + when.within) } ?? false) else { continue }
            // A failure of an error workflow follows another failure, ours perhaps.
            guard row.mode != .error || shared.policy.namesErrorMode else { continue }
            let verdict = index.verdict(candidate, subject)
            if verdict == .needs { needs.formUnion(index.missing) }
            counts.add(row, candidate.position, when, since == nil ? verdict.and(.unknown) : verdict)
        }
    }
}
