extension ActionDefinition {
    /// `PUT /executions/{id}/tags`; a write reads first.
    static let tag = ActionDefinition(
        .tag, scopes: ["executionTags:list", "executionTags:update"],
        fits: Set(ExecutionStatus.allCases).subtracting([.unrecognised]),
        request: {
            "\(ExecutionRequest.setTags($0.execution, to: []).target) + \($0.tags.joined(separator: ", "))"
        },
        ownHolds: TagHolds.own, holds: TagHolds.all, waits: [.settling, .refusedRecently, .droppedRecently],
        prepare: { PreparedAction(dueNow: $0.draft.shared(by: $0.tags), $0) })
}

/// What holds a tag write. A policy's own holds, and its hours, hold its own tags and not the others'.
enum TagHolds {
    static let own =
        [HoldRule(.unmappedTag, "The tag's name has no id under `tags` of the instance.", isUnmapped)]
        + CommonHolds.ofPolicy

    static let all =
        CommonHolds.ofInstance + [
            HoldRule(.inFlight, "A tag write to it is on its way.") {
                .held(by: $0.earlier.first(where: \.state.isOpen).map { "intent \($0.id)" })
            }
        ] + CommonHolds.ofAnswers

    private static func isUnmapped(_ proposal: Proposal) -> HoldAnswer {
        let names = Set(proposal.tags.flatMap(\.names)).filter { proposal.context.set.tagIDs[$0] == nil }
        return .held(
            by: names.isEmpty ? nil : "no id is configured for \(names.sorted().joined(separator: ", "))")
    }
}
