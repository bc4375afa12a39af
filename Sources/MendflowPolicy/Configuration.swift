public import MendflowCore
public import MendflowText
public import MendflowYAML

/// What `mendflow.yaml` says (semantics 48). Paths are as written: relative to the file.
public struct Configuration: Sendable, Hashable {
    /// Where a secret stands; never the secret itself.
    public enum Secret: Sendable, Hashable {
        /// A variable of the environment.
        case environment(String)
        /// A file.
        case file(String)
    }
    /// One n8n.
    public struct Instance: Sendable, Hashable {
        /// Part of every key and record; never renamed.
        public var name: String
        /// Its URL, without `/api/v1`.
        public var url: ServerURL
        /// Where its API key stands.
        public var key: Secret
        /// How far the agent may go here; it can only lower the agent's mode.
        public var mode: Mode
        /// The API's path below the URL.
        public var apiPath: String
        /// Further header fields, for proxies, in the order of the file.
        public var headers: [Header]
        /// A file with certificates of a private authority, trusted beside the machine's own.
        public var caFile: String?
        /// Whether the proxies that the environment names are used.
        public var usesProxy: Bool
        /// Ids of annotation tags by name.
        public var tags: [String: String]
        /// What no policy may act on here.
        public var protections: [Protection]
        /// Ceilings on all policies together; a policy that asks for more is an error.
        public var limits: InstanceLimits
        /// Where the token stands that n8n's hints come with; nil where none are taken in.
        public var hints: Secret?

        /// Its URL as text, as it is shown and put on record.
        public var address: String { url.description }
    }
    /// A header field whose value is a secret.
    public struct Header: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Where its value stands.
        public var value: Secret
    }
    /// What the agent answers over HTTP.
    public struct Service: Sendable, Hashable {
        /// Where it listens.
        public var listen: ListenAddress
        /// Where the token stands that lets others in; nil where only this machine may look, and nobody change anything.
        public var token: Secret?
        /// Names under which it may be asked, beside addresses and those of this machine.
        public var hosts: [String]
        /// The address under which people reach it, without a slash at its end; nil where messages have no links to it.
        public var url: String?
    }
    /// How several agents share a ledger.
    public struct Cluster: Sendable, Hashable {
        /// What the agent is called among them; nil for what the machine calls itself.
        public var name: String?
        /// How long a lease lasts; 2 seconds to 6 minutes. Who does not prolong it by then leads no more.
        public var lease = Period.seconds(6)
        /// How long it must last still where something is sent: less than half of it.
        public var sendWithin = Period.seconds(2)
    }
    /// The agent's mode: a ceiling.
    public var mode: Mode = .dryRun
    /// Files and folders of policies.
    public var policies: [String] = ["policies/"]
    /// The ledger's file, or its address.
    public var ledger = "mendflow.sqlite"
    /// Where the password of a ledger on PostgreSQL stands; nil for what PostgreSQL's own variables and files say.
    public var ledgerPassword: Secret?
    /// Time between two ticks, and how far back ended executions are looked at.
    public var pollInterval = Period.seconds(30), lookBack = Period.hours(48)
    /// Time between two deep sweeps, which read all failed executions of the look-back; 1 minute to 1 day.
    public var sweepInterval = Period.minutes(10)
    /// How long a run that was seen to crash is left alone; up to 1 hour.
    public var settling = Period.minutes(5)
    /// How long something in front of n8n may hold a request that was lost, and pass it on after all; 1 minute to 1 day.
    public var requestGrace = Period.minutes(15)
    /// How many ids that no list shows are asked for one by one in a tick (semantics 23); 0 to 1000.
    public var gapBudget = 50
    /// When failures belong together; nil where nobody looks for that.
    public var incidents: IncidentRules?
    /// What no policy may act on, anywhere.
    public var protections: [Protection] = []
    /// Knows errors by the user's rules, then by the built-in ones that are not switched off.
    public var classifier = ErrorClassifier(rules: [])
    /// The instances; at least one.
    public var instances: [Instance] = []
    /// The folder of those that have a file each; nil where there is none.
    public var instancesFrom: String?
    /// What is answered over HTTP; nil where nothing listens.
    public var service: Service?
    /// Who is told of what needs a person.
    public var channels: [Channel] = []
    /// How several agents share a ledger; counts where the ledger is one that can be shared.
    public var cluster = Cluster()
    /// The least level of log lines, and whether they are JSON instead of logfmt.
    public var logLevel = AgentEvent.Level.info, logsJSON = false
}

/// A configuration, and what is wrong with it.
public struct LoadedConfiguration: Sendable {
    /// Nil where there are errors.
    public var configuration: Configuration?
    /// What could be read, also where there are errors; nil where nobody can tell which ledger is meant.
    public var legible: Configuration?
    /// It without the instances whose files have errors; nil where something else is wrong, or none is left.
    public var partial: Configuration?
    /// Where the entries of `policies` stand.
    public var policyPlaces: [SourceRange]
    /// What it says about what is done, without what a machine needs for itself.
    public var meaning: JSONValue
    /// The problems, by place.
    public var findings: [Finding]
}

/// Compiles the built-in error rules, for whoever has no configuration.
public enum BuiltInRules {
    /// A classifier that knows them, behind the rules of a user and but for those that are switched off.
    public static func classifier(
        behind users: [ErrorRule] = [], off: Set<String> = []
    ) throws(RegularExpressionError) -> ErrorClassifier {
        let all = try all.get()
        guard !users.isEmpty || !off.isEmpty else { return all }
        return ErrorClassifier(rules: users + all.rules.filter { !off.contains($0.id) })
    }

    /// Compiled once: a configuration is read again whenever it changes.
    private static let all = Result { () throws(RegularExpressionError) in
        ErrorClassifier(
            rules: try ErrorRuleTable.rules { (source) throws(RegularExpressionError) -> any TextPattern in
                try RegularExpression(source, caseSensitive: false)
            })
    }
}
