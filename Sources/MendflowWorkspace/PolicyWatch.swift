package import MendflowCore
import MendflowPolicy
import MendflowYAML
import Synchronization

/// Reads configuration and policies anew when their files change, and at SIGHUP.
///
/// - A change comes into force once the files are whole (`FileSettling`), or at SIGHUP, which says that they are.
/// - A change with errors is refused as a whole: what was in force stays, and the log says why.
/// - A policy whose *file* is gone is not dropped: it goes on owning what it matches and holds it, so that no lower
///   policy jumps in because a file was lost. SIGHUP or a restart takes the loss as meant.
/// - Nothing comes into force that could not be put on record first.
/// - Modes, instances, ledger and times need a restart: of a configuration only its policies, protections, limits, tags
///   and error classes are taken.
package actor PolicyWatch {
    private var workspace: Workspace
    /// What was read last, good or bad.
    private var contents: [UInt8]
    private var settling = FileSettling()
    private var generation = 0
    /// The newest generation that an operator asked for.
    private var askedGeneration = 0
    /// The generation that each instance's agent has.
    private var taken: [String: Int] = [:]
    private let isAsked = Mutex(false)
    private let clock: any AgentClock
    private let log: any EventSink
    private let record: Record

    /// Puts on record that other policies are in force: the workspace with them, why it was read anew (`changed` or
    /// `asked`), and the names of those that are held because their file is gone.
    package typealias Record =
        @Sendable (Workspace, _ why: String, _ held: [String]) async throws(MendflowFailure) -> Void

    /// What came into force for an instance.
    package struct Fresh: Sendable {
        /// Its policies, with everything else that decisions depend on.
        package var policies: PolicySet
        /// How far back ended executions are looked at.
        package var lookBack: Period
        /// Whether an operator asked for it.
        package var isAsked: Bool
    }

    /// Watches the files of what is in force now.
    package init(_ workspace: Workspace, log: any EventSink, record: @escaping Record) {
        clock = workspace.clock
        self.log = log
        self.record = record
        self.workspace = workspace
        contents = workspace.contents
    }

    /// What is in force now.
    package var current: Workspace { workspace }

    /// Reads everything anew at the next tick, whether files changed or not.
    package nonisolated func ask() { isAsked.withLock { $0 = true } }

    /// An instance has a new agent, which has only what was in force at the start of the program.
    package func renew(_ name: String) { taken[name] = -1 }

    /// What an instance's agent does not have yet; nil where nothing changed.
    package func fresh(for name: String) async -> Fresh? {
        await look()
        let had = taken[name, default: 0]
        guard had != generation,
            let instance = workspace.configuration.instances.first(where: { $0.name == name })
        else { return nil }
        taken[name] = generation
        return Fresh(
            policies: workspace.policySet(instance), lookBack: workspace.lookBack, isAsked: had < askedGeneration)
    }

    /// What is in force for an instance, whether its agent has it or not; nil where there is no such instance.
    package func present(for name: String) -> Fresh? {
        workspace.configuration.instances.first { $0.name == name }.map {
            Fresh(policies: workspace.policySet($0), lookBack: workspace.lookBack, isAsked: false)
        }
    }

    private func look() async {
        let isAsked = self.isAsked.withLock { asked in
            defer { asked = false }
            return asked
        }
        let found = workspace.contents
        guard isAsked || found != contents else { return settling.forget() }
        guard
            isAsked
                || settling.isWhole(found, writtenAt: workspace.writtenAt, now: clock.now(), clock.monotonic())
        else { return }
        let loaded = load(workspace)
        // Written again between the two readings: the next look sees what became of it.
        guard isAsked || workspace.contents == found else { return }
        // Before anything is waited for: the agent of another instance may look meanwhile.
        contents = found
        for message in loaded.said { say(.error, "policies.kept", "\(message); what was in force stays") }
        guard let read = loaded.workspace else { return }
        let (next, held) = workspace.taking(read, holdsLost: !isAsked)
        do throws(MendflowFailure) {
            try await record(next, isAsked ? "asked" : "changed", held)
        } catch {
            // Tried again at the next tick.
            contents = []
            return say(.error, "policies.kept", "the change is not in force, for it cannot be recorded: \(error)")
        }
        workspace = next
        generation += 1
        if isAsked { askedGeneration = generation }
        let enforced = next.policies.filter { $0.mode == .enforce }.map(\.name)
        say(
            .info, "policies.reloaded",
            "\(next.policies.count) policies are in force, \(held.count) of them held; in mode enforce: "
                + (enforced.isEmpty ? "none" : enforced.joined(separator: ", ")))
        for name in held {
            say(
                .error, "policy.lost",
                "the file of policy '\(name)' is gone: what it matches is held; SIGHUP or a restart drops the policy")
        }
        for what in workspace.fixedDifferences(from: read) {
            say(.warning, "restart.needed", "\(what) in \(next.path) changed; it needs a restart")
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
                errors.map { "\($0.file):\($0.line ?? 0):\($0.column ?? 0): \($0.message) [\($0.id)]" }
            )
        } catch { return (nil, [error.message]) }
    }

    private func say(_ level: AgentEvent.Level, _ name: String, _ message: String) {
        log.emit(AgentEvent(at: clock.now(), level, name, message))
    }
}

extension Workspace {
    /// This workspace with what may change in a running agent taken from another one, and the names of the policies
    /// that are held because their file is gone.
    func taking(_ read: Workspace, holdsLost: Bool) -> (workspace: Workspace, held: [String]) {
        var configuration = configuration
        configuration.policies = read.configuration.policies
        configuration.protections = read.configuration.protections
        configuration.classifier = read.configuration.classifier
        for index in configuration.instances.indices {
            let name = configuration.instances[index].name
            guard let new = read.configuration.instances.first(where: { $0.name == name }) else { continue }
            configuration.instances[index].tags = new.tags
            configuration.instances[index].protections = new.protections
            configuration.instances[index].limits = new.limits
        }
        let names = Set(read.policies.flatMap { [$0.name, $0.renamedFrom ?? $0.name] })
        let lost = policies.filter {
            holdsLost && !read.policyFiles.contains($0.place.file) && !names.contains($0.name)
        }
        let workspace = Workspace(
            configuration: configuration, path: path, policies: read.policies + lost.map(\.orphaned),
            findings: read.findings, policyFiles: read.policyFiles, environment: environment)
        return (workspace, lost.map(\.name))
    }

    /// What differs and is not taken.
    func fixedDifferences(from other: Workspace) -> [String] {
        let (one, two) = (configuration, other.configuration)
        var found: [String] = []
        if one.mode != two.mode { found.append("`mode`") }
        if one.ledger != two.ledger { found.append("`ledger`") }
        if one.pollInterval != two.pollInterval { found.append("`poll_interval`") }
        if one.lookBack != two.lookBack { found.append("`look_back`") }
        if one.logLevel != two.logLevel || one.logsJSON != two.logsJSON { found.append("`log`") }
        func fixed(_ instances: [Configuration.Instance]) -> [Configuration.Instance] {
            instances.map { instance in
                var instance = instance
                instance.tags = [:]
                instance.protections = []
                instance.limits = InstanceLimits()
                return instance
            }
        }
        if fixed(one.instances) != fixed(two.instances) { found.append("`instances`") }
        return found
    }
}
