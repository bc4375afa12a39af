import MendflowCommandLine
import MendflowCore
import MendflowEnvironment
import MendflowHost
import MendflowOperations
import MendflowReview
import MendflowText
import MendflowWorkspace

extension CommandContext {
    /// `replay`
    func replay() async throws(MendflowFailure) -> ExitStatus {
        let workspace = try await settledWorkspace()
        let instance = values[Options.instance]
        let request = try await replayRequest(workspace)
        guard values[Options.preview] || !request.reason.isEmpty else { throw CommandContext.replaysWithoutReason }
        let preview = try await preview(workspace, request)
        if values[Options.preview] {
            show(ReplayPreviewJSON(preview), ReplayText.render(preview))
            return .done
        }
        if !isJSON { console.report(ReplayText.render(preview)) }
        guard try isAgreed(preview) else {
            console.message("mendflow: nothing was started")
            return .failure
        }
        try await sendsNothing(beside: workspace)
        let replay = try await Replaying.begin(preview, workspace)
        console.message(
            "\(replay.name) began; `mendflow replay pause\(configurationOption) \(replay.name)` pauses it, `abort` ends it"
        )
        let wait = try await Replaying.wait(workspace, instance: instance)
        if let wait { console.message(ReplayText.words(wait, replay.name)) }
        if values[Options.detach] {
            if wait == nil { console.message(hint(replay.name)) }
            let report = try await ReplayReport.read(workspace, instance: instance, replay.name)
            if isJSON { console.json(ReplayReportJSON(report)) }
            return .done
        }
        return try await carryOut(replay.name, of: preview.instance.name, workspace, told: wait)
    }

    /// Said before n8n is asked for anything.
    private static let replaysWithoutReason = MendflowFailure(
        .usage,
        "--reason says why, for the record, and is missing. Which executions say --from and --until, --workflow, --class, --match, "
            + "--execution or --rest; without them it is all that failed within the look-back. --preview shows them and sends nothing"
    )

    private func preview(
        _ workspace: Workspace, _ request: ReplayRequest
    ) async throws(MendflowFailure) -> ReplayPreview {
        defer { console.progress(nil) }
        return try await ReplayPreview.look(workspace, request, instance: values[Options.instance]) {
            [console] progress in
            console.progress("read \(progress.rows) executions, data of \(progress.details) ...")
        }
    }

    /// What was asked for: by conditions, by ids, or what another replay left.
    private func replayRequest(_ workspace: Workspace) async throws(MendflowFailure) -> ReplayRequest {
        var request = ReplayRequest()
        request.executions = Set(values[Options.replayed].map { ExecutionID($0) }).sorted()
        request.workflows = values[Options.workflows]
        request.classes = values[Options.classes]
        if !values[Options.failedAs].isEmpty { request.statuses = values[Options.failedAs] }
        (request.from, request.until) = (anyTime(Options.endedFrom), anyTime(Options.endedBefore))
        request.match = values[Options.match]
        request.loadWorkflow = values[Options.loadWorkflow]
        request.repeats = values[Options.repeats]
        request.rate = values[Options.pace]
        request.pace = ReplayPace(
            canary: values[Options.canary], inFlightPerWorkflow: values[Options.atOnce],
            stopAfterFailures: values[Options.stopAfter] == 0 ? nil : values[Options.stopAfter])
        request.reason = values[Options.pauseReason] ?? ""
        guard let earlier = values[Options.rest] else { return request }
        guard request.executions.isEmpty else {
            throw MendflowFailure(.usage, "--rest and --execution cannot be given together")
        }
        let report = try await ReplayReport.read(workspace, instance: values[Options.instance], earlier)
        guard !report.replay.isOpen else {
            throw MendflowFailure(
                .failed,
                "\(report.replay.standing); what is left of it is known once it is over: "
                    + (report.replay.isRunning
                        ? "`mendflow replay follow\(configurationOption) \(earlier)` carries it out or watches, "
                        : "`mendflow replay resume\(configurationOption) \(earlier)` lets it go on, ")
                    + "`mendflow replay abort\(configurationOption) \(earlier)` ends it, and then --rest takes what is left"
            )
        }
        guard !report.rest.isEmpty else {
            throw MendflowFailure(.failed, ReplayText.nothingLeft(report, options: configurationOption))
        }
        for words in ReplayText.open(report, options: configurationOption) {
            console.message("\(earlier): \(words); not among what is left")
        }
        request.restOf = earlier
        // As far back as the first one looked, or what is left of it would be out of sight.
        let earliest = ClockOffset.zero.server(workspace.clock.now()) - Policy.longestReach
        request.earliest = max(report.replay.start.earliest, earliest)
        request.executions = report.rest
        return request
    }

