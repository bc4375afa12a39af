/// Third stage: what would be done to an execution, if nothing held it.
struct ProposeStage {
    let context: PlanningContext

    /// The tag writes that policies want, then the action of the owner.
    func proposals(_ item: PlanningContext.Item, _ matches: Matches, _ ownership: Ownership) -> [Proposal] {
        var proposals = item.part == .speaker && !item.subject.isUnfound ? tags(item.subject, matches) : []
        if case .owned(let position, let takenFrom) = ownership.outcome,
            let action = context.set.shared[position].remediation
        {
            proposals.append(
                Proposal(
                    context, item.subject, context.set.shared[position], action.single, takenFrom: takenFrom,
                    excepting: matches.excepting))
        }
        return proposals
    }

    /// What each policy wants to add to the execution's tags: those of its match, and those of exhaustion. Names without
    /// an id are a proposal of their own, so that they do not hold the others.
    private func tags(_ subject: Subject, _ matches: Matches) -> [Proposal] {
        let row = subject.row
        guard ActionKind.tag.definition.fittingStatuses.contains(row.status) else { return [] }
        let root = subject.chain.root
        let isExhausted = context.judged.tagsExhausted && row.status.isFailed && context.exhausted[root] != nil
        guard !context.judged.tagging.isEmpty, isExhausted || !matches.positions.isEmpty else { return [] }
        let earlier = context.intents.all(.tag, row.id)
        var proposals: [Proposal] = []
        for position in context.judged.tagging {
            let shared = context.set.shared[position]
            var names: Set<String> = []
            if matches.positions.contains(position) {
                names.formUnion(shared.policy.tags.filter { !isTagged([row.id], $0, by: shared) })
            }
            if isExhausted, !shared.policy.onExhausted.tags.isEmpty, !subject.isHealed,
                context.isExhausted(root, by: shared)
            {
                // Exhaustion happens once per chain: a later leaf, a person's, is not tagged again.
                let nodes = subject.chain.nodes.map(\.id)
                names.formUnion(shared.policy.onExhausted.tags.filter { !isTagged(nodes, $0, by: shared) })
            }
            guard !names.isEmpty else { continue }
            let unmapped = names.filter { context.set.tagIDs[$0] == nil }
            for part in [unmapped, names.subtracting(unmapped)] where !part.isEmpty {
                proposals.append(
                    Proposal(
                        context, subject, shared, .tag, tags: [TagShare(shared: shared, names: part)], earlier: earlier)
                )
            }
        }
        return proposals
    }

    /// Whether a policy had a tag written to some execution before, or may have had.
    private func isTagged(_ executions: [ExecutionID], _ name: String, by policy: SharedPolicy) -> Bool {
        executions.contains { id in
            context.intents.all(.tag, id).contains { intent in
                intent.state != .void && intent.draft.tags.contains(name)
                    && intent.draft.contributors.contains { context.set.present($0) == policy.policy.name }
            }
        }
    }
}
