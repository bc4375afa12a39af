/// What one policy wants to add to an execution's tags.
struct TagWish {
    var shared: SharedPolicy
    var names: Set<String>
}

extension PlanRun {
    /// Takes those out of a shared tag write whom their own caps hold: they wait by themselves, and the others' tags do not
    /// wait for them.
    mutating func leaveOutCapped(_ decision: Decision, _ budget: inout Budget) -> (decision: Decision, left: [Decision])
    {
        guard case .act(var action) = decision.verdict, action.draft.action == .tag,
            let wishes = sharedWishes[decision.execution]
        else { return (decision, []) }
        var granted: [TagWish] = []
        var left: [Decision] = []
        for wish in wishes {
            var alone = action
            alone.draft = action.draft.shared(by: [wish])
            guard let (reason, until) = budget.hold(alone.draft, guards: guards(of: alone.draft)) else {
                granted.append(wish)
                continue
            }
            left.append(decision.owned(by: wish.shared, .wait(alone, until: until, reason)))
        }
        guard let first = granted.first else {
            // All of them wait: the write stays one.
            return (decision, [])
        }
        action.draft = action.draft.shared(by: granted)
        return (decision.owned(by: first.shared, .act(action)), left)
    }
}

extension IntentDraft {
    /// A tag write with the tags of some policies.
    func shared(by wishes: [TagWish]) -> IntentDraft {
        var draft = self
        draft.policy = wishes.first?.shared.policy.name ?? policy
        draft.policyVersion = wishes.first?.shared.policy.version ?? policyVersion
        draft.contributors = wishes.map(\.shared.policy.name).sorted()
        draft.tags = wishes.reduce(into: Set()) { $0.formUnion($1.names) }.sorted()
        return draft
    }
}

extension Verdict {
    /// The same action, later.
    func waiting(until: Timestamp?, _ reason: Reason) -> Verdict {
        if case .act(let action) = self { .wait(action, until: until, reason) } else { self }
    }
}
