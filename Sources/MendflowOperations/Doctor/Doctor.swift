import MendflowPolicy
public import MendflowWorkspace

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

    /// The instances, in the order of the configuration.
    public var instances: [InstanceDiagnosis]
    /// Whether all of them answer.
    public var reachable: Bool { instances.allSatisfy(\.reachable) }
    /// Whether nothing is wrong anywhere.
    public var ok: Bool { instances.allSatisfy(\.ok) }

    /// Makes one.
    public init(instances: [InstanceDiagnosis]) { self.instances = instances }

    /// Looks at every instance, or at one; nothing is written anywhere.
    public static func look(_ workspace: Workspace, instance name: String?) async throws(MendflowFailure) -> Doctor {
        if let name { _ = try workspace.instance(name) }
        var all: [InstanceDiagnosis] = []
        for instance in workspace.configuration.instances where name.map({ $0 == instance.name }) ?? true {
            all.append(await DoctorRound(workspace: workspace, instance: instance).diagnosis())
        }
        return Doctor(instances: all)
    }
}
