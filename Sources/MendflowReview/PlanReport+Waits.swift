public import MendflowCore

extension PlanReport {
    /// Says of what waits, and for no time that anybody can tell, what has to end before.
    public mutating func tellWaits(_ policies: [Policy], _ limits: InstanceLimits) {
        let guards = Dictionary(policies.map { ($0.name, $0.guards) }) { first, _ in first }
        for index in entries.indices where entries[index].until == nil {
            let entry = entries[index]
            guard let reason = entry.waitsFor else { continue }
            let own = guards[entry.action.draft.policy]
            entries[index].untilWords =
                switch reason {
                case .maxActions: own.flatMap { later($0.maxActions, "the policy's `max_actions`") }
                case .instanceLimit: later(limits.maxActions, "`max_actions` in `limits` of the instance")
                case .maxInFlight: inFlight(entry, own?.maxInFlight, limits.maxInFlight)
                case .incident:
                    entry.action.draft.incident.map {
                        entry.isDryRun
                            ? "until \($0) is over, for in dry-run nothing is tried: `mendflow incidents show \($0)`"
                            : "until one of the runs that \($0) let go has ended: `mendflow incidents show \($0)`"
                    }
                case .circuitOpen: "until the one action that is tried after the failures has ended"
                default: nil
                }
        }
        tellPace()
    }

    /// What an incident lets go at a pace is all held until the same time: only the first of it goes then.
    private mutating func tellPace() {
        var begun: Set<String> = []
        for index in entries.indices where entries[index].waitsFor == .incident && entries[index].until != nil {
            guard let key = entries[index].action.draft.incident,
                !begun.insert("\(key) \(entries[index].isDryRun)").inserted
            else { continue }
            entries[index].untilWords = "after those before it, at the pace of \(key)"
        }
    }

    private func later(_ caps: [ActionCap], _ name: String) -> String? {
        caps.first { $0.per == .tick }.map { "at a later tick: \(name) lets \($0.amount) a tick" }
    }

    /// Which retries hold the places that it waits for: those that run, and those that this very plan begins.
    private func inFlight(_ entry: Entry, _ ofPolicy: Int?, _ ofInstance: Int) -> String {
        let policy = entry.action.draft.policy
        let holders = holders(of: nil, entry.isDryRun)
        let own = self.holders(of: policy, entry.isDryRun)
        let isOwn = ofPolicy.map { own.count >= $0 } ?? false
        let (names, most) = isOwn ? (own, ofPolicy ?? 0) : (holders, ofInstance)
        let whose = isOwn ? "the policy's" : "the instance's"
        let shown = names.prefix(PlanReport.shownHolders).joined(separator: ", ")
        let rest = names.count > PlanReport.shownHolders ? " and \(names.count - PlanReport.shownHolders) more" : ""
        return "when one of these retries has ended (\(whose) `max_in_flight` is \(most)): \(shown)\(rest)"
    }

    private static let shownHolders = 5

    private func holders(of policy: String?, _ isDryRun: Bool) -> [String] {
        let running = header.placeHolders.filter { policy == nil || $0.policy == policy }.map { holder in
            "\(holder.execution) (\(holder.sentAt.map { "retried \($0)" } ?? "about to be retried"))"
        }
        let due = entries.filter { entry in
            let draft = entry.action.draft
            return entry.isDue && entry.isDryRun == isDryRun && draft.action == .retry
                && (policy == nil || draft.policy == policy)
        }
        return running + due.map { "\($0.action.draft.execution) (due now)" }
    }
}
