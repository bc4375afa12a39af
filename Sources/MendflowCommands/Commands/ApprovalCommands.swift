import MendflowCommandLine
import MendflowCore
import MendflowEnvironment
import MendflowOperations
import MendflowWorkspace

/// What `approve` is told: an ask, or to show those that are open.
enum ApprovalWord: Sendable, Hashable {
    case ask(ApprovalID), list

    /// As it is typed.
    var text: String {
        switch self {
        case .ask(let id): id.description
        case .list: "list"
        }
    }
}

extension CommandContext {
    /// `approve`
    func approve() async throws(MendflowFailure) -> ExitStatus {
        let (words, policy) = (values[Options.asks], values[Options.asksOf])
        var ids: [ApprovalID] = []
        for word in words { if case .ask(let id) = word, !ids.contains(id) { ids.append(id) } }
        guard ids.count < words.count || words.isEmpty else { return try await approve(ids, policy) }
        guard ids.isEmpty else { throw MendflowFailure(.usage, "`list` goes alone: it shows, and says yes to nothing") }
        let open = try await Approving.open(
            try workspaceOfLedger(), instance: values[Options.oneOfAll], policy: policy)
        guard words.isEmpty, policy != nil else {
            show(ApprovalsJSON(open), ApprovalText.render(open, options: configurationOption))
            return .done
        }
        return try await approve(open.map(\.approval.id), nil)
    }

    private func approve(_ ids: [ApprovalID], _ policy: String?) async throws(MendflowFailure) -> ExitStatus {
        guard policy == nil else { throw MendflowFailure(.usage, "say which by number, or which policy's by --policy") }
        return try await answer(ids, isYes: true, note: values[Options.note] ?? "")
    }

    /// `decline`
    func decline() async throws(MendflowFailure) -> ExitStatus {
        try await answer(
            [ApprovalID(Int64(values[Options.declined]))], isYes: false, note: values[Options.reason])
    }

    private func answer(_ ids: [ApprovalID], isYes: Bool, note: String) async throws(MendflowFailure) -> ExitStatus {
        let outcome = try await Approving.answer(try await workspaceOfOrder(), ids, isYes: isYes, note: note)
        show(ApprovalsJSON(outcome), ApprovalText.render(outcome))
        return outcome.refused.isEmpty ? .done : .failure
    }

    /// `promote`
    func promote() async throws(MendflowFailure) -> ExitStatus {
        let policy = values[Options.promoted]
        let promoted = try await Promoting.run(
            try await workspaceOfOrder(), policy: policy, instance: values[Options.oneOfAll],
            reason: values[Options.pauseReason])
        show(
            Promoted(policy: policy, version: promoted.first?.demotion.version ?? ""),
            Console.oneLine("\(policy) acts again; what it heals is counted anew"))
        return .done
    }

    private struct Promoted: Encodable { var policy: String, version: String }
}
