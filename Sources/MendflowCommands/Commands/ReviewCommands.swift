import MendflowCommandLine
import MendflowCore
import MendflowEnvironment
import MendflowOperations
import MendflowReview
import MendflowWorkspace
import MendflowYAML

extension CommandContext {
    /// `plan`
    func plan() async throws(MendflowFailure) -> ExitStatus {
        let workspace = try workspace()
        defer { console.progress(nil) }
        let report = try await Preview.plan(
            workspace, instance: values[Options.instance], policy: values[Options.policy],
            asIfEnforced: values[Options.asMode] != nil, noting: values[Options.out].map { _ in [:] }
        ) { [console] in
            let tags = $0.tags > 0 ? ", and for the tags of \($0.tags) executions" : ""
            console.progress("read \($0.rows) executions, asked for the data of \($0.details) failures\(tags) ...")
        }
        console.progress(nil)
        let all = values[Options.all]
        try await tellErrand(workspace)
        try await noteFiles(workspace, on: "this plan")
        show(
            PlanJSON(report, all: all, findings: workspace.findings.all),
            PlanText.render(report, all: all, explains: values[Options.details]))
        try await save(report, workspace)
        return report.exitStatus
    }

    /// `explain`
    func explain() async throws(MendflowFailure) -> ExitStatus {
        let (asked, workflow) = (values[Options.execution], values[Options.missingRuns])
        guard let asked else {
            guard let workflow else {
                throw MendflowFailure(.usage, "say which execution, or --workflow NAME; see mendflow explain --help")
            }
            let found = try await Preview.explain(
                try workspaceOfQuestion(), workflow: workflow, instance: values[Options.instance])
            show(WorkflowsJSON(found), WorkflowText.render(found))
            return .done
        }
        guard workflow == nil else {
            throw MendflowFailure(.usage, "an execution or --workflow NAME: of which is it to be told?")
        }
        return try await explain(ExecutionID(asked))
    }

    /// Says that policies wait, where a command holds the ledger.
    private func tellErrand(_ workspace: Workspace) async throws(MendflowFailure) {
        guard let errand = try await AgentErrand.present(workspace) else { return }
        console.message("a command \(errand.words), and policies do nothing before an agent runs")
    }

    private func explain(_ execution: ExecutionID) async throws(MendflowFailure) -> ExitStatus {
        let (workspace, instance) = (try workspaceOfQuestion(), values[Options.instance])
        // Who asks for what others may read must not get what they may not.
        guard !values[Options.bundle] || !isJSON else {
            throw MendflowFailure(.usage, "--bundle is a text for people; leave out --output json")
        }
        if let time = anyTime(Options.moment) {
            show(
                try await Preview.explain(
                    workspace, execution: execution, instance: instance, at: time, segments: try segmentsFolder()))
            return .done
        }
        guard values[Options.segments] == nil else {
            throw MendflowFailure(.usage, "--segments is for what stood at an earlier moment: --at TIME")
        }
        try await tellErrand(workspace)
        switch try await Preview.explain(workspace, execution: execution, instance: instance) {
        case .explanation(let found):
            try await noteFiles(workspace, on: "this explanation")
            try await noteReplay(found, workspace)
            show(found)
            if found.unreached != nil { return .unreachable }
        case .vanished(let found):
            if values[Options.bundle] {
                console.result(EvidenceBundle.text(found))
            } else {
                show(VanishedExecutionJSON(found), VanishedExecutionText.render(found))
            }
            if found.unreached != nil { return .unreachable }
        }
        return .done
    }

    /// Says what keeps an agent that runs from doing what is shown.
    private func noteFiles(_ workspace: Workspace, on what: String) async throws(MendflowFailure) {
        if let words = ReloadText.note(try await FilesStanding.read(workspace), on: what) { console.message(words) }
    }

    /// Says what a replay waits for that is to retry the execution.
    private func noteReplay(_ found: Explanation, _ workspace: Workspace) async throws(MendflowFailure) {
        let policies = found.outcomes.filter { $0.isDue || $0.until != nil }.compactMap { $0.action?.draft.policy }
        guard let name = policies.first(where: { Replay.number(in: $0) != nil }),
            let wait = try await Replaying.wait(workspace, instance: values[Options.instance])
        else { return }
        console.message("mendflow: \(ReplayText.words(wait, name))")
    }

    private func show(_ found: Explanation) {
        if values[Options.bundle] { return console.result(EvidenceBundle.text(found)) }
        show(ExplanationJSON(found), ExplanationText.render(found, all: values[Options.allPolicies]))
    }
}

extension CommandContext {
    /// `classify`
    func classify() async throws(MendflowFailure) -> ExitStatus {
        // Rules of one's own are tried where there is a configuration; without one the built-in rules judge.
        let isConfigured = environment.files.exists(values[Options.config])
        let review = try ClassifySaved.run(
            values[Options.saved], isConfigured ? try workspaceOfQuestion() : nil, environment: environment)
        show(FailureReviewJSON(review), FailureReviewText.render(review))
        return .done
    }
}

extension PlanReport {
    /// Whether all was seen, and n8n's database is the one that is known: only then does an empty plan mean "all well".
    var isSound: Bool { header.completeness == .complete && header.alarm == nil }

    /// What is pending comes before what is not whole, but not before an alarm.
    var exitStatus: ExitStatus {
        guard header.alarm == nil else { return .failure }
        return entries.isEmpty ? isSound ? .done : .failure : .pending
    }
}
