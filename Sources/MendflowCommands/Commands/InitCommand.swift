import MendflowBacktest
import MendflowCommandLine
import MendflowCore
import MendflowEnvironment
import MendflowHistory
import MendflowOperations
import MendflowText
import MendflowWorkspace

extension CommandContext {
    /// `init`
    func initialise() async throws(MendflowFailure) -> ExitStatus {
        let (request, remarks) = try await initRequest()
        var outcome = try await Initialise.run(request, environment: environment)
        var (found, suggested): ([Doctor.Check], [Suggestion]) = ([], [])
        if outcome.failure == nil, let workspace = try loadWorkspace(request) {
            if let folder = outcome.policyFolder { suggested = try await addPolicies(workspace, to: folder, &outcome) }
            // With the policies that were just added: what the key has to be allowed is theirs to say.
            if outcome.since != nil, let workspace = try loadWorkspace(request) {
                let doctor = try await Doctor.look(workspace, instance: nil)
                found = doctor.instances.first { $0.instance == request.name }?.checks ?? []
            }
        }
        if isJSON {
            console.json(SetupJSON(outcome, found, suggested))
        } else {
            tell(outcome, found, suggested, remarks, request)
        }
        guard let failure = outcome.failure else { return .done }
        console.message("mendflow: no ledger was made: \(Console.oneLine(failure.message))")
        console.message(SetupText.again(request, failure, keyPlace: outcome.keyPlace))
        return failure.kind == .failed ? .failure : .unreachable
    }

    private func loadWorkspace(_ request: Initialise.Request) throws(MendflowFailure) -> Workspace? {
        try Workspace.load(path: request.path, environment: environment).workspace
    }

    /// What is asked for, with what can be found out.
    private func initRequest() async throws(MendflowFailure) -> (Initialise.Request, remarks: [String]) {
        let named = values[Options.config]
        let isNamed = named != Options.config.option.defaultText
        var folder = values[Options.directory] ?? "."
        if isNamed {
            let beside = FilePath.of("mendflow.yaml", inFolder: folder)
            guard values[Options.directory] == nil || beside == named else {
                throw MendflowFailure(.usage, "DIR says \(beside) and --config \(named): name one of them")
            }
            folder = named.lastIndex(of: "/").map { String(named[..<$0]) } ?? "."
            if folder.isEmpty { folder = "/" }
        }
        let path = isNamed ? named : FilePath.of("mendflow.yaml", inFolder: folder)
        let usual = Options.name.option.defaultText ?? ""
        let known =
            values[Options.url] == nil
            ? AddressSearch.known(
                path, name: values[Options.name] == usual ? nil : values[Options.name],
                keyVariable: values[Options.keyVariable], keyFile: values[Options.keyFile], or: usual, environment)
            : nil
        let found: AddressSearch.Found
        if let known {
            found = known
        } else {
            found = try await AddressSearch.run(
                url: values[Options.url], keyVariable: values[Options.keyVariable], keyFile: values[Options.keyFile],
                folder: ".", environment)
        }
        var request = Initialise.Request(
            folder: folder, name: found.name ?? values[Options.name], url: found.url, keyVariable: found.keyVariable,
            keyFile: found.keyFile, since: try time(Options.since))
        request.configuration = isNamed ? named : nil
        request.ledger = values[Options.ledger]
        request.writesExample = false
        return (request, found.remarks)
    }

    /// How far back the past is asked for policies, and how long that may take.
    private static let (past, patience) = (Period.days(7), Period.minutes(1))

    /// Writes what the past speaks for, or else the example; answers the former.
    private func addPolicies(
        _ workspace: Workspace, to folder: String, _ outcome: inout Initialise.Outcome
    ) async throws(MendflowFailure) -> [Suggestion] {
        defer { console.progress(nil) }
        var (policies, suggested): ((name: String, text: String)?, [Suggestion]) = (nil, [])
        if !values[Options.noHistory], let history = await pastWeek(workspace) {
            let found = try Suggesting.run([history], workspace, environment: environment)
            if !found.policies.isEmpty {
                policies = ("suggested.yaml", SuggestionText.render(found).text() + "\n")
                suggested = found.policies.map(\.suggestion)
            }
        }
        guard let path = try Initialise.add(policies, to: folder, environment) else { return [] }
        outcome.made.append(path)
        return suggested
    }

    /// The folder of the last week's history; nil where it cannot be had in time, which is said. What is not there yet a later
    /// `suggest` fetches.
    private func pastWeek(_ workspace: Workspace) async -> String? {
        let (console, clock) = (console, environment.clock)
        let since = ClockOffset.zero.server(clock.now()) - CommandContext.past
        let first = await withTaskGroup(of: Result<String, MendflowFailure>.self) { group in
            group.addTask {
                do throws(MendflowFailure) {
                    let folder = try Histories.folder(of: nil, workspace)
                    _ = try await Histories.export(workspace, instance: nil, to: folder, since: since, rate: 20) {
                        console.progress("looking at the last week: \($0.rows) executions ...")
                    }
                    return .success(folder)
                } catch { return .failure(error) }
            }
            group.addTask {
                // Cancelled only where the other one is over.
                try? await clock.sleep(for: CommandContext.patience)
                return .failure(MendflowFailure(.failed, "it takes longer than \(CommandContext.patience)"))
            }
            let first = await group.next()
            group.cancelAll()
            return first
        }
        switch first {
        case .success(let folder): return folder
        case .failure(let failure):
            console.progress(nil)
            console.message(
                "mendflow: no policies come from the last week: \(failure.message); `mendflow suggest` asks again")
            return nil
        case nil: return nil
        }
    }

    private func tell(
        _ outcome: Initialise.Outcome, _ found: [Doctor.Check], _ suggested: [Suggestion], _ remarks: [String],
        _ request: Initialise.Request
    ) {
        for words in remarks { console.result(Console.oneLine(words)) }
        for path in outcome.made { console.result("made  \(path)") }
        for path in outcome.kept { console.result("kept  \(path) (it was there already)") }
        for words in outcome.unheeded { console.result(Console.oneLine("NOT SO  \(words)")) }
        for words in SetupText.suggested(suggested) { console.result(Console.oneLine(words)) }
        if let since = outcome.since { console.result("What ended before \(since) is left alone.") }
        guard outcome.failure == nil else { return }
        if !found.isEmpty { console.report(TextReport(SetupText.found(found))) }
        console.result(SetupText.standing(outcome.mode, enforced: outcome.enforced))
        let option = request.path == "mendflow.yaml" ? "" : " --config \(request.path.asShellWord)"
        console.result("Next: mendflow plan\(option)")
        if !found.isEmpty, outcome.mode != .enforce || outcome.enforced.isEmpty {
            console.result("Then: mendflow run\(option), for a week, and: mendflow report\(option)")
        }
    }
}
