/// What one policy wants to add to an execution's tags.
struct TagShare {
    var shared: SharedPolicy
    var names: Set<String>
}

extension IntentDraft {
    /// A tag write with the tags of some policies.
    func shared(by shares: [TagShare]) -> IntentDraft {
        var draft = self
        draft.policy = shares.first?.shared.policy.name ?? policy
        draft.policyVersion = shares.first?.shared.policy.version ?? policyVersion
        draft.contributors = shares.map(\.shared.policy.name).sorted()
        draft.tags = shares.reduce(into: Set()) { $0.formUnion($1.names) }.sorted()
        return draft
    }
}
