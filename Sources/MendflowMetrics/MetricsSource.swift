import MendflowAgent
package import MendflowCore
import MendflowEnvironment
import MendflowLedger
package import MendflowOperations
package import MendflowWorkspace

/// Gathers what the metrics of a running agent are made of.
public actor MetricsSource {
    private let workspace: Workspace
    private let status: HostStatus
    private let meters: Meters
    private let about: AgentFigures
    private var tally: LedgerTally
    /// Where the ledger is read; opened anew after a failure.
    private var store: (any LedgerStore)?
    /// How many records a scrape counts at most: what is left is counted by the next ones.
    private static let mostPages = 40
    private static let page = 500

    /// Begins to count now.
    ///
    /// - Throws: why the ledger cannot be read.
    package init(
        _ workspace: Workspace, _ status: HostStatus, _ meters: Meters, _ about: AgentFigures
    ) async throws(MendflowFailure) {
        self.workspace = workspace
        self.status = status
        self.meters = meters
        self.about = about
        let state = try await workspace.recentLedger()
        let keys = workspace.instanceNames.compactMap { state?.baseline(of: $0)?.instance }
        tally = LedgerTally(state ?? LedgerState(), instances: keys)
    }

    /// When counting began.
    package var created: AgentTime { get async { await status.values.started.at } }

    /// All metrics, as they are now.
    package func metrics() async -> [Metric] {
        let isReadable = await count()
        let values = await status.values
        let figures = MetricFigures(
            values: values, health: HostHealth(values, now: workspace.environment.clock.monotonic()),
            now: workspace.environment.clock.monotonic(), tally: tally, isLedgerReadable: isReadable,
            ledgerBytes: workspace.environment.files.size(of: workspace.ledgerPath), requests: meters.requests,
            appends: meters.appends, version: about.version, process: about.process(),
            hints: status.looks.hints.map { ($0.instance, $0.counts.tally) })
        return figures.metrics
    }

    private func reopened() async throws(LedgerFailure) -> any LedgerStore {
        if let store { return store }
        let open = try await workspace.environment.ledgers.open(workspace.ledgerPath, .read)
        store = open
        return open
    }

    /// Counts what was written since; whether the ledger could be read.
    private func count() async -> Bool {
        do throws(LedgerFailure) {
            let open = try await reopened()
            for _ in 0..<MetricsSource.mostPages {
                let records = try await open.records(after: tally.records, limit: MetricsSource.page)
                for record in records { tally.note(try record.entry(), number: record.sequence) }
                if records.count < MetricsSource.page { break }
            }
            return true
        } catch {
            store = nil
            return false
        }
    }
}

/// What only the machine and the program know of the agent.
package struct AgentFigures: Sendable {
    /// The program's version.
    package var version: String
    /// What the process uses; nil where nobody can tell.
    package var process: @Sendable () -> ProcessFigures?

    /// Makes them.
    package init(version: String, process: @escaping @Sendable () -> ProcessFigures?) {
        self.version = version
        self.process = process
    }
}

/// What a process uses.
package struct ProcessFigures: Sendable, Hashable {
    /// Seconds of processors, and bytes of memory.
    package var processorSeconds: Double, residentBytes: Double

    /// Makes them.
    package init(processorSeconds: Double, residentBytes: Double) {
        self.processorSeconds = processorSeconds
        self.residentBytes = residentBytes
    }
}
