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
            throw MendflowFailure(.unreachable, error.description)
        }
        now = clock.now()
    }

    /// The baseline of an epoch; what ended before `since`, or before now, is left alone.
    func baseline(
        of instance: Configuration.Instance, epoch: Int, since: ServerTime?
    ) -> InstanceBaseline {
        // A server that does not tell its time is taken to have ours.
        let serverNow = page.serverTime ?? ClockOffset.zero.server(now)
        return InstanceBaseline(
            instance: InstanceKey(name: instance.name, epoch: epoch), url: instance.address,
            since: since ?? serverNow, highest: page.executions.first?.id,
            fingerprints: page.executions.prefix(BaselineReading.fingerprints).map {
                InstanceBaseline.Fingerprint(id: $0.id, workflow: $0.workflow, startedAt: $0.startedAt)
            }, at: serverNow)
    }
}
