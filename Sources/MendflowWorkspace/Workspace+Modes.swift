package import MendflowCore
package import MendflowPolicy

// How far an agent may go.
extension Workspace {
    /// The lower of what was asked on the command line (else the file's mode) and the instance's mode.
    package func mode(_ instance: Configuration.Instance, asked: Mode?) -> Mode {
        min(asked ?? configuration.mode, instance.mode)
    }

    /// How far an agent may go on each instance, by their names.
    package var modes: [String: Mode] {
        Dictionary(configuration.instances.map { ($0.name, mode($0, asked: nil)) }) { first, _ in first }
    }

    /// The same with no policy that may act.
    package var inDryRun: Workspace {
        var workspace = self
        for index in workspace.policies.indices { workspace.policies[index].mode = min(.dryRun, policies[index].mode) }
        return workspace
    }

    /// The same as if everything that is in dry-run were enforced: agent, instances and policies; what is off stays off.
    package var asIfEnforced: Workspace {
        func raised(_ mode: Mode) -> Mode { mode == .dryRun ? .enforce : mode }
        var workspace = self
        workspace.configuration.mode = raised(configuration.mode)
        for index in workspace.configuration.instances.indices {
            workspace.configuration.instances[index].mode = raised(configuration.instances[index].mode)
        }
        for index in workspace.policies.indices { workspace.policies[index].mode = raised(policies[index].mode) }
        return workspace
    }

    /// Names of the policies that can act on an instance, in order, and of those that are only evaluated there, also since they
    /// went back to dry-run by themselves.
    package func policies(
        of instance: Configuration.Instance, mode: Mode, _ standings: [PolicyStanding] = []
    ) -> (acting: [String], dryRun: [String]) {
        let all = policySet(instance).policies
        let acting = all.filter { policy in
            mode == .enforce && policy.mode == .enforce
                && !standings.contains { $0.demotion.policy == policy.name && $0.holds(policy.version) }
        }.map(\.name)
        return (acting, mode == .off ? [] : all.map(\.name).filter { !acting.contains($0) })
    }
}
