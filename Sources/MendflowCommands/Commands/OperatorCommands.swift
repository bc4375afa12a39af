import MendflowCommandLine
import MendflowCore
import MendflowEnvironment
import MendflowOperations
import MendflowWorkspace

extension CommandContext {
    /// `report`
    func report() async throws(MendflowFailure) -> ExitStatus {
        let workspace = try workspaceOfLedger()
        let now = environment.clock.now()
        let asked = try time(Options.sinceBeginning).map { AgentTime(milliseconds: $0.milliseconds) }
        let found = try await ActivityReport.read(
            workspace, instance: values[Options.oneOfAll],
            since: asked ?? now - (values[Options.lastWeek] ?? .days(7)))
        try write(ActivityTable.render(found), to: values[Options.csv])
        show(ActivityJSON(found), ActivityText.render(found))
        return .done
    }
}

extension CommandContext {
    /// `status`
    func status() async throws(MendflowFailure) -> ExitStatus {
        let workspace = try workspaceOfLedger()
        let fleet = try await Fleet.read(workspace)
        let all = try await StatusQuery.run(workspace, instance: values[Options.oneOfAll], in: fleet)
        show(
            StatusJSON(all, fleet, leftOut: workspace.leftOut),
            StatusText.render(all, fleet, leftOut: workspace.leftOut, options: configurationOption))
        let isWhole = workspace.leftOut.isEmpty
        if values[Options.check] { return isWhole && all.allSatisfy(\.standing.isWell) ? .done : .failure }
        guard all.allSatisfy(\.isReachable) else { return .unreachable }
        guard all.allSatisfy({ $0.record?.alarm == nil && $0.record?.isInDoubt != true }) else { return .failure }
        return isWhole ? .done : .findings
    }

    /// `inbox`
    func inbox() async throws(MendflowFailure) -> ExitStatus {
        let inbox = try await Inbox.read(try workspaceOfLedger())
        show(InboxJSON(inbox), InboxText.render(inbox, options: configurationOption))
        return .done
    }

    /// `resolve`
    func resolve() async throws(MendflowFailure) -> ExitStatus {
        let id = values[Options.intent]
        let ran = values[Options.ran]
        try await ResolveCommand.run(
            try await workspaceOfOrder(.configuration), id: Int64(id), ran: ran, reason: values[Options.reason])
        show(
            Resolved(intent: id, ran: ran),
            ran
                ? "intent \(id) is settled as ran: it counts as a retry made"
                : "intent \(id) is settled as not run: its policy may send it again")
        return .done
    }

    private struct Resolved: Encodable { var intent: Int, ran: Bool }

    /// `pause`
    func pause() async throws(MendflowFailure) -> ExitStatus {
        let outcome = try await KillSwitch.pause(
            try workspaceOfLedger(.ledger), instance: values[Options.oneOfAll],
            reason: values[Options.pauseReason], for: values[Options.pauseLength])
        let why = Console.oneLine(outcome.stillPaused ?? "")
        let held =
            outcome.elsewhere == nil
            ? "paused: \(why); nothing more is sent from now on, evaluating and recording go on"
            : "paused in the ledger that the files name now, and not where the agent works: \(why)"
        show(
            KillSwitchJSON(outcome),
            "\(outcome.instances.joined(separator: ", ")): \(held)"
                + (outcome.isOutlasted
                    ? "\nthat pause was there already and holds longer; `mendflow resume` lifts it, or says how" : "")
                + outcome.longer.map { "\n\(Console.oneLine(KillSwitchJSON.longer($0)))" }.joined())
        guard let elsewhere = outcome.elsewhere else { return .done }
        console.message("this pause does not reach it: \(elsewhere.words)")
        return .failure
    }

    /// `resume`
    func resume() async throws(MendflowFailure) -> ExitStatus {
        let outcome = try await KillSwitch.resume(
            try await workspaceOfOrder(), instance: values[Options.oneOfAll], force: values[Options.forcedResume])
        if isJSON {
            console.json(KillSwitchJSON(outcome))
        } else {
            let names = outcome.instances.joined(separator: ", ")
            for pause in outcome.lifted {
                console.result(Console.oneLine("lifted the pause of \(KillSwitchJSON.words(pause))"))
            }
            if outcome.stillPaused == nil {
                let again = outcome.lifted.isEmpty ? "was not paused" : outcome.againWords
                console.result("\(names): \(again)")
            }
        }
        guard let reason = outcome.stillPaused else { return .done }
        let words = "all instances are paused (\(reason)); `mendflow resume` without --instance lifts that"
        console.message("mendflow: \(Console.oneLine(words))")
        return .failure
    }
}

extension KillSwitch.Outcome {
    /// What follows where pauses were lifted and none stands.
    var againWords: String {
        guard acts, !isOverruled else {
            let why =
                acts ? "the agent that runs was started in another mode than the files say" : "the mode is not enforce"
            return "not paused any more; nothing is sent, as \(why)"
        }
        return "acting again"
    }
}

extension CommandContext {
    /// `reload`
    func reload() async throws(MendflowFailure) -> ExitStatus {
        let workspace = try workspaceOfLedger(.ledger, doErrorsMatter: true)
        // Of files with errors nothing comes into force, so that there is nothing to let go.
        let mayConfirm = values[Options.confirm] && !workspace.findings.hasErrors
        let confirmed =
            mayConfirm ? try await PendingReload.confirm(workspace, reason: values[Options.pauseReason]) : nil
        let standing = try await FilesStanding.read(workspace)
        if values[Options.confirm], !mayConfirm {
            console.message("mendflow: nothing was confirmed, for the files have errors")
        }
        guard let pending = confirmed else {
            show(ReloadJSON(standing), ReloadText.render(standing, options: configurationOption))
            return standing.exitStatus
        }
        show(ReloadJSON(standing), ReloadText.confirmed(pending, within: standing.looksWithin))
        return .done
    }
}

extension FilesStanding {
    /// How `reload` ends: what it shows is wrong, waits, or is what the agent goes by.
    var exitStatus: ExitStatus {
        if errors > 0 { return .findings }
        return isUnread || elsewhere != nil || !needsRestart.isEmpty || pending.map { !$0.isConfirmed } ?? false
            ? .pending : .done
    }
}
