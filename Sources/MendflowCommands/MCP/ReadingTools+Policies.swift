import MendflowBacktest
import MendflowCore
import MendflowEnvironment
import MendflowMCP
import MendflowOperations
import MendflowText
import MendflowWorkspace

// Trying policies.
extension ReadingTools {
    private struct LintJSON: Encodable { var findings: [FindingJSON], ok: Bool }

    var lint: MCPTool {
        tool(
            "lint", "Check policies",
            "What is wrong with a policy file's text, with places and suggestions; with the configuration and its policies where no "
                + "text is given.", [ReadingTools.policies], "What is wrong, and where."
        ) { [self] (arguments) throws(MendflowFailure) in
            let report: FindingsReport
            if let text = arguments.text("policies") {
                let (drafted, path) = drafted(text)
                report = Workspace.validate(files: [path], environment: drafted).0
            } else {
                var loaded = try Workspace.load(path: path, environment: environment)
                if let workspace = loaded.workspace { loaded.report.advise(on: workspace.policies) }
                report = loaded.report
            }
            return LintJSON(findings: report.all.map(FindingJSON.init), ok: !report.hasErrors)
        }
    }

    var backtest: MCPTool {
        tool(
            "backtest", "What policies would have done",
            "Lives the exported history through with policies, every guard asked, as if they had been enforced. May take a minute.",
            [
                ReadingTools.policies, ReadingTools.instance, ReadingTools.last,
                MCPParameter("policy", .text(longest: 100), "Tells of one policy alone."),
            ], "What these policies would have done in the past."
        ) { [self] (arguments) throws(MendflowFailure) in
            var request = try request(arguments)
            var environment = environment
            if let text = arguments.text("policies") {
                let (drafted, path) = drafted(text)
                (environment, request.policies) = (drafted, [path])
            }
            request.policy = arguments.text("policy")
            let found = try Backtesting.run(request, try workspace(), environment: environment)
            guard let report = found.report else { throw refused(found.findings) }
            return BacktestJSON(report)
        }
    }

    var diff: MCPTool {
        tool(
            "diff", "What other policies would have done otherwise",
            "Lives the exported history through with the configured policies and with others, and says what differs. May take a "
                + "minute.",
            [
                MCPParameter(
                    "policies", .text(longest: 200_000), "The other policies: a policy file's text.", isRequired: true),
                MCPParameter("added", .flag, "They come beside the configured ones instead of in their place."),
                ReadingTools.instance, ReadingTools.last,
            ], "What the proposed policies would have done otherwise than the configured ones."
        ) { [self] (arguments) throws(MendflowFailure) in
            let workspace = try workspace()
            let present = workspace.policyTexts
            let proposed = ("proposed.yaml", Array((arguments.text("policies") ?? "").utf8))
            let new = (arguments.flag("added") ? present : []) + [proposed]
            var files = ReadOnlyFiles(base: environment.files)
            for (folder, texts) in [("configured", present), ("proposed", new)] {
                for (name, bytes) in texts { files = files.with(draft: "\(folder)/\(name)", bytes).files }
            }
            let (found, findings) = try Backtesting.diff(
                try request(arguments), old: "\(ReadOnlyFiles.draftFolder)/configured",
                new: "\(ReadOnlyFiles.draftFolder)/proposed", from: files, workspace, environment: environment)
            guard let found else { throw refused(findings.last { $0.hasErrors }) }
            return DiffJSON(found)
        }
    }

    var suggest: MCPTool {
        tool(
            "suggest", "Policies that the past speaks for",
            "Policies in dry-run that the exported history speaks for, each with its reasons and backtest. May take a minute.",
            [ReadingTools.instance], "Suggestions for a person to read and to put into a file."
        ) { [self] (arguments) throws(MendflowFailure) in
            let workspace = try workspaceOfLedger()
            let found = try Suggesting.run(
                [try histories(arguments, workspace)], workspace, instance: arguments.text("instance"),
                environment: environment)
            return SuggestionJSON(found)
        }
    }

    private func request(_ arguments: MCPArguments) throws(MendflowFailure) -> Backtesting.Request {
        var request = Backtesting.Request(histories: [try histories(arguments, try workspaceOfLedger())])
        request.instance = arguments.text("instance")
        request.last = try period(arguments, "last")
        return request
    }

    /// Where the history is: no path comes from outside.
    private func histories(_ arguments: MCPArguments, _ workspace: Workspace) throws(MendflowFailure) -> String {
        let folder: String
        if let history {
            folder = history
        } else {
            folder = try Histories.folder(of: arguments.text("instance"), workspace)
        }
        guard environment.files.exists(folder) else {
            throw MendflowFailure(
                .usage,
                "there is no history in \(folder): a person fetches one by `mendflow history export`, or names "
                    + "another folder by `mendflow mcp --history`")
        }
        return folder
    }

    private func drafted(_ text: String) -> (environment: Environment, path: String) {
        let (files, path) = ReadOnlyFiles(base: environment.files).with(draft: "policies.yaml", Array(text.utf8))
        var drafted = environment
        drafted.files = files
        return (drafted, path)
    }

    private func refused(_ report: FindingsReport?) -> MendflowFailure {
        MendflowFailure(
            .findings, "the policies have errors; the tool `lint` says what and where: \(report?.summary ?? "")")
    }
}
