import MendflowAgent
import MendflowCore
import MendflowLedgerSQLite
import MendflowN8N
import MendflowPolicy
import MendflowReview

/// `doctor`: everything that can be known of an instance without changing anything, each thing with what it means.
public struct Doctor: Sendable, Encodable {
    /// How much a thing matters.
    public enum Level: String, Sendable, Encodable, CaseIterable, Comparable {
        /// As it should be.
        case ok
        /// Worth knowing.
        case note
        /// It works, but something is held, unseen or exposed.
        case warning
        /// Something does not work.
        case wrong

        /// Orders by weight.
        public static func < (one: Level, other: Level) -> Bool { one.rank < other.rank }
        private var rank: Int { Level.allCases.firstIndex(of: self) ?? 0 }
    }

    /// One thing that was looked at.
    public struct Check: Sendable, Encodable {
        /// What it is about: `server`, `key`, `clock`, `ledger`, `coverage`, `data`, `workflows`, `tags`, `files` or `policy`.
        public var topic: String
        /// How much it matters.
        public var level: Level
        /// What is so, and what it means.
        public var words: String
        /// For policies: the kind of remark, the policy, its place and the nearest name that exists.
        public var id: String?, policy: String?, place: String?, suggestion: String?

        /// Makes one.
        public init(
            _ topic: String, _ level: Level, _ words: String, id: String? = nil, policy: String? = nil,
            place: String? = nil, suggestion: String? = nil
        ) {
            self.topic = topic
            self.level = level
            self.words = words
            self.id = id
            self.policy = policy
            self.place = place
            self.suggestion = suggestion
        }
    }

    /// One instance.
    public struct Patient: Sendable, Encodable {
        /// Its name and URL.
        public var instance: String, url: String
        /// Whether n8n answers, is n8n and takes the key.
        public var reachable = false
        /// How the API behaves (`a`, `b`, `c`), and what it can do; nil where it was not reached or is not known.
        public var era: String?, capabilities: [String: Bool] = [:]
        /// All that was looked at.
        public var checks: [Check] = []
        /// Whether nothing is wrong.
        public var ok = true

        /// Makes one; what is wrong among the checks decides.
        public init(
            instance: String, url: String, reachable: Bool = false, era: String? = nil,
            capabilities: [String: Bool] = [:], checks: [Check] = []
        ) {
            self.instance = instance
            self.url = url
            self.reachable = reachable
            self.era = era
            self.capabilities = capabilities
            add(checks)
        }

        mutating func add(_ more: [Check]) {
            checks += more
            ok = !checks.contains { $0.level == .wrong }
        }
    }

    /// The instances, in the order of the configuration.
    public var instances: [Patient]
    /// Whether all of them answer.
    public var reachable: Bool { instances.allSatisfy(\.reachable) }
    /// Whether nothing is wrong anywhere.
    public var ok: Bool { instances.allSatisfy(\.ok) }

    /// Makes one.
    public init(instances: [Patient]) { self.instances = instances }

    /// Looks at every instance, or at one; nothing is written anywhere.
    public static func look(_ workspace: Workspace, instance name: String?) async throws(MendflowFailure) -> Doctor {
        if let name { _ = try workspace.instance(name) }
        var all: [Patient] = []
        for instance in workspace.configuration.instances where name.map({ $0 == instance.name }) ?? true {
            all.append(await DoctorRound(workspace: workspace, instance: instance).patient())
        }
        return Doctor(instances: all)
    }
}

/// The look at one instance: what cannot be had is said, and the rest goes on.
private struct DoctorRound {
    let workspace: Workspace
    let instance: Configuration.Instance

