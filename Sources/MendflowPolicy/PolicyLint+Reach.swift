internal import MendflowCore
internal import MendflowYAML

extension PolicyLint {
    /// What is older than the agent looks back is out of sight: such a policy would never do what it says.
    func checkReach(_ policy: Policy, _ map: MapReader) {
        if case .retry? = policy.remediation, let limit = policy.guards.giveUpAfter,
            let age = policy.match?.shortestAge,
            limit <= age
        {
            report.warning(
                "gives-up-first", "a chain is given up \(limit) after its first failure, before it is \(age) old",
                at: map["guards"]?["give_up_after"]?.range ?? map["match"]?.range ?? map["actions"]?.range,
                notes: ["set guards.give_up_after to more than \(age)"])
        }
        guard let reach = policy.reach, reach > max(Policy.longestReach, lookBack ?? .zero) else { return }
        let guards = map["guards"]
        let breaker = policy.guards.circuitBreaker.map { $0.window + $0.openFor }
        let place =
            policy.guards.giveUpAfter == reach
            ? guards?["give_up_after"] : breaker == reach ? guards?["circuit_breaker"] : map["match"]
        let words =
            "this needs the runs of the last \(reach), and policies raise `look_back` to \(Policy.longestReach) at most"
        let note = "write look_back: \(reach) into mendflow.yaml, or ask for less"
        let range = place?.range ?? map.key("name")?.range
        // Without the configuration nobody can tell what its `look_back` is.
        if lookBack == nil {
            report.warning("beyond-look-back", words, at: range, notes: [note])
        } else {
            report.error("beyond-look-back", words, at: range, notes: [note])
        }
    }
}
