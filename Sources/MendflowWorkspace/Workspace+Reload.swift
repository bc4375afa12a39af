package import MendflowCore
package import MendflowLedger
package import MendflowPolicy
import MendflowText
import MendflowYAML

/// What came into force because files changed, for the record.
package struct Reload: Sendable {
    /// What is in force now.
    package var workspace: Workspace
    /// Why it was read anew.
    package var why: FilesReloaded.Reason
    /// Policies that no file has any more and that hold what they match.
    package var held: [String]
    /// What only a person may let through.
    package var waiting: [ReloadLoss]
    /// What the files say, as text: a word of a person is about that.
    package var contents: String
    /// What the files say otherwise and only a restart takes in.
    package var needsRestart: [RestartSetting]
    /// Whether other policies are in force than before, or the same otherwise.
    package var changesPolicies: Bool
    /// Instances on which nothing is sent any more, whatever the command line said: their mode was lowered.
    package var lowered: Set<String>

    /// Makes one.
    package init(
        workspace: Workspace, why: FilesReloaded.Reason, held: [String], waiting: [ReloadLoss], contents: String,
        needsRestart: [RestartSetting] = [], changesPolicies: Bool = true, lowered: Set<String> = []
    ) {
        self.workspace = workspace
        self.why = why
        self.held = held
        self.waiting = waiting
        self.contents = contents
        self.needsRestart = needsRestart
        self.changesPolicies = changesPolicies
        self.lowered = lowered
    }

    /// How far the agent may go on an instance now, where `asked` was said on the command line.
    package func mode(_ instance: Configuration.Instance, asked: Mode?) -> Mode {
        workspace.mode(instance, asked: lowered.contains(instance.name) ? nil : asked)
    }
}

/// Where reloads are put on record, and where a person's word about one is found.
package struct ReloadRecords: Sendable {
    /// Puts on record that something else is in force, and answers the number of the record.
    package var write: @Sendable (Reload) async throws(MendflowFailure) -> Int64
    /// Whether a person has let a reading of the files through, behind a record; and up to which record that was looked for.
    package var confirmed: @Sendable (_ contents: String, _ after: Int64) async -> (isConfirmed: Bool, upTo: Int64)

    /// Makes one.
    package init(
        write: @escaping @Sendable (Reload) async throws(MendflowFailure) -> Int64,
        confirmed: @escaping @Sendable (_ contents: String, _ after: Int64) async -> (isConfirmed: Bool, upTo: Int64)
    ) {
        self.write = write
        self.confirmed = confirmed
    }
}

extension Workspace {
    /// This workspace with what may change in a running agent taken from another one, but for what is to be kept.
    func taking(_ read: Workspace, keeping losses: [Loosening]) -> Workspace {
        var configuration = configuration
        configuration.policies = read.configuration.policies
        configuration.protections = read.configuration.protections
        configuration.classifier = read.configuration.classifier
        configuration.logLevel = read.configuration.logLevel
        configuration.mode = min(configuration.mode, read.configuration.mode)
        if takesInstances(of: read) { configuration.instances = read.configuration.instances }
        for index in configuration.instances.indices {
            let name = configuration.instances[index].name
            guard let new = read.configuration.instances.first(where: { $0.name == name }) else { continue }
            configuration.instances[index].tags = new.tags
            configuration.instances[index].protections = new.protections
            configuration.instances[index].limits = new.limits
            // A loop that runs goes on looking, also where its instance is to be left alone altogether.
            let own = configuration.instances[index].mode
            let lowered = own == .off ? .off : max(.dryRun, min(own, new.mode))
            if !takesInstances(of: read) { configuration.instances[index].mode = lowered }
        }
        var policies = read.policies
        for loss in losses { keep(loss, &configuration, &policies) }
        return Workspace(
            configuration: configuration, path: path, policies: policies, findings: read.findings,
            leftOut: read.leftOut, policyFiles: read.policyFiles, meaning: read.meaning,
            // Where something of before is kept, neither file is what is gone by.
            terms: losses.isEmpty ? read.terms : terms, environment: environment)
    }

