import MendflowBacktest
import MendflowCommandLine
import MendflowCore
import MendflowEnvironment
import MendflowHistory
import MendflowOperations
import MendflowRehearsal
import MendflowText
import MendflowWorkspace

extension CommandContext {
    /// `backtest`
    func backtest() async throws(MendflowFailure) -> ExitStatus {
        // Policy files alone are tried without a configuration, as `validate` does.
        let isConfigured = environment.files.exists(values[Options.config])
        let histories = values[Options.pastHistory]
        guard isConfigured || histories.isEmpty || !values[Options.files].isEmpty else {
            let history = histories.map { " --history \($0.asShellWord)" }.joined()
            throw MendflowFailure(
                .usage,
                "there is no \(values[Options.config]) whose policies could be tried; name some: "
                    + "mendflow backtest\(history) policies/*.yaml")
        }
        let needsWorkspace = isConfigured || histories.isEmpty
        let workspace = needsWorkspace ? try self.workspace() : nil
        var request = Backtesting.Request(histories: histories)
        if histories.isEmpty, let workspace {
            request.fetchedAt = ClockOffset.zero.server(environment.clock.now())
            request.histories = [try await pull(workspace)]
        }
        request.policies = values[Options.files]
        request.instance = values[Options.instance]
        request.policy = values[Options.policy]
        (request.since, request.until, request.last) = (
            anyTime(Options.from), anyTime(Options.upTo), values[Options.last]
        )
        if values[Options.matchesOnly] { return try countMatches(request, workspace) }
        defer { console.progress(nil) }
        if values[Options.page] != nil { request.examples = BacktestPage.mostExamples }
        let found = try Backtesting.run(request, workspace, environment: environment) { [console] part in
            console.progress("living the history through: \(Int(part * 100)) % ...")
        }
        console.progress(nil)
        tell(found.findings)
        guard let report = found.report else { throw MendflowFailure(.findings, found.findings?.summary ?? "") }
        try write(BacktestPage(report: report, examples: found.examples).html, to: values[Options.page])
        show(BacktestJSON(report), BacktestText.render(report, all: values[Options.everything]))
        return report.isAsExpected && report.findings.isWhole ? .done : .failure
    }
}

extension CommandContext {
    /// `backtest --matches-only`
    private func countMatches(
        _ request: Backtesting.Request, _ workspace: Workspace?
    ) throws(MendflowFailure) -> ExitStatus {
        let (report, findings) = try Backtesting.matches(request, workspace, environment: environment)
        tell(findings)
        guard let report else { throw MendflowFailure(.findings, findings?.summary ?? "") }
        show(MatchJSON(report), MatchText.render(report))
        return report.findings.isWhole ? .done : .failure
    }

    /// Tells what is wrong with policy files.
    private func tell(_ findings: FindingsReport?) {
        guard let findings else { return }
        let text = findings.text(colours: console.messageColours)
        if !text.isEmpty { console.styledMessage(text) }
    }

    /// Writes a result to a file, where one is named.
    func write(_ text: String, to path: String?) throws(MendflowFailure) {
        guard let path else { return }
        do throws(FileFault) { try environment.files.replace(path, text) } catch {
            throw MendflowFailure(.failed, "the result cannot be written: \(error)")
        }
    }

    /// `diff`
    func diff() async throws(MendflowFailure) -> ExitStatus {
        var request = Backtesting.Request(histories: values[Options.pastHistory])
        request.instance = values[Options.instance]
        (request.since, request.until, request.last) = (
            anyTime(Options.from), anyTime(Options.upTo), values[Options.last]
        )
        let (old, new) = (values[Options.oldPolicies], values[Options.newPolicies])
        let files = try await PolicyRevision.files([old, new], environment)
        let isConfigured = environment.files.exists(values[Options.config])
        let workspace = isConfigured || request.histories.isEmpty ? try workspaceOfLedger() : nil
        if request.histories.isEmpty, let workspace {
            request.fetchedAt = ClockOffset.zero.server(environment.clock.now())
            request.histories = [try await pull(workspace)]
        }
        defer { console.progress(nil) }
        let (found, findings) = try Backtesting.diff(
            request, old: old, new: new, from: files, workspace, environment: environment
        ) { [console] part in console.progress("living the history through, twice: \(Int(part * 100)) % ...") }
        console.progress(nil)
        let wrong = findings.filter(\.hasErrors)
        for report in wrong { console.styledMessage(report.text(colours: console.messageColours)) }
        guard let found else {
            throw MendflowFailure(.findings, wrong.map(\.summary).joined(separator: ", and in the other "))
        }
        try write(DiffMarkdown.render(found), to: values[Options.markdown])
        try write(DiffSARIF.log(found).text, to: values[Options.sarif])
        show(DiffJSON(found), DiffText.render(found, all: values[Options.everything]))
        guard found.old.findings.isWhole else { return .failure }
        return found.hasChanges ? .pending : .done
    }
}

