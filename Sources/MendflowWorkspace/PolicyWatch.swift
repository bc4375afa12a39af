package import MendflowCore
import MendflowLedger
import MendflowPolicy
import MendflowText

/// Reads configuration and policies anew when their files change, and at SIGHUP.
///
/// - A change comes into force once the files are whole (`FileSettling`), or at SIGHUP, which says that they are.
/// - A change with errors is refused as a whole: what was in force stays, and the log says why.
/// - What holds the agent back and would be lost (`Loosening`) stays in force until a person confirms what the files say
///   (`Workspace.meaning`), before or after this agent has read it; the rest of the change does not wait. A policy that is
///   gone goes on owning what it matches and holds it, so that no lower policy jumps in.
/// - Nothing comes into force that could not be put on record first.
/// - A mode that is lowered counts at once: policies whose agent was made to act go on in dry-run. One that is raised needs
///   a restart.
/// - Instances, ledger and times need a restart: of a configuration only its policies, protections, limits, tags,
///   error classes and the log's level are taken beside; and its instances, where they stand in files of their own.
package actor PolicyWatch {
    private var inForce: PoliciesInForce
    private var files: WatchedFiles
    private var word = AwaitedWord()
    private let clock: any AgentClock
    private let log: any EventSink
    private let records: ReloadRecords
    private let setLevel: @Sendable (AgentEvent.Level) -> Void
    /// Yields whenever instances came, went or changed, and where a person asks.
    package nonisolated let changes: AsyncStream<Void>
    private let changer: AsyncStream<Void>.Continuation

    /// What came into force for an instance.
    package struct Fresh: Sendable {
        /// Its policies, with everything else that decisions depend on.
        package var policies: PolicySet
        /// How far back ended executions are looked at.
        package var lookBack: Period
        /// Whether the agent may send nothing any more, since a mode was lowered after it was made.
        package var isLowered = false
    }

    /// Watches the files of what is in force now; `setLevel` changes what the log is about.
    package init(
        _ workspace: Workspace, log: any EventSink, records: ReloadRecords,
        setLevel: @escaping @Sendable (AgentEvent.Level) -> Void = { _ in }
    ) {
        clock = workspace.clock
        self.log = log
        self.records = records
        self.setLevel = setLevel
        inForce = PoliciesInForce(workspace)
        files = WatchedFiles(workspace.contents)
        (changes, changer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// What is in force now.
    package var current: Workspace { inForce.workspace }

    /// What is in force was put on record by then.
    package func began(at record: Int64) { word.lastRecord = record }

    /// Reads everything anew, whether files changed or not: a person says that they are whole.
    package func readAnew() async {
        await look(isAsked: true)
        // Also where the files say the same: what kept an instance from being looked after may be over.
        changer.yield()
    }

    /// Looks at the files, for whoever has no instance whose agent does.
    package func refresh() async { await look() }

    /// An instance gets an agent that is made of what is in force now, which this answers.
    package func begin(_ name: String) -> Workspace { inForce.begin(name) }

    /// An instance has a new agent, which has only what was in force at the start of the program.
    package func renew(_ name: String) { inForce.renew(name) }

    /// What an instance's agent does not have yet; nil where nothing changed.
    package func fresh(for name: String) async -> Fresh? {
        await look()
        return inForce.fresh(for: name)
    }

    /// What is in force for an instance, whether its agent has it or not; nil where there is no such instance.
    package func present(for name: String) -> Fresh? { inForce.present(for: name) }

    private func look(isAsked: Bool = false) async {
        let isConfirmed = await isConfirmed()
        let awaited = word.waiting?.contents
        let (workspace, isCalled) = (inForce.workspace, isAsked || isConfirmed)
        let found = workspace.contents
        guard files.isDue(found, isCalled: isCalled, writtenAt: workspace.writtenAt, clock) else { return }
        let loaded = workspace.readAnew()
        // Written again between the two readings: the next look sees what became of it.
        guard isAsked || workspace.contents == found else { return }
        // Before anything is waited for: the agent of another instance may look meanwhile.
        files.took(found)
        for message in loaded.said { say(.error, "policies.kept", "\(message); what was in force stays") }
        guard let read = loaded.workspace else { return }
        let isMeant = awaited == Hex.text(read.meaning) ? isConfirmed : await wasConfirmed(read)
        await putIntoForce(read, isAsked: isAsked, isMeant: isMeant)
    }

    /// Whether a person has let through what is read only now: another agent that shares the ledger had asked for the word.
    private func wasConfirmed(_ next: Workspace) async -> Bool {
        guard let from = word.lastRecord, !inForce.workspace.loosenings(to: next).isEmpty else { return false }
        return await records.confirmed(Hex.text(next.meaning), from).isConfirmed
    }

    /// Whether a person has let through what waits.
    private func isConfirmed() async -> Bool {
        guard let asked = word.waiting else { return false }
        let (isConfirmed, last) = await records.confirmed(asked.contents, asked.from)
        return word.heard(isConfirmed, of: asked, upTo: last)
    }

    /// Brings a reading of the files into force, without what only a person may let through.
    private func putIntoForce(_ read: Workspace, isAsked: Bool, isMeant: Bool) async {
        let change = ReloadChange(read, after: inForce.workspace, isMeant: isMeant)
        let why: FilesReloaded.Reason = isMeant ? .confirmed : isAsked ? .asked : .changed
        let waited = word.waiting
        word.waiting = nil
        do throws(MendflowFailure) {
            let number = try await records.write(change.record(why: why, lowered: inForce.lowered(in: change.next)))
            word.recorded(change, at: number)
        } catch {
            // Tried again at the next tick.
            files.forget()
            word.waiting = waited
            return say(.error, "policies.kept", "the change is not in force, for it cannot be recorded: \(error)")
        }
        let replaced = inForce.workspace
        inForce.replace(by: change.next)
        setLevel(change.next.configuration.logLevel)
        for remark in change.remarks(after: replaced) { say(remark.level, remark.name, remark.message) }
        if change.changesInstances(of: replaced) { changer.yield() }
    }

    private func say(_ level: AgentEvent.Level, _ name: String, _ message: String) {
        log.emit(AgentEvent(at: clock.now(), level, name, message))
    }
}
