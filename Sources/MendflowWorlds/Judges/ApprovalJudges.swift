import MendflowCore
import MendflowLedger
import MendflowTestKit

// What waits for a person's yes.
extension Judge {
    /// Nothing of a policy that asks first is sent without a yes that was said before, and that had not expired.
    static let approved = Judge("approved") { evidence in
        guard evidence.world.plan.asksPeople else { return [] }
        return evidence.noted.sends.filter { $0.action == .retry && $0.workflow == .nightly }.compactMap { send in
            let said = evidence.noted.answers.filter { $0.execution == send.execution && $0.lived <= send.lived }
            let yes = said.filter(\.isYes)
            guard !yes.isEmpty else {
                return "\(send.execution) was retried, and nobody had said yes\(said.isEmpty ? "" : ", but no")"
            }
            // A clock that jumped tells other times than the world lived; and a frozen process is late by as long as it was frozen.
            guard !evidence.noted.hasJumps, !evidence.world.plan.freezes else { return nil }
            return yes.contains { send.lived <= $0.until + .minutes(1) }
                ? nil : "\(send.execution) was retried after the yes to it had expired"
        }
    }

    /// Nobody is asked about one thing twice at a time, and hours of peace leave no ask open that has expired.
    static let asked = Judge("asked") { evidence in
        let view = evidence.state.view(of: InstanceKey(name: "main", epoch: 1), shadow: false)
        guard view.alarm == nil, !evidence.noted.hasJumps else { return [] }
        let now = evidence.world.clock.now()
        return evidence.state.approvals().filter { $0.state == .open && $0.ask.expiresAt + .hours(1) < now }
            .map { "\($0.standing), and is open still" }
    }
}
