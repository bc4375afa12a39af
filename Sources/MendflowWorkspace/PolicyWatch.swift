package import MendflowCore
import MendflowLedger
import MendflowPolicy
import MendflowText
import MendflowYAML

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
    private var workspace: Workspace
    /// What was read last, good or bad.
    private var contents: [UInt8]
    private var settling = FileSettling()
    private var generation = 0
    /// The generation that each instance's agent has.
    private var taken: [String: Int] = [:]
    /// How far the agent of each instance could go when it was made.
    private var made: [String: Mode]
    /// What waits for a person's word.
    private var waiting: Waiting?
    private let clock: any AgentClock
    private let log: any EventSink
    private let records: ReloadRecords
    private let setLevel: @Sendable (AgentEvent.Level) -> Void
    /// Yields whenever instances came, went or changed, and where a person asks.
    package nonisolated let changes: AsyncStream<Void>
    private let changer: AsyncStream<Void>.Continuation

    /// The record of what this agent read last: a word behind it counts for what it reads next. Nil where that is not known.
    private var lastRecord: Int64?

    private struct Waiting {
        /// What the files say, as text.
        var contents: String
        /// The record behind which a word about it may stand.
        var from: Int64
    }

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
        self.workspace = workspace
        contents = workspace.contents
        made = workspace.modes
        (changes, changer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// What is in force now.
    package var current: Workspace { workspace }

    /// What is in force was put on record by then.
    package func began(at record: Int64) { lastRecord = record }

    /// Reads everything anew, whether files changed or not: a person says that they are whole.
    package func readAnew() async {
        await look(isAsked: true)
        // Also where the files say the same: what kept an instance from being looked after may be over.
        changer.yield()
    }

    /// Looks at the files, for whoever has no instance whose agent does.
    package func refresh() async { await look() }

    /// An instance gets an agent that is made of what is in force now, which this answers.
    package func begin(_ name: String) -> Workspace {
        taken[name] = generation
        made[name] = workspace.modes[name]
        return workspace
    }

    /// An instance has a new agent, which has only what was in force at the start of the program.
    package func renew(_ name: String) { taken[name] = -1 }

    /// What an instance's agent does not have yet; nil where nothing changed.
    package func fresh(for name: String) async -> Fresh? {
        await look()
        guard taken[name, default: 0] != generation,
            let instance = workspace.configuration.instances.first(where: { $0.name == name })
        else { return nil }
        taken[name] = generation
        return fresh(instance)
    }

    /// What is in force for an instance, whether its agent has it or not; nil where there is no such instance.
    package func present(for name: String) -> Fresh? {
        workspace.configuration.instances.first { $0.name == name }.map(fresh)
    }

    /// The instances whose agent was made to act and may not any more.
    private func lowered(_ workspace: Workspace) -> Set<String> {
        Set(workspace.modes.filter { made[$0.key] == .enforce && $0.value != .enforce }.keys)
    }

    private func fresh(_ instance: Configuration.Instance) -> Fresh {
        let isLowered = lowered(workspace).contains(instance.name)
        let present = isLowered ? workspace.inDryRun : workspace
        return Fresh(policies: present.policySet(instance), lookBack: workspace.lookBack, isLowered: isLowered)
    }

    private func look(isAsked: Bool = false) async {
        let isConfirmed = await isConfirmed()
        let awaited = waiting?.contents
        let found = workspace.contents
        guard isAsked || isConfirmed || found != contents else { return settling.forget() }
        guard
            isAsked || isConfirmed
                || settling.isWhole(found, writtenAt: workspace.writtenAt, now: clock.now(), clock.monotonic())
        else { return }
        let loaded = load(workspace)
        // Written again between the two readings: the next look sees what became of it.
        guard isAsked || workspace.contents == found else { return }
        // Before anything is waited for: the agent of another instance may look meanwhile.
        contents = found
        for message in loaded.said { say(.error, "policies.kept", "\(message); what was in force stays") }
        guard let read = loaded.workspace else { return }
        let isMeant = awaited == Hex.text(read.meaning) ? isConfirmed : await wasConfirmed(read)
        await putIntoForce(read, isAsked: isAsked, isMeant: isMeant)
    }

    /// Whether a person has let through what is read only now: another agent that shares the ledger had asked for the word.
    private func wasConfirmed(_ next: Workspace) async -> Bool {
        guard let from = lastRecord, !workspace.loosenings(to: next).isEmpty else { return false }
        return await records.confirmed(Hex.text(next.meaning), from).isConfirmed
    }

    /// Whether a person has let through what waits. Of two instances that ask at once the first takes it.
    private func isConfirmed() async -> Bool {
        guard let asked = waiting else { return false }
        let (isConfirmed, last) = await records.confirmed(asked.contents, asked.from)
        guard let still = waiting, still.contents == asked.contents else { return false }
        if !isConfirmed { waiting = Waiting(contents: still.contents, from: max(still.from, last)) }
        return isConfirmed
    }

    /// Brings a reading of the files into force, without what only a person may let through.
    private func putIntoForce(_ read: Workspace, isAsked: Bool, isMeant: Bool) async {
        let (before, contents) = (waiting, Hex.text(read.meaning))
        let losses = isMeant ? [] : workspace.loosenings(to: read)
        let next = workspace.taking(read, keeping: losses)
        let held = losses.compactMap(\.gonePolicy)
        let needsRestart = next.fixedDifferences(from: read)
        waiting = nil
        do throws(MendflowFailure) {
            let number = try await records.write(
                Reload(
                    workspace: next, why: isMeant ? .confirmed : isAsked ? .asked : .changed, held: held,
                    waiting: losses.map(\.recorded), contents: contents, needsRestart: needsRestart,
                    changesPolicies: !next.hasSamePolicies(as: workspace), lowered: lowered(next)))
            if !losses.isEmpty { waiting = Waiting(contents: contents, from: number) }
            lastRecord = number
        } catch {
            // Tried again at the next tick.
            (self.contents, waiting) = ([], before)
            return say(.error, "policies.kept", "the change is not in force, for it cannot be recorded: \(error)")
        }
        let replaced = workspace
        workspace = next
        generation += 1
        setLevel(next.configuration.logLevel)
        tell(next, losses, needsRestart)
        tellModes(replaced, next)
        tellInstances(replaced, next)
    }

    private func tellModes(_ before: Workspace, _ next: Workspace) {
        let (old, new) = (before.modes, next.modes)
        for (name, mode) in new.sorted(by: { $0.key < $1.key }) {
            guard let former = old[name], former != mode else { continue }
            let words = mode < former ? "nothing more is sent, and what was sent is followed to its end" : "it may act"
            say(.warning, "mode.changed", "'\(name)' is in \(mode.rawValue) now: \(words)")
        }
    }

    private func tellInstances(_ before: Workspace, _ next: Workspace) {
        guard before.configuration.instancesFrom != nil,
            before.configuration.instances != next.configuration.instances
        else { return }
        func named(_ all: Workspace) -> [String: Configuration.Instance] {
            Dictionary(all.configuration.instances.map { ($0.name, $0.ofLoop) }) { first, _ in first }
        }
        let (old, new) = (named(before), named(next))
        for name in new.keys.sorted() where old[name] == nil { say(.info, "instance.added", "'\(name)' is there") }
        for name in new.keys.sorted() where old[name].map({ $0 != new[name] }) ?? false {
            say(.info, "instance.changed", "'\(name)' changed: its loop begins anew")
        }
        for name in old.keys.sorted() where new[name] == nil {
            say(.warning, "instance.removed", "'\(name)' is gone: nothing is looked at or done there any more")
        }
        changer.yield()
    }

    private func tell(_ next: Workspace, _ losses: [Loosening], _ needsRestart: [RestartSetting]) {
        let enforced = next.policies.filter { $0.mode == .enforce }.map(\.name)
        say(
            .info, "policies.reloaded",
            "\(next.policies.count.words("policy is", "policies are")) in force, \(losses.count { $0.gonePolicy != nil }) of them held; in mode enforce: "
                + (enforced.isEmpty ? "none" : enforced.joined(separator: ", ")))
        for loss in losses {
            say(
                .error, loss.gonePolicy == nil ? "reload.waits" : "policy.lost",
                "\(loss.words); \(loss.meanwhile); `mendflow reload --confirm` lets it go")
        }
        for what in needsRestart {
            let then =
                what == .ledger
                ? "\(LedgerChange.danger): \(LedgerChange.remedy)" : "it needs a restart"
            say(.warning, "restart.needed", "\(what) in \(next.path) changed; \(then)")
        }
    }

    /// Reads everything anew; where that cannot be used, what is to be said of it.
    private func load(_ workspace: Workspace) -> (workspace: Workspace?, said: [String]) {
        do throws(MendflowFailure) {
            let loaded = try Workspace.load(
                path: workspace.path, environment: workspace.environment)
            if let good = loaded.workspace { return (good, []) }
            let errors = loaded.report.findings.filter { $0.severity == .error }
            return (
                nil,
                errors.map { error in
                    let meant = error.suggestion.map { "; did you mean \($0.inBackticks)?" } ?? ""
                    return "\(PolicyWatch.place(of: error)): \(error.message)\(meant) [\(error.id)]"
                }
            )
        } catch { return (nil, [error.message]) }
    }

    /// Where something is wrong; what is wrong with a whole file or folder stands in no line.
    private static func place(of finding: Finding) -> String {
        guard let line = finding.line else { return finding.file }
        return "\(finding.file):\(line):\(finding.column ?? 1)"
    }

    private func say(_ level: AgentEvent.Level, _ name: String, _ message: String) {
        log.emit(AgentEvent(at: clock.now(), level, name, message))
    }
}