    func patient() async -> Doctor.Patient {
        var patient = Doctor.Patient(instance: instance.name, url: instance.url)
        do throws(MendflowFailure) {
            let adapters = try workspace.adapters(instance, clock: SystemClock())
            do throws(ReadFailure) {
                let facts = try await adapters.probe.probe()
                patient.reachable = true
                patient.add(DoctorChecks.server(facts))
            } catch { patient.add([.init("server", .wrong, error.description)]) }
            patient.add(DoctorChecks.files(adapters.warnings, workspace))
            patient.add(try ledger())
            if patient.reachable { try await examine(&patient) }
        } catch {
            patient.add([.init(error.kind == .unreachable ? "server" : "ledger", .wrong, error.message)])
            if error.kind == .unreachable { patient.reachable = false }
        }
        // One topic after the other, whichever was looked at first.
        let order = patient.checks.reduce(into: [String]()) { if !$0.contains($1.topic) { $0.append($1.topic) } }
        patient.checks = order.flatMap { topic in patient.checks.filter { $0.topic == topic } }
        return patient
    }

    /// What a poll shows: one as the agent does it, so that what it says is what the agent meets.
    private func examine(_ patient: inout Doctor.Patient) async throws(MendflowFailure) {
        let seen = try await Preview.look(workspace, instance, nil)
        let (preview, budget) = (seen.preview, workspace.agentConfiguration(instance, mode: seen.mode).gapBudget)
        guard let capabilities = preview.capabilities else { return }
        let set = workspace.policySet(instance)
        patient.era = capabilities.era.rawValue
        patient.capabilities = capabilities.held
        patient.add(DoctorChecks.capabilities(capabilities, budget))
        patient.add(DoctorChecks.scopes(capabilities, set))
        patient.add([DoctorChecks.clock(preview.report.clockOffset)])
        patient.add(DoctorChecks.coverage(preview, budget))
        if let alarm = preview.view.alarm, !patient.checks.contains(where: { $0.words.hasPrefix("epoch alarm") }) {
            patient.add([.init("ledger", .wrong, "epoch alarm, which the agent will raise: \(alarm)")])
        }
        patient.add(DoctorChecks.unreadable(Preview.unreadable(preview.snapshot, seen.reader)))
        patient.add(DoctorChecks.workflows(preview.snapshot.workflows))
        let remarks = ServerRemarks(
            set: set, capabilities: capabilities, workflows: preview.snapshot.workflows.map { Array($0.values) },
            learnedTags: Set(preview.view.learnedTags.keys), gapBudget: budget
        ).all()
        patient.add(remarks.map { DoctorChecks.policy($0, set, seen.mode) })
    }

    private func ledger() throws(MendflowFailure) -> [Doctor.Check] {
        guard let ledger = try workspace.openLedgerReading() else {
            return [.init("ledger", .wrong, "\(workspace.ledgerPath): there is none yet; `mendflow init` makes one")]
        }
        do throws(LedgerFailure) {
            guard let baseline = try ledger.baseline(of: instance.name) else {
                return [
                    .init("ledger", .wrong, "it does not know this instance yet; `mendflow init` writes a baseline")
                ]
            }
            let now = SystemClock().now()
            let view = try ledger.view(of: baseline.instance, since: now - workspace.lookBack, shadow: false)
            var checks = DoctorChecks.ledger(
                baseline, try ledger.tickState(of: baseline.instance), try ledger.head(), view, instance, now,
                workspace.configuration.pollInterval)
            let offset = try ledger.tickState(of: baseline.instance)?.clockOffset ?? .zero
            if let time = try FutureRecords.latest(in: ledger, now: now + max(offset, .zero)) {
                checks.append(DoctorChecks.ahead(time, now))
            }
            for pair in try Twins.pairs(workspace.instanceNames, ledger)
            where [pair.one, pair.other].contains(instance.name) {
                checks.append(.init("ledger", .wrong, Twins.words(pair.one, pair.other)))
            }
            let tagged = try ledger.intents(in: [.applied], instance: baseline.instance)
                .filter { $0.draft.action == .tag && !$0.draft.isShadow }
            checks.append(DoctorChecks.tagged(Set(tagged.map(\.draft.execution)).count))
            return checks
        } catch { throw MendflowFailure(ledger: error) }
    }
}
