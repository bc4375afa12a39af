/// The policies that take part in a pass, by what planning asks for; in one place, for every plan asks.
final class JudgedPolicies: Sendable {
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
    /// Whether any of them has exceptions that bind the others.
    let hasExceptions: Bool
    /// Whether any of them is a replay's.
    let replays: Bool
    private let byStatus: StatusTable<[Int]>

    /// `byStatus` are the positions of all `policies` by the status of the rows that they can match.
    init(_ policies: [Policy], byStatus all: StatusTable<[Int]>, _ pass: Planner.Pass) {
        let judged = policies.indices.filter { pass.judges(policies[$0]) }
        byName = Dictionary(judged.map { (policies[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
        byStatus = StatusTable { all[$0].filter { pass.judges(policies[$0]) } }
        tagging = judged.filter { position in
            let policy = policies[position]
            if pass == .dryRun, policy.mode == .enforce { return false }
            return !policy.tags.isEmpty || !policy.onExhausted.tags.isEmpty
        }
        hasGroups = judged.contains { policies[$0].when != nil }
        groupsEnded = judged.contains { position in
            let policy = policies[position]
            return policy.when != nil && policy.match?.statuses?.allSatisfy(\.isLive) != true
        }
        deletes = judged.contains { policies[$0].remediation == .delete }
        hasExceptions = judged.contains { !policies[$0].sharedExceptions.isEmpty }
        replays = judged.contains { policies[$0].replay != nil }
        tagsExhausted = tagging.contains { !policies[$0].onExhausted.tags.isEmpty }
    }

    /// Positions of those that can match rows of a status, in order.
    func positions(of status: ExecutionStatus) -> [Int] { byStatus[status] }
}