    private func keep(_ loss: Loosening, _ configuration: inout Configuration, _ policies: inout [Policy]) {
        switch loss.subject {
        case .gone(let name): policies += self.policies.filter { $0.name == name }.map(\.orphaned)
        case .loosened(let name):
            guard let old = self.policies.first(where: { $0.name == name }),
                let index = policies.firstIndex(where: { $0.name == name || $0.renamedFrom == name })
            else { return }
            policies[index] = old
        case .protection(let protection, nil): configuration.protections.append(protection)
        case .protection(let protection, let instance?):
            guard let index = configuration.instances.firstIndex(where: { $0.name == instance }) else { return }
            configuration.instances[index].protections.append(protection)
        case .limits(let instance):
            guard let index = configuration.instances.firstIndex(where: { $0.name == instance }),
                let old = self.configuration.instances.first(where: { $0.name == instance })
            else { return }
            configuration.instances[index].limits = old.limits
        }
    }

    /// What differs and is not taken.
    func fixedDifferences(from other: Workspace) -> [RestartSetting] {
        RestartSetting.allCases.filter { differs(in: $0, from: other) }
    }

    /// Whether another reading of the files has a setting otherwise, and an agent that runs does not take it in.
    private func differs(in setting: RestartSetting, from other: Workspace) -> Bool {
        let (one, two) = (configuration, other.configuration)
        return switch setting {
        case .mode: one.mode != two.mode
        case .ledger: one.ledger != two.ledger
        case .pollInterval: one.pollInterval != two.pollInterval
        case .lookBack: one.lookBack != two.lookBack
        case .sweepInterval: one.sweepInterval != two.sweepInterval
        case .settling: one.settling != two.settling
        case .requestGrace: one.requestGrace != two.requestGrace
        case .gapBudget: one.gapBudget != two.gapBudget
        case .incidents: one.incidents != two.incidents
        case .cluster: one.cluster != two.cluster
        case .service: one.service != two.service
        case .logFormat: one.logsJSON != two.logsJSON
        case .notify: one.channels != two.channels
        case .instancesFrom: one.instancesFrom != two.instancesFrom
        case .instances: !takesInstances(of: other) && one.instances.map(\.fixed) != two.instances.map(\.fixed)
        }
    }

    /// The same files, read anew; where that cannot be used, what is to be said of it.
    func readAnew() -> (workspace: Workspace?, said: [String]) {
        do throws(MendflowFailure) {
            let loaded = try Workspace.load(path: path, environment: environment)
            if let good = loaded.workspace { return (good, []) }
            let errors = loaded.report.findings.filter { $0.severity == .error }
            return (
                nil,
                errors.map { error in
                    let meant = error.suggestion.map { "; did you mean \($0.inBackticks)?" } ?? ""
                    return "\(Workspace.place(of: error)): \(error.message)\(meant) [\(error.id)]"
                }
            )
        } catch { return (nil, [error.message]) }
    }

    /// Where something is wrong; what is wrong with a whole file or folder stands in no line.
    private static func place(of finding: Finding) -> String {
        guard let line = finding.line else { return finding.file }
        return "\(finding.file):\(line):\(finding.column ?? 1)"
    }

    /// Whether instances come and go while an agent runs: where they stand in files of their own.
    private func takesInstances(of read: Workspace) -> Bool {
        configuration.instancesFrom != nil && configuration.instancesFrom == read.configuration.instancesFrom
    }
}

extension Configuration.Instance {
    /// It without what an agent takes in at its next tick.
    fileprivate var fixed: Configuration.Instance {
        var instance = self
        (instance.tags, instance.protections, instance.limits) = ([:], [], InstanceLimits())
        return instance
    }

    /// It without what a loop that runs takes in.
    package var ofLoop: Configuration.Instance {
        var instance = fixed
        // Where its token stands is looked up whenever a hint comes.
        instance.hints = hints.map { _ in .environment("") }
        return instance
    }
}
