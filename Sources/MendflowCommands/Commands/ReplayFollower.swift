import MendflowCore
import MendflowEnvironment
import MendflowOperations
import MendflowWorkspace
import Synchronization

/// Tells what becomes of the executions of a replay while it goes on, by the ledger.
final class ReplayFollower: Sendable {
    private let console: Console
    private let workspace: Workspace
    private let instance: String
    private let name: String
    /// Whether each execution is told of once something became of it.
    private let tellsItems: Bool
    private let told = Mutex<[ExecutionID: ReplayReport.Result]>([:])
    /// What it was last said to wait for; nil where nothing kept it.
    private let toldWait: Mutex<ReplayWait?>

    /// `wait`: what it was said to wait for before.
    init(
        _ console: Console, _ workspace: Workspace, _ instance: String, _ name: String, tellsItems: Bool,
        wait: ReplayWait? = nil
    ) {
        toldWait = Mutex(wait)
        self.console = console
        self.workspace = workspace
        self.instance = instance
        self.name = name
        self.tellsItems = tellsItems
    }

    /// Tells while something works, and once more at its end.
    func whileWorking(_ work: @escaping @Sendable () async throws(MendflowFailure) -> Void)
        async throws(MendflowFailure)
    {
        let failure = await withTaskGroup(of: MendflowFailure?.self) { group in
            group.addTask {
                do throws(MendflowFailure) {
                    try await work()
                    return nil
                } catch { return error }
            }
            group.addTask {
                // A ledger that cannot be read now is told by who works.
                while !Task.isCancelled {
                    _ = try? await self.tell()
                    await self.pause()
                }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if failure == nil { _ = try await tell() }
        console.progress(nil)
        if let failure { throw failure }
    }

    /// Tells until the replay is not running any more and it is known of each request what became of it, or until nobody is
    /// there any more who carries it out.
    func untilOver() async throws(MendflowFailure) {
        defer { console.progress(nil) }
        while try await tell().isUnderWay, !Task.isCancelled { await pause() }
    }

    /// Waits for a moment, or until nobody wants to know any more.
    private func pause() async { try? await workspace.pause(for: .seconds(1)) }

    /// Reads how it stands, and tells what is new.
    private func tell() async throws(MendflowFailure) -> ReplayReport {
        let report = try await ReplayReport.read(workspace, instance: instance, name)
        console.progress(nil)
        for item in report.items where tellsItems && note(item) {
            console.message(ReplayText.line(item))
        }
        tellWait(report)
        console.progress(ReplayText.progress(report))
        return report
    }

    /// Says once what keeps a replay that nobody stopped, and that nothing does any more: whoever watches sees nothing else happen.
    private func tellWait(_ report: ReplayReport) {
        guard report.replay.isRunning, report.isCarriedOut != false else { return }
        let before = toldWait.withLock { told in
            defer { told = report.waits }
            return told
        }
        guard before?.words != report.waits?.words else { return }
        console.message(
            Console.oneLine(
                report.waits.map { ReplayText.words($0, name) } ?? "nothing keeps \(name) any more: it goes on"))
    }

    /// Whether something became of an execution that was not told yet.
    private func note(_ item: ReplayReport.Item) -> Bool {
        guard item.result != .waiting, item.result != .running else { return false }
        return told.withLock { $0.updateValue(item.result, forKey: item.execution) != item.result }
    }
}

extension ReplayReport {
    /// Whether somebody carries it out, or waits for what was sent for it.
    fileprivate var isUnderWay: Bool {
        (replay.isRunning || count(.running) > 0) && isCarriedOut != false
    }
}
