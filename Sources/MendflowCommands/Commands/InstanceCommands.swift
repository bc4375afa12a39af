import MendflowCommandLine
import MendflowCore
import MendflowOperations
import MendflowWorkspace

extension CommandContext {
    /// `doctor`
    func doctor() async throws(MendflowFailure) -> ExitStatus {
        let workspace = try workspaceToExamine()
        let doctor = try await Doctor.look(workspace, instance: values[Options.oneOfAll])
        show(DoctorJSON(doctor), DoctorText.render(doctor))
        if workspace.findings.hasErrors { return .findings }
        return !doctor.isReachable ? .unreachable : doctor.isWell ? .done : .failure
    }

    /// `instance list`
    func instances() async throws(MendflowFailure) -> ExitStatus {
        let all = try await KnownInstance.all(try workspaceOfLedger())
        show(KnownInstancesJSON(all), all.map(InstanceText.line).joined(separator: "\n"))
        return .done
    }

    /// `instance adopt`
    func adopt() async throws(MendflowFailure) -> ExitStatus {
        let outcome = try await Adopt.run(
            try workspaceOfQuestion(),
            Adopt.Request(
                instance: values[Options.instance], reason: values[Options.reason], since: try time(Options.since),
                force: values[Options.force]))
        show(AdoptionJSON(outcome), InstanceText.adopted(outcome))
        return .done
    }
}