    private func isAgreed(_ preview: ReplayPreview) throws(MendflowFailure) -> Bool {
        guard !preview.items.isEmpty else { return false }
        if values[Options.yes] { return true }
        guard console.canAsk else {
            throw MendflowFailure(
                .usage, "there is no terminal to ask on: `--yes` starts it without a question, `--preview` only looks")
        }
        return console.ask("Retry these \(preview.items.count)? Only 'yes' does: ") == "yes"
    }

    /// `replay follow`
    func followReplay() async throws(MendflowFailure) -> ExitStatus {
        let workspace = try await settledWorkspace()
        let name = values[Options.replayName]
        let report = try await ReplayReport.read(workspace, instance: values[Options.instance], name)
        guard report.replay.isOpen || report.count(.running) > 0 else {
            show(ReplayReportJSON(report), ReplayText.render(report, options: configurationOption))
            return report.status
        }
        if !report.replay.isRunning, report.count(.running) > 0 {
            let open = report.count(.running)
            console.message(
                "\(report.replay.standing); this waits for \(open.words("request that is", "requests that are")) still open, and sends nothing"
            )
        }
        return try await carryOut(name, of: report.instance, workspace)
    }

    /// Carries a replay out, or watches the agent that does, and tells what becomes of each execution; `told` was said to keep it.
    private func carryOut(
        _ name: String, of instance: String, _ workspace: Workspace, told: ReplayWait? = nil
    ) async throws(MendflowFailure) -> ExitStatus {
        try await sendsNothing(beside: workspace)
        let follower = ReplayFollower(console, workspace, instance, name, tellsItems: !isJSON, wait: told)
        do throws(MendflowFailure) {
            try await follower.whileWorking { () async throws(MendflowFailure) in
                try await MendflowHost(workspace.quieter, asked: nil).replay(name, of: instance)
            }
        } catch  where error.kind == .held {
            let isKept = try await ReplayReport.read(workspace, instance: instance, name).waits != nil
            console.message(ReplayText.watching(name, try await AgentErrand.present(workspace), isKept: isKept))
            try await follower.untilOver()
        }
        let report = try await ReplayReport.read(workspace, instance: instance, name)
        show(ReplayReportJSON(report), ReplayText.render(report, options: configurationOption))
        if report.replay.isRunning, report.waits == nil {
            console.message(
                "\(name) goes on with `mendflow replay follow\(configurationOption) \(name)`, or with an agent that runs"
            )
        }
        return report.status
    }

    /// `replay list`
    func replays() async throws(MendflowFailure) -> ExitStatus {
        let workspace = try workspaceOfLedger()
        let all = try await Replaying.all(workspace, instance: values[Options.instance])
        let wait =
            all.contains(where: \.isRunning)
            ? try await Replaying.wait(workspace, instance: values[Options.instance]) : nil
        show(ReplaysJSON(all, wait), ReplayText.render(all, wait))
        // Whoever starts an agent in dry-run would wait for nothing.
        if wait == nil, let running = all.last(where: \.isRunning), try await Replaying.isCarriedOut(workspace) == false
        {
            console.message(
                "nobody carries \(running.name) out now; `mendflow replay follow\(configurationOption) \(running.name)` does, "
                    + "and so does an agent once it runs")
        }
        return .done
    }

    /// `replay show`
    func showReplay() async throws(MendflowFailure) -> ExitStatus {
        let report = try await ReplayReport.read(
            try workspaceOfLedger(), instance: values[Options.instance], values[Options.replayName])
        show(ReplayReportJSON(report), ReplayText.render(report, options: configurationOption))
        return .done
    }

    /// `replay pause`
    func pauseReplay() async throws(MendflowFailure) -> ExitStatus { try await move(to: .paused) }
    /// `replay resume`
    func resumeReplay() async throws(MendflowFailure) -> ExitStatus { try await move(to: .running) }
    /// `replay abort`
    func abortReplay() async throws(MendflowFailure) -> ExitStatus { try await move(to: .aborted) }

    private func move(to state: Replay.State) async throws(MendflowFailure) -> ExitStatus {
        let workspace = try await workspaceOfOrder()
        let replay = try await Replaying.move(
            workspace, instance: values[Options.instance], values[Options.replayName], to: state,
            why: values[Options.pauseReason] ?? "")
        let wait = state == .running ? try await Replaying.wait(workspace, instance: values[Options.instance]) : nil
        show(ReplaysJSON([replay], wait), Console.oneLine(replay.standing))
        if state == .running { console.message(wait.map { ReplayText.words($0, replay.name) } ?? hint(replay.name)) }
        return .done
    }

    /// Who carries a replay out.
    private func hint(_ name: String) -> String {
        "an agent that runs goes on with it; where none does, `mendflow replay follow\(configurationOption) \(name)`"
    }
}

extension ReplayReport {
    /// Whether everything that could be done went well.
    var status: ExitStatus {
        let isWell = count(.notHealed) + count(.unresolved) + count(.notRun) + count(.running) + count(.waiting) == 0
        return isWell ? .done : .failure
    }
}
