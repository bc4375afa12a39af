import MendflowCore
import MendflowPolicy

/// What is in force, and which instances' agents have it already: pure.
struct PoliciesInForce: Sendable {
    private(set) var workspace: Workspace
    /// Counts what came into force.
    private var generation = 0
    /// The generation that each instance's agent has.
    private var taken: [String: Int] = [:]
    /// How far the agent of each instance could go when it was made.
    private var made: [String: Mode]

    /// What is in force at the start of a program, which all agents have.
    init(_ workspace: Workspace) {
        self.workspace = workspace
        made = workspace.modes
    }

    /// An instance gets an agent that is made of what is in force now, which this answers.
    mutating func begin(_ name: String) -> Workspace {
        taken[name] = generation
        made[name] = workspace.modes[name]
        return workspace
    }

    /// An instance has a new agent, which has only what was in force at the start of the program.
    mutating func renew(_ name: String) { taken[name] = -1 }

    /// What an instance's agent does not have yet, and has from now on; nil where nothing changed.
    mutating func fresh(for name: String) -> PolicyWatch.Fresh? {
        guard taken[name, default: 0] != generation, let fresh = present(for: name) else { return nil }
        taken[name] = generation
        return fresh
    }

    /// What is in force for an instance, whether its agent has it or not; nil where there is no such instance.
    func present(for name: String) -> PolicyWatch.Fresh? {
        guard let instance = workspace.configuration.instances.first(where: { $0.name == name }) else { return nil }
        let isLowered = lowered(in: workspace).contains(name)
        let present = isLowered ? workspace.inDryRun : workspace
        return PolicyWatch.Fresh(
            policies: present.policySet(instance), lookBack: workspace.lookBack, isLowered: isLowered)
    }

    /// The instances whose agent was made to act and may not any more.
    func lowered(in next: Workspace) -> Set<String> {
        Set(next.modes.filter { made[$0.key] == .enforce && $0.value != .enforce }.keys)
    }

    /// Something else is in force from now on.
    mutating func replace(by next: Workspace) {
        workspace = next
        generation += 1
    }
}
