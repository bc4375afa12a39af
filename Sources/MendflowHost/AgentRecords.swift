import MendflowCore
import MendflowLedger
import MendflowLedgerSQLite
import MendflowOperations
import MendflowPolicy
import MendflowWorkspace

/// What goes on record about the agent itself: its start and stop, and which policies are in force.
enum AgentRecords {
    /// The agent starts: version, modes, and the policies with their hashes.
    static func started(_ workspace: Workspace, _ asked: Mode?, _ now: Timestamp) throws(MendflowFailure) {
        var fields = inForce(workspace)
        fields["what"] = "agent_started"
        fields["version"] = .text(Version.text)
        fields["mode"] = .text((asked ?? workspace.mode).rawValue)
        fields["instances"] = .object(
            Dictionary(
                workspace.configuration.instances.map {
                    ($0.name, AuditValue.text(workspace.mode($0, asked: asked).rawValue))
                }
            ) { first, _ in first })
        let ledger = try workspace.openLedger()
        // A damaged page that no tick happens to read would come to light when it is needed most.
        do throws(LedgerFailure) { try ledger.quickCheck() } catch { throw MendflowFailure(ledger: error) }
        try write(workspace, fields, now)
    }

    /// Other policies are in force from here on; `why` is `changed` or `asked`, `held` are those whose file is gone.
    static func reloaded(
        _ workspace: Workspace, why: String, held: [String], _ now: Timestamp
    ) throws(MendflowFailure) {
        var fields = inForce(workspace)
        fields["what"] = "policies_reloaded"
        fields["why"] = .text(why)
        fields["held"] = .texts(held)
        try write(workspace, fields, now)
    }

    /// The agent stops in good order.
    static func stopped(_ workspace: Workspace, why: String, _ now: Timestamp) throws(MendflowFailure) {
        let ledger = try workspace.openLedger()
        let record = AuditRecord(
            .lifecycle, instance: nil, at: now,
            fields: ["what": "agent_stopped", "why": .text(why), "version": .text(Version.text)])
        do throws(LedgerFailure) { try ledger.commit([], audit: [record], at: now) } catch {
            throw MendflowFailure(ledger: error)
        }
    }

    private static func inForce(_ workspace: Workspace) -> [String: AuditValue] {
        let policies = workspace.policies.map { policy in
            (
                policy.name,
                AuditValue.object(["version": .text(policy.version), "mode": .text(policy.mode.rawValue)])
            )
        }
        return ["policies": .object(Dictionary(policies) { first, _ in first })]
    }

    /// A policy's text is written with the first record that its version is named in, once.
    private static func write(
        _ workspace: Workspace, _ fields: [String: AuditValue], _ now: Timestamp
    ) throws(MendflowFailure) {
        let ledger = try workspace.openLedger()
        var changes: [LedgerChange] = []
        var records: [AuditRecord] = []
        do throws(LedgerFailure) {
            for policy in workspace.policies where try ledger.policyText(version: policy.version) == nil {
                changes.append(.policyText(version: policy.version, name: policy.name, text: policy.text))
                records.append(
                    AuditRecord(
                        .policy, instance: nil, at: now, policy: policy.name,
                        fields: [
                            "version": .text(policy.version), "text": .text(policy.text),
                            "place": .text(policy.place.description),
                        ]))
            }
            records.append(AuditRecord(.lifecycle, instance: nil, at: now, fields: fields))
            try ledger.commit(changes, audit: records, at: now)
        } catch { throw MendflowFailure(ledger: error) }
    }
}
