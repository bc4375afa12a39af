import MendflowCore
import MendflowHistory

/// Which policy would have retried a failed run that people retried before an agent looked at it: of such a run no plan tells
/// anything.
struct MatchInTime {
    private let history: History
    private let policies: PolicySet
    private let asksForSuccesses: Bool
    private var judge: PastJudge

    init(_ history: History, _ policies: PolicySet) {
        self.history = history
        self.policies = policies
        asksForSuccesses = policies.conditions.contains { $0.fields.contains(.succeededSince) }
        judge = PastJudge(
            history, policies, PastChains(history.columns),
            until: history.span?.upperBound ?? ServerTime(milliseconds: 0))
    }

    /// The first policy that retries and matches the run at some moment before a time; nil with `unknown` where nobody can tell
    /// whether one does.
    mutating func policy(for run: ExecutionID, before time: ServerTime) -> (policy: Policy?, isUnknown: Bool) {
        guard let place = history.place(of: run) else { return (nil, false) }
        judge.until = time - .milliseconds(1)
        var (matching, doubted): (Set<Int>, Set<Int>) = ([], [])
        for found in judge.judge(place, newerSuccess: newerSuccess(of: run)) {
            switch found.verdict {
            case .yes: matching.insert(found.policy)
            case .no: break
            case .unknown, .needs: doubted.insert(found.policy)
            }
        }
        let retrying = policies.policies.indices.filter { position in
            let policy = policies.policies[position]
            // What a group had by then is not asked here.
            return policy.mode != .off && policy.remediation?.kind == .retry && policy.when == nil
        }
        if let first = retrying.first(where: matching.contains) { return (policies.policies[first], false) }
        return (nil, retrying.contains(where: doubted.contains))
    }

    /// When a newer run of the same workflow succeeded first, in milliseconds.
    private func newerSuccess(of run: ExecutionID) -> Int64 {
        guard asksForSuccesses, let workflow = history[id: run]?.workflow else { return .max }
        return history.rows.lazy.filter {
            $0.workflow == workflow && $0.id > run && $0.status == .success && $0.retryOf == nil
        }.compactMap { $0.stoppedAt?.milliseconds }.min() ?? .max
    }
}
