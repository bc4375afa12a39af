package import MendflowAgent
package import MendflowCore
package import MendflowPolicy
package import MendflowWorkspace

extension Workspace {
    /// How an instance is polled.
    package func agentConfiguration(_ instance: Configuration.Instance, mode: Mode) -> AgentConfiguration {
        AgentConfiguration(
            instance: instance.name, mode: mode, pollInterval: configuration.pollInterval,
            lookBack: lookBack, gapBudget: configuration.gapBudget, sweepInterval: configuration.sweepInterval,
            requestGrace: configuration.requestGrace)
    }
}
