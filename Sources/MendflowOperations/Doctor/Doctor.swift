import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowPolicy
public import MendflowWorkspace

/// `doctor`: everything that can be known of an instance without changing anything, each thing with what it means.
public struct Doctor: Sendable {
    /// How much a thing matters.
    public enum Level: String, Sendable, CaseIterable, Comparable {
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

    /// What a check is about.
    public enum Topic: String, Sendable, CaseIterable {
        /// The server itself, and what its API can do.
        case server
        /// The API key and its scopes.
        case key
        /// n8n's clock beside ours.
        case clock
        /// The ledger, and the agent that writes it.
        case ledger
        /// The agents that share the ledger.
        case agents
        /// What a poll reaches.
        case coverage
        /// The data of executions.
        case data
        /// The workflows that the key sees.
        case workflows
        /// Annotation tags.
        case tags
        /// Files of ours that others may read.
        case files
        /// A policy, or a protection.
        case policy
        /// What the agent answers over HTTP.
        case service
        /// A way to tell people.
        case notify
    }

    /// One thing that was looked at.
    public struct Check: Sendable {
        /// What it is about.
        public var topic: Topic
        /// How much it matters.
        public var level: Level
        /// What is so, and what it means.
        public var message: String
        /// For policies: what the server cannot do for which of them, and where it stands.
        public var remark: ServerRemark?

        /// Makes one.
        public init(_ topic: Topic, _ level: Level, _ message: String, remark: ServerRemark? = nil) {
            self.topic = topic
            self.level = level
            self.message = message
            self.remark = remark
        }
    }

    /// The instances, in the order of the configuration.
    public var instances: [InstanceDiagnosis]
    /// What concerns an agent whichever instance it looks at.
    public var agent: [Check] = []
    /// Whether all of them answer.
    public var isReachable: Bool { instances.allSatisfy(\.isReachable) }
    /// Whether nothing is wrong anywhere.
    public var isWell: Bool { instances.allSatisfy(\.isWell) && !agent.contains { $0.level == .wrong } }

    /// Makes one.
    public init(instances: [InstanceDiagnosis]) { self.instances = instances }

    /// Looks at every instance, or at one; nothing is written anywhere.
    public static func look(_ workspace: Workspace, instance name: String?) async throws(MendflowFailure) -> Doctor {
        if let name { _ = try workspace.instance(name) }
        let fault = await ledgerFault(workspace)
        var all: [InstanceDiagnosis] = []
        for instance in workspace.configuration.instances where name.map({ $0 == instance.name }) ?? true {
            all.append(await DoctorRound(workspace: workspace, instance: instance, ledgerFault: fault).diagnosis())
        }
        var doctor = Doctor(instances: all)
        // What keeps the ledger from being read is each round's to tell.
        let ledger = try? await workspace.readLedger(LedgerScope(instances: []))
        doctor.agent = DoctorChecks.agent(workspace, ledger ?? nil, try? await FilesStanding.read(workspace))
        if let weakness = try? await workspace.environment.ledgers.keeper(of: workspace.ledgerPath)?.weakness() {
            doctor.agent.append(.init(.ledger, .wrong, "\(weakness); an agent that starts refuses it as it is"))
        }
        // What keeps it from being read is each round's to tell.
        if let fleet = try? await FleetFinding.read(workspace) {
            let led = workspace.configuration.instances.filter { workspace.mode($0, asked: nil) != .off }
            doctor.agent += DoctorChecks.fleet(
                fleet, leading: led.map(\.name), lease: workspace.configuration.cluster.lease)
        }
        return doctor
    }

    /// What an agent that starts would find wrong in the ledger. One that cannot be read at all is each round's to tell.
    private static func ledgerFault(_ workspace: Workspace) async -> AuditFault? {
        let found = try? await workspace.environment.ledgers.open(workspace.ledgerPath, .read).verify(expecting: nil)
        return found?.fault
    }
}
