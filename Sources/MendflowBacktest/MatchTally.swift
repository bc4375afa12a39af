import MendflowCore

/// How many executions of each workflow each policy matches. An execution counts once, however many moments of it match.
struct MatchTally {
    private let workflows: Int
    private var matched: [UInt32]
    private(set) var unknown: [Int]
    /// The execution for which each policy was noted last to match, or to be unknown.
    private var lastMatch: [Int], lastDoubt: [Int]
    private var execution = 0
    private var workflow = 0

    init(policies: Int, workflows: Int) {
        self.workflows = workflows
        matched = Array(repeating: 0, count: policies * workflows)
        unknown = Array(repeating: 0, count: policies)
        lastMatch = Array(repeating: 0, count: policies)
        lastDoubt = lastMatch
    }

    /// What is noted from here on is of another execution, of a workflow.
    mutating func begin(_ workflow: Int) {
        execution += 1
        self.workflow = workflow
    }

    mutating func noteMatch(_ policy: Int) {
        guard lastMatch[policy] != execution else { return }
        lastMatch[policy] = execution
        matched[policy * workflows + workflow] += 1
        if lastDoubt[policy] == execution { unknown[policy] -= 1 }
    }

    mutating func noteDoubt(_ policy: Int) {
        guard lastMatch[policy] != execution, lastDoubt[policy] != execution else { return }
        lastDoubt[policy] = execution
        unknown[policy] += 1
    }

    mutating func note(_ verdict: Ternary, _ policy: Int) {
        switch verdict {
        case .yes: noteMatch(policy)
        case .no: break
        case .unknown, .needs: noteDoubt(policy)
        }
    }

    /// How many executions of a workflow a policy matches.
    func matched(_ policy: Int, _ workflow: Int) -> Int { Int(matched[policy * workflows + workflow]) }
}