// Histories.
extension CommandContext {
    /// From when on executions are wanted; nil for all.
    private func beginning() throws(MendflowFailure) -> ServerTime? {
        if let length = values[Options.last] {
            return ServerTime(milliseconds: environment.clock.now().milliseconds) - length
        }
        return try time(Options.from)
    }

    private func exportFolder(_ workspace: Workspace) throws(MendflowFailure) -> String {
        if let folder = values[Options.folder] { return folder }
        return try Histories.folder(of: values[Options.instance], workspace)
    }

    /// Fetches what is new of an instance's history, and answers where it is kept.
    private func pull(_ workspace: Workspace) async throws(MendflowFailure) -> String {
        let folder = try Histories.folder(of: values[Options.instance], workspace)
        _ = try await export(workspace, to: folder)
        return folder
    }

    private func export(_ workspace: Workspace, to folder: String) async throws(MendflowFailure) -> HistoryProgress {
        defer { console.progress(nil) }
        return try await Histories.export(
            workspace, instance: values[Options.instance], to: folder, since: try beginning(),
            rate: values[Options.rate]
        ) { [console] progress in console.progress(HistoryText.progress(progress)) }
    }

    /// `history export`
    func exportHistory() async throws(MendflowFailure) -> ExitStatus {
        let workspace = try workspaceOfLedger()
        let folder = try exportFolder(workspace)
        let done = try await export(workspace, to: folder)
        show(HistoryExportJSON(done, folder: folder), HistoryText.render(done, folder: folder))
        return .done
    }

    /// `suggest`
    func suggest() async throws(MendflowFailure) -> ExitStatus {
        let isConfigured = environment.files.exists(values[Options.config])
        var histories = values[Options.pastHistory]
        guard histories.isEmpty || values[Options.last] == nil && values[Options.from] == nil else {
            throw MendflowFailure(
                .usage,
                "--since and --last say how much is fetched; a history that is there is taken whole: leave them out")
        }
        let workspace = isConfigured || histories.isEmpty ? try workspaceOfLedger() : nil
        if histories.isEmpty, let workspace { histories = [try await pull(workspace)] }
        defer { console.progress(nil) }
        let found = try Suggesting.run(
            histories, workspace, instance: values[Options.instance], environment: environment
        ) { [console] part in
            console.progress("trying what would have helped: \(Int(part * 100)) % ...")
        }
        console.progress(nil)
        show(SuggestionJSON(found), SuggestionText.render(found))
        return found.findings.isWhole ? .done : .failure
    }

    /// `history sample`
    func sampleHistory() async throws(MendflowFailure) -> ExitStatus {
        let folder = values[Options.sampleFolder]
        let written = try RecordedMonth.write(to: folder, environment.files)
        show(
            HistorySampleJSON(files: written),
            [
                "\(folder) holds a recorded month: 4,433 executions of 9 workflows, with the data of those that failed.",
                "Next: mendflow backtest --history \(folder.asShellWord) policies/*.yaml",
            ])
        return .done
    }

    /// `history info`
    func historyInfo() async throws(MendflowFailure) -> ExitStatus {
        let isConfigured = environment.files.exists(values[Options.config])
        let info = try Histories.info(
            values[Options.histories], isConfigured ? try workspaceOfLedger() : nil, environment: environment)
        show(HistoryInfoJSON(info), HistoryText.render(info))
        return info.findings.isWhole ? .done : .failure
    }
}
