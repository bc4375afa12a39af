import MendflowCore
import MendflowN8N
import MendflowPolicy
import MendflowWorkspace

/// The reading of one page from which a baseline is made, by `init` and by `instance adopt`.
struct BaselineReading {
    /// Rows by which a database is recognised.
    private static let fingerprints = 50

    let page: ExecutionPage
    let reader: N8NReader
    let now: AgentTime

    init(_ workspace: Workspace, _ instance: Configuration.Instance) async throws(MendflowFailure) {
        let clock = workspace.clock
        reader = try workspace.adapters(instance).reader
        do throws(ReadFailure) { page = try await reader.list(ListQuery()) } catch {
            throw MendflowFailure(.unreachable, error.description, cause: error.isOfKey ? .key : nil)
        }
        now = clock.now()
    }

    /// The baseline of an epoch; what ended before `since`, or before now, is left alone. Throws where nobody can tell when
    /// now is.
    func baseline(
        of instance: Configuration.Instance, epoch: Int, since: ServerTime?
    ) throws(MendflowFailure) -> InstanceBaseline {
        let clock = clock
        if since == nil, clock.isDisputed, let words = clock.disagreement {
            throw MendflowFailure(
                .failed,
                "\(words), and no execution bears out either; set the wrong clock right, or say with --since what ended "
                    + "before is left alone")
        }
        let serverNow = clock.server(now)
        // A row below the highest id that seems to be made later is another database's: no time that is told is too late.
        let latest = [serverNow, page.serverTime, newestRow].compactMap { $0 }.max() ?? serverNow
        return InstanceBaseline(
            instance: InstanceKey(name: instance.name, epoch: epoch), url: instance.address,
            since: since ?? serverNow, highest: page.executions.first?.id,
            fingerprints: page.executions.prefix(BaselineReading.fingerprints).map {
                InstanceBaseline.Fingerprint(id: $0.id, workflow: $0.workflow, startedAt: $0.startedAt)
            }, at: latest)
    }

    private var newestRow: ServerTime? { page.executions.compactMap(\.newestTime).max() }

    /// How far n8n's clock is ahead; a server that does not tell its time is taken to have ours.
    private var clock: ClockOffset {
        page.serverTime.map { ServerClock.judge(date: $0, newestRow: newestRow, own: now, before: .zero) } ?? .zero
    }
}
