public import MendflowCore
public import MendflowEnvironment
public import MendflowHistory
import MendflowLedger
import MendflowPolicy
public import MendflowWorkspace

/// `history`: what an n8n did, in files.
public enum Histories {
    /// Where an instance's history is kept unless something else is said: beside the configuration.
    public static func folder(of name: String?, _ workspace: Workspace) throws(MendflowFailure) -> String {
        FilePath.of("history/" + (try workspace.instance(name).name), besideFile: workspace.path)
    }

    /// Pulls executions of an instance, and the data of what failed, into a folder. `progress` is told how far it is.
    public static func export(
        _ workspace: Workspace, instance name: String?, to folder: String, since: ServerTime?, rate: Int,
        progress: @Sendable (HistoryProgress) -> Void
    ) async throws(MendflowFailure) -> HistoryProgress {
        let instance = try workspace.instance(name)
        let adapters = try workspace.adapters(instance)
        var export = HistoryExport(
            adapters.reader, of: instance.address, to: folder, workspace.environment.files, clock: workspace.clock,
            since: since, rate: rate, agent: await agentRuns(of: instance.name, since: since, workspace))
        do throws(HistoryFault) { return try await export.run(progress) } catch {
            throw MendflowFailure(error.kind == .server ? .unreachable : .failed, error.description)
        }
    }

    /// Which runs the agent's retries started, and which it stopped, as the ledger tells of some time; nil where there is
    /// none of the instance, or it cannot be read.
    private static func agentRuns(
        of name: String, since: ServerTime?, _ workspace: Workspace
    ) async -> AgentRuns? {
        // A ledger grows for years: of what is not fetched nothing is read.
        let start = since.map { AgentTime(milliseconds: $0.milliseconds) - .days(1) } ?? AgentTime(milliseconds: 0)
        let scope = LedgerScope(instances: [name], since: start)
        guard let ledger = try? await workspace.readLedger(scope), let baseline = ledger.baseline(of: name) else {
            return nil
        }
        let sent = ledger.intents(in: Set(IntentState.allCases), of: baseline.instance)
        let runs = sent.filter { $0.draft.action == .retry && !$0.draft.isShadow }.compactMap(\.child)
        let stops = sent.filter { $0.state == .applied && [.stop, .bulkStop].contains($0.draft.action) }
        let stopped = stops.flatMap { $0.draft.bulk?.predicted ?? [$0.draft.execution] }
        return AgentRuns(since: max(baseline.at, since ?? baseline.at), runs: Set(runs), stopped: Set(stopped))
    }

    /// What a history holds; failures are classified by the workspace's rules, or by the built-in ones.
    public static func info(
        _ paths: [String], _ workspace: Workspace?, environment: Environment
    ) throws(MendflowFailure) -> HistoryInfo {
        let history = try read(paths, environment)
        let classifier = try Backtesting.tables(workspace).classifier
        return HistoryInfo(history) { row, detail in
            guard case .known(let found) = classifier.classify(status: row.status, detail: detail) else { return nil }
            return found.errorClass.rawValue
        }
    }

    static func read(_ paths: [String], _ environment: Environment) throws(MendflowFailure) -> History {
        do throws(HistoryFault) { return try HistoryReader.read(paths, environment.files) } catch {
            guard error.kind == .files else { throw MendflowFailure(.failed, error.description) }
            let missing = paths.first { !environment.files.exists($0) }
            throw NamedFile.failure(error.description, of: missing ?? "", environment.files)
        }
    }
}
