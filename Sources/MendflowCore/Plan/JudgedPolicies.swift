/// The policies that take part in a pass, by what planning asks for.
struct JudgedPolicies {
    /// Positions by name; of two with one name the first.
    let byName: [String: Int]
    /// Positions of those that may want tags and whose decisions are written down in this pass.
    let tagging: [Int]
    /// Whether any of them counts groups, and whether one counts runs that have ended.
    let hasGroups: Bool, groupsEnded: Bool
    /// Whether any of them deletes.
    let deletes: Bool
    /// Whether any of them tags what is exhausted.
    let tagsExhausted: Bool
    /// Whether any of them is a replay's.
    let replays: Bool
    private let byStatus: StatusTable<[Int]>

    init(_ planner: Planner) {
        let set = planner.set
        let judged = set.policies.indices.filter { planner.judges(set.policies[$0]) }
        byName = Dictionary(judged.map { (set.policies[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
        byStatus = StatusTable { set.byStatus[$0].filter { planner.judges(set.policies[$0]) } }
        tagging = judged.filter { position in
            let policy = set.policies[position]
            if planner.pass == .dryRun, policy.mode == .enforce { return false }
            return !policy.tags.isEmpty || !policy.onExhausted.tags.isEmpty
        }
        hasGroups = judged.contains { set.policies[$0].when != nil }
        groupsEnded = judged.contains { position in
            let policy = set.policies[position]
            return policy.when != nil && policy.match?.statuses?.allSatisfy(\.isLive) != true
        }
        deletes = judged.contains { set.policies[$0].remediation == .delete }
        replays = judged.contains { set.policies[$0].replay != nil }
        tagsExhausted = tagging.contains { !set.policies[$0].onExhausted.tags.isEmpty }
    }

    /// Positions of those that can match rows of a status, in order.
    func positions(of status: ExecutionStatus) -> [Int] { byStatus[status] }
}
