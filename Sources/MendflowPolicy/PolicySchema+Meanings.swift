extension PolicySchema {
    /// What keys mean, by the definition that they stand in and their path from there; editors show it, and so does
    /// docs/policy-reference.md. What conditions test is told by the fields themselves.
    static let meanings: [String: String] = [
        "policy.name": "What it is called, in the record too; unique.",
        "policy.description": "For people.",
        "policy.mode": "Whether it acts; `dry_run` where absent.",
        "policy.priority": "Higher comes first; 0 where absent.",
        "policy.instances": "The instances that it is for; all where absent.",
        "policy.renamed_from": "Its former name, whose chains it owns on.",
        "policy.match": "Which executions it is for.",
        "policy.all_executions": "Says that a policy without `match` is meant for every execution.",
        "policy.when": "What must hold of many executions together.",
        "policy.actions": "What is done: at most one remediation, any number of tags.",
        "policy.guards": "What holds it back.",
        "policy.exceptions": "What it owns and leaves alone.",
        "policy.on_exhausted": "What happens once when its retries are used up.",
        "policy.expect": "What a backtest of it must show.",
        "policy.rollout": "Acts on a stable share of chains and withholds the rest.",
        "policy.rollout.percent": "The share.",
        "policy.approval": "A person is asked before it acts.",
        "policy.approval.expires": "How long an answer is waited for.",
        "policy.approval.max_open": "How many questions are open at a time.",
        "policy.actions.retry": "Runs the failed run again.",
        "policy.actions.stop": "Stops a live run.",
        "policy.actions.bulk_stop": "Stops many runs of a workflow by one request.",
        "policy.actions.bulk_stop.all_workflows": "Lets it act without a workflow; n8n then stops everything.",
        "policy.actions.delete": "Deletes an ended run, for ever.",
        "policy.actions.tag": "Adds annotation tags.",
        "policy.on_exhausted.tag": "Adds annotation tags.",
        "policy.on_exhausted.continue": "Lets the next policy that matches own the chain.",
        "policy.on_exhausted.when": "For which ways of being given up it happens; all where absent.",
        "retry.max_retries": "Beyond the first run, counted over the chain, people's included; 3 where absent.",
        "retry.load_workflow": "With the workflow as it is saved now, not as it failed.",
        "retry.allow_draft": "With `load_workflow`: also a draft that is not published.",
        "retry.backoff": "How long is waited before each retry.",
        "retry.backoff.initial_interval": "Before the first one; 1m where absent.",
        "retry.backoff.coefficient": "What each further wait is multiplied by; 2 where absent.",
        "retry.backoff.max_interval": "The longest wait; 1h where absent.",
        "retry.backoff.jitter": "`full`: anywhere between nothing and the wait; `none`: the wait itself.",
        "retry.repeats": "Which risks of doing something twice are accepted; none where absent.",
        "retry.repeats.allow": "These risks, and lesser ones.",
        "retry.when_unresolved": "What is done when our own request was never answered.",
        "guards.max_actions": "How many actions in a time; 20 in 1h where absent.",
        "guards.rate_limit": "How many actions in a time, counted apart by workflow or node type.",
        "guards.rate_limit.max": "How many.",
        "guards.rate_limit.per": "In which time.",
        "guards.rate_limit.group_by": "What is counted apart.",
        "guards.max_in_flight": "How many of its retries run at once; the instance's where absent.",
        "guards.cooldown": "Time between two actions on one workflow.",
        "guards.give_up_after": "Time since the chain's first failure after which it is given up; 24h where absent.",
        "guards.yield_to_humans": "How long a chain is left to people after their own retry; 30m where absent.",
        "guards.circuit_breaker": "Stops it for a while when its actions do not help.",
        "guards.circuit_breaker.failure_threshold": "So many failures of its own actions open it.",
        "guards.circuit_breaker.window": "Within this time.",
        "guards.circuit_breaker.open_for": "How long it stays open before one action is tried.",
        "guards.circuit_breaker.group_by": "What has a breaker of its own.",
        "guards.active_during": "When it may act.",
        "guards.not_during": "When it may not.",
        "cap.amount": "How many.",
        "cap.percent": "A share of the chains of its workflows.",
        "cap.per": "In which time, or in one tick.",
        "window.days": "On which days; all where absent.",
        "window.from": "From when on; midnight where absent.",
        "window.to": "Until when; midnight where absent.",
        "window.zone": "The time zone, by its IANA name.",
        "exception.match": "Which executions.",
        "exception.until": "Until when; for ever where absent.",
        "exception.reason": "Why; shown wherever it holds something.",
        "when.count": "How many executions.",
        "when.within": "How far back their first failures lie.",
        "when.distinct": "What is counted: executions, or workflows.",
        "when.group_by": "What is counted apart.",
        "expect.actions": "Requests of any kind.",
        "expect.actions_per_day": "Requests on the busiest day.",
        "expect.chains": "Chains and live runs that it acts on.",
        "expect.held": "Failed chains that it owns and never acts on.",
        "expect.healed": "Failed chains that its retries heal.",
        "expect.heal_rate": "Of a hundred chains that it retries, how many heal.",
        "expect.exhausted": "Chains that it gives up.",
        "expect.may_repeat": "Retries after which something may have been done twice.",
        "expect.against_people": "Chains that people ended and that it would have run again.",
        "expect.else_dry_run": "Sends it back to dry-run where `heal_rate` is not reached.",
        "expect.else_dry_run.chains": "Of at least so many chains that are settled.",
        "expect.else_dry_run.within": "That it retried within this time.",
        "condition.all": "All of these hold.",
        "condition.any": "One of these holds at least.",
        "condition.not": "Not all of these hold.",
        "condition.workflow": "The workflow: its present name, or by id, name, tag, project.",
        "condition.error": "The error of the failed node.",
        "condition.custom_data": "What the workflow noted with `$execution.customData`, by key.",
        "condition.older_than": "So long at least in the present status.",
        "condition.newer_than": "Less long than that in the present status.",
        "condition.ended_between": "When it ended.",
        "condition.ended_between.from": "At this time or later.",
        "condition.ended_between.to": "Before this time.",
    ]
}

extension SchemaNode {
    /// The same with what keys mean, where nothing is said of them yet; `path` is where this node stands.
    func described(_ path: String, by meanings: [String: String]) -> SchemaNode {
        switch self {
        case .list(let items): .list(items.map { $0.described(path, by: meanings) })
        case .object(let members):
            .object(
                members.map { key, value in
                    switch (key, value) {
                    case ("properties", .object(let properties)):
                        (
                            key,
                            .object(properties.map { ($0, SchemaNode.property($1, "\(path).\($0)", meanings)) })
                        )
                    case ("anyOf", _), ("items", _), ("additionalProperties", _):
                        (key, value.described(path, by: meanings))
                    default: (key, value)
                    }
                })
        default: self
        }
    }

    private static func property(_ node: SchemaNode, _ path: String, _ meanings: [String: String]) -> SchemaNode {
        guard case .object(let members) = node.described(path, by: meanings) else { return node }
        guard let words = meanings[path], !members.contains(where: { $0.0 == "description" }) else {
            return .object(members)
        }
        return .object([("description", .text(words))] + members)
    }
}
