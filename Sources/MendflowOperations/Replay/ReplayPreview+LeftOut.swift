import MendflowCore
import MendflowLedger
import MendflowPolicy
import MendflowText
import MendflowWorkspace

// What was asked for and is not retried, and why.
extension ReplayPreview {
    /// Leaves out what another replay has, which may still do something.
    mutating func leaveToOthers(_ replays: [Replay], _ workspace: Workspace) async throws(MendflowFailure) {
        for replay in replays where replay.isOpen {
            guard let policy = try? await workspace.policy(of: replay) else { continue }
            let taken = Set(policy.match?.executions ?? [])
            for item in items where taken.contains(item.execution) {
                leftOut.append(
                    LeftOut(
                        execution: item.execution, workflow: item.workflow, label: "in_replay",
                        why: "\(replay.name), which is \(replay.state.rawValue), has it"))
            }
            items.removeAll { taken.contains($0.execution) }
        }
        leftOut.sort { $0.execution < $1.execution }
    }

    /// So many executions are asked for one by one.
    private static let mostAskedFor = 50

    /// Says of executions that were named why they are not there.
    mutating func lookAtNames(_ reader: any ExecutionReader) async throws(MendflowFailure) {
        if !request.workflows.isEmpty { try await refuseUnknownWorkflows(reader) }
        do throws(ReadFailure) {
            let seen = Set(items.map(\.execution)).union(leftOut.map(\.execution))
            let missing = request.executions.filter { !seen.contains($0) }
            for id in missing.prefix(ReplayPreview.mostAskedFor) {
                let why = absence(try await reader.execution(id))
                leftOut.append(LeftOut(execution: id, workflow: "", label: "not_to_retry", why: why))
            }
            leftOut += missing.dropFirst(ReplayPreview.mostAskedFor).map {
                LeftOut(
                    execution: $0, workflow: "", label: "not_to_retry",
                    why: "it has not failed, or something stands for it")
            }
        } catch { throw MendflowFailure(.unreachable, "\(error)") }
        leftOut.sort { $0.execution < $1.execution }
    }

    private func absence(_ row: Execution?) -> String {
        guard let row else { return "n8n has no such execution" }
        guard row.status.isFailed else { return "it has not failed: it is \(row.status.rawValue)" }
        if let healed = row.retrySuccess { return "its retry \(healed) has succeeded" }
        guard request.meant.contains(row.status) else {
            return "it is \(row.status.rawValue), which --status does not name"
        }
        return "a later run of its chain stands for it, or it is not what was asked for otherwise"
    }

    /// A name that no workflow has is a misspelling, and nothing that could not be seen.
    private func refuseUnknownWorkflows(_ reader: any ExecutionReader) async throws(MendflowFailure) {
        let known: [WorkflowInfo]
        do throws(ReadFailure) { known = try await reader.workflows() } catch {
            throw MendflowFailure(.unreachable, "\(error)")
        }
        let names = known.map(\.name)
        for asked in request.workflows where !asked.contains("*") {
            guard !names.contains(asked), !known.contains(where: { $0.id.text == asked }) else { continue }
            let near =
                names.first { $0.lowercased() == asked.lowercased() } ?? Spelling.nearest(to: asked, among: names)
            throw MendflowFailure(
                .usage, "no workflow is named '\(asked)'" + (near.map { "; did you mean '\($0)'?" } ?? ""))
        }
    }
}
