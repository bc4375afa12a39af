package import MendflowCore
import MendflowPolicy
package import MendflowYAML

extension Workspace {
    /// Reads the policy of a replay, whose text is the program's own.
    ///
    /// - Parameters:
    ///   - text: a policy file with that one policy.
    ///   - name: what findings call the text.
    /// - Returns: no policy where there are errors.
    package func replayPolicy(_ text: String, named name: String) -> (policy: Policy?, findings: [Finding]) {
        let file = PolicyFile(name: name, bytes: Array(text.utf8))
        let (policies, findings) = Workspace.load([file], configuration, path, environment, areOfReplays: true)
        return (findings.contains { $0.severity == .error } ? nil : policies.first, findings)
    }

    /// This workspace with a replay's policy alone, and what the enforced policies except: the rest of them has no say in
    /// what a person orders.
    package func only(replay policy: Policy, lookingBack reach: Period) -> Workspace {
        var workspace = self
        workspace.policies =
            policies.filter { $0.mode == .enforce && !$0.exceptions.isEmpty }.map(\.exceptionsOnly) + [policy]
        workspace.configuration.lookBack = max(configuration.lookBack, reach)
        return workspace
    }
}
