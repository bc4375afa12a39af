import MendflowCore
import MendflowHistory

// Where people and policies differ.
extension ReportMaker {
    var disagreements: [BacktestReport.Disagreement] {
        var groups: [Way: [ChainFate]] = [:]
        var inTime: MatchInTime?
        for fate in result.fates.values {
            if let way = way(fate, &inTime) { groups[way, default: []].append(fate) }
        }
        return groups.map { way, fates in
            BacktestReport.Disagreement(
                kind: way.kind, workflow: way.workflow, errorClass: way.errorClass, policy: way.policy,
                reason: way.reason, words: words(way, fates),
                chains: fates.map(\.root).sorted(), healed: fates.count(where: \.isHealedByPeople))
        }.sorted { one, other in
            let ranks = (
                BacktestReport.Disagreement.Kind.allCases.firstIndex(of: one.kind) ?? 0,
                BacktestReport.Disagreement.Kind.allCases.firstIndex(of: other.kind) ?? 0
            )
            if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
            if one.chains.count != other.chains.count { return one.chains.count > other.chains.count }
            let keys = [one, other].map {
                "\($0.workflow) \($0.reason) \($0.policy ?? "") \($0.errorClass?.rawValue ?? "")"
            }
            return keys[0] < keys[1]
        }
    }

    /// In which way policies and people differ about some chains.
    private struct Way: Hashable {
        var kind: BacktestReport.Disagreement.Kind
        var workflow: WorkflowID
        var errorClass: ErrorClass?
        var policy: String?
        var reason = ""
    }

    /// Why a run failed, as far as the history tells.
    private func errorClass(_ fate: ChainFate) -> ErrorClass? {
        guard let detail = history.details[fate.root],
            case .known(let found) = policies.tables.classifier.classify(status: fate.status, detail: detail)
        else { return nil }
        return found.errorClass
    }

    private func way(_ fate: ChainFate, _ inTime: inout MatchInTime?) -> Way? {
        let chain = seen.chains[fate.root]
        let retry = seen.actions.first { $0.kind == .retry && $0.root == fate.root }
        if let retry, fate.peoplesRetries == 0 {
            // An agent retried it then, or nobody knows who: that says nothing of people.
            guard fate.agentsRetries == 0, fate.end != .healedUnkept else { return nil }
            let kind: BacktestReport.Disagreement.Kind = fate.end == .canceled ? .againstCancel : .oursOnly
            return Way(
                kind: kind, workflow: fate.workflow, errorClass: errorClass(fate), policy: retry.policies.first)
        }
        guard retry == nil, let first = fate.firstRetry else { return nil }
        let found = standing(fate.root, chain, at: first, &inTime)
        return Way(
            kind: .peopleOnly, workflow: fate.workflow, errorClass: errorClass(fate), policy: found.policy,
            reason: found.reason)
    }

    /// What held a chain until people retried it, and whose it was by then. Of what no agent had looked at by then no plan tells
    /// anything: whether a policy would have retried it is asked by itself.
    private func standing(
        _ root: ExecutionID, _ chain: BacktestDiary.ChainRecord?, at time: ServerTime, _ inTime: inout MatchInTime?
    ) -> (reason: String, policy: String?) {
        let owner = chain?.ownedSince.map { $0 <= time } ?? false ? chain?.policy : nil
        let reason = chain?.deciding(until: time) ?? .noPolicy
        guard owner == nil, reason == .noPolicy else { return (reason.rawValue, owner) }
        var matching = inTime ?? MatchInTime(history, policies)
        let found = matching.policy(for: root, before: time)
        inTime = matching
        if let policy = found.policy { return (BacktestReport.Disagreement.faster, policy.name) }
        return (found.isUnknown ? Reason.matchUnknown.rawValue : reason.rawValue, nil)
    }

    private func words(_ way: Way, _ fates: [ChainFate]) -> String {
        if way.reason == BacktestReport.Disagreement.faster, let name = way.policy {
            return "\(name) matches it, and people retried before an agent had looked"
        }
        if way.reason == Reason.noPolicy.rawValue, let name = way.policy {
            let doubts = fates.lazy.compactMap { seen.chains[$0.root]?.holds[.matchUnknown] }
            if let doubt = doubts.first(where: { $0.policy == name }) {
                return "nobody can tell whether \(name) matches it" + (doubt.why.isEmpty ? "" : ": \(doubt.why)")
            }
            let retries = policies.policies.first { $0.name == name }?.remediation?.kind == .retry
            return retries ? "\(name) matches it no more" : "\(name) does not retry"
        }
        guard let reason = Reason(rawValue: way.reason), let first = fates.min(by: { $0.root < $1.root }) else {
            return ""
        }
        return seen.chains[first.root]?.holds[reason]?.why ?? ""
    }
}
