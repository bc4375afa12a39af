/// What planning counts over all rows of an instance, kept with a snapshot that holds only some of them.
///
/// With it the evidence of one decision is enough to decide again: a snapshot that carries counted facts is planned for
/// the executions that it names, and whatever would be counted over all rows is taken from here.
public struct CountedFacts: Sendable, Hashable {
    /// How many chains a policy's `percent` is a share of.
    public struct Population: Sendable, Hashable {
        /// The policy.
        public var policy: String
        /// What the cap counts over.
        public var per: ActionCap.Per
        /// The number of chains.
        public var chains: Int
        /// Makes one.
        public init(policy: String, per: ActionCap.Per, chains: Int) {
            self.policy = policy
            self.per = per
            self.chains = chains
        }
    }
    /// The executions that are judged; all other rows are there because these are judged by them.
    public var judged: Set<ExecutionID>
    /// The groups of policies with `when` that count for them; one that is not here has no members.
    public var groups: [GroupCount]
    /// What the shares of their policies are shares of.
    public var populations: [Population]
    /// Oldest id whose run ended within the look-back, else the newest known id.
    public var oldestSeen: ExecutionID?
    /// Whether a success was seen of some workflow that leaves saving successes to the instance's default.
    public var seesDefaultSuccesses: Bool
    /// When the oldest run was made of those from `Coverage.idsKnownFrom` on; nil where none is known.
    public var oldestKnownCreation: ServerTime?

    /// Makes counted facts.
    public init(
        judged: Set<ExecutionID>, groups: [GroupCount] = [], populations: [Population] = [],
        oldestSeen: ExecutionID? = nil, seesDefaultSuccesses: Bool = false, oldestKnownCreation: ServerTime? = nil
    ) {
        self.judged = judged
        self.groups = groups
        self.populations = populations
        self.oldestSeen = oldestSeen
        self.seesDefaultSuccesses = seesDefaultSuccesses
        self.oldestKnownCreation = oldestKnownCreation
    }
}

extension Snapshot {
    /// Oldest id whose run ended within the look-back, else the newest known id; from it on `executions` holds every run
    /// that n8n kept.
    var oldestSeen: ExecutionID? {
        if let counted { return counted.oldestSeen }
        return executions.oldest(endedAfter: now - coverage.lookBack) ?? highest
    }

    /// Whether a success was seen of some workflow that leaves saving successes to the instance's default: then the default
    /// is to save them.
    var seesDefaultSuccesses: Bool {
        if let counted { return counted.seesDefaultSuccesses }
        let known = workflows ?? [:]
        return newestSuccess.keys.contains { known[$0].map { $0.savesSuccesses == nil } ?? false }
    }

    /// When the oldest run was made of those whose ids are all known. Ids are given in order, so all below were made before.
    var oldestKnownCreation: ServerTime? {
        if let counted { return counted.oldestKnownCreation }
        guard let from = coverage.idsKnownFrom else { return nil }
        return executions.values.lazy.filter { $0.id >= from }.compactMap { $0.createdAt ?? $0.startedAt }.min()
    }

    /// How many chains a policy's `percent` is a share of: those of the workflows that the policy looks at, in a window
    /// only those that began within it.
    func population(of policy: SharedPolicy, _ per: ActionCap.Per) -> Int {
        if let counted {
            return counted.populations.first { $0.policy == policy.policy.name && $0.per == per }?.chains ?? 0
        }
        var seen: [WorkflowID: Bool] = [:]
        var count = 0
        for row in executions.values where row.retryOf == nil {
            if case .window(let period) = per {
                guard let began = row.startedAt ?? row.createdAt ?? row.stoppedAt, began > now - period else {
                    continue
                }
            }
            let isSeen = seen[row.workflow] ?? MatchIndex.sees(row.workflow, policy.policy, workflows)
            seen[row.workflow] = isSeen
            if isSeen { count += 1 }
        }
        return count
    }
}
