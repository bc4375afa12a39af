internal import MendflowCore

/// Every key of `mendflow.yaml`, map by map, in the order in which they are told.
enum ConfigurationKeys {
    private static let defaults = Configuration()
    private static let text = SchemaNode.type("string")
    private static let protections = ConfigurationKey.Form.other(
        "a list of conditions, which may be empty", .listOrEmpty(of: .ref("condition")))

    static let pollInterval = ConfigurationKey(
        "poll_interval", .length(atLeast: .seconds(1), atMost: nil), .value(defaults.pollInterval.description),
        "The time from one look at n8n to the next.")
    static let lookBack = ConfigurationKey(
        "look_back", .length(atLeast: .minutes(10), atMost: nil), .value(defaults.lookBack.description),
        "How far back ended runs are looked at. Policies that need more raise it by themselves, up to \(Policy.longestReach)."
    )
    static let sweepInterval = ConfigurationKey(
        "sweep_interval", .length(atLeast: .minutes(1), atMost: .days(1)), .value(defaults.sweepInterval.description),
        "The time between two readings of all failed runs of the look-back: how late a failure is seen that was missed."
    )
    static let settling = ConfigurationKey(
        "settling", .length(atLeast: .seconds(1), atMost: .hours(1)), .value(defaults.settling.description),
        "How long a run that was seen to crash is left alone, since n8n may still give it another end.")
    static let requestGrace = ConfigurationKey(
        "request_grace", .length(atLeast: .minutes(1), atMost: .days(1)), .value(defaults.requestGrace.description),
        "How long a proxy in front of n8n may hold a request and pass it on after all. Only later may a retry whose answer "
            + "was lost be proven not to have run.")
    static let gapBudget = ConfigurationKey(
        "gap_budget", .whole(0...1000), .value("\(defaults.gapBudget)"),
        "How many ids that no list shows are asked for one by one at a look, where somebody needs to know of them.")

    /// The file's own.
    static let top = [
        ConfigurationKey(
            "mode", .words(ConfigurationLoader.Ceiling.allCases.map(\.rawValue)), .value(defaults.mode.rawValue),
            "How far the agent goes at most. A policy acts where its own mode, the instance's and this one are `enforce`."
        ),
        ConfigurationKey(
            "policies", .other("a path, or a list of them", .oneOrMore(text)),
            .value("[\(defaults.policies.joined(separator: ", "))]"),
            "Policy files, and folders whose `*.yaml` and `*.yml` are read."),
        ConfigurationKey(
            "ledger", .other("a path, or an address of PostgreSQL", text), .value(defaults.ledger),
            "The file that remembers what was decided and sent, or `postgres://user@host/database`, which several agents can "
                + "share. Without it nobody knows what was done already."),
        ConfigurationKey(
            "ledger_password", .other("where it stands", .ref("secret")),
            .words("`PGPASSWORD`, or PostgreSQL's file of passwords"), "The password of a ledger on PostgreSQL."),
        pollInterval, lookBack, sweepInterval, settling, requestGrace, gapBudget,
        ConfigurationKey(
            "protect", protections, .words("nothing is protected"), "What no policy may act on, on any instance."),
        ConfigurationKey(
            "error_classes", .other("a list of rules, which may be empty", .listOrEmpty(of: .ref("rule"))),
            .words("the built-in rules"),
            "Rules of your own for what an error is, which are asked before the built-in ones, and switches of those."),
        ConfigurationKey(
            "incidents", .other("a map", ConfigurationKey.map(incidents)), .words("nobody looks for incidents"),
            "When failures belong together: they are told as one incident, however many runs they hit."),
        ConfigurationKey(
            "instances", .other("a list", .list(of: .ref("instance"))), .words("required, unless `instances_from`"),
            "The n8n servers; no two with one name or one `url`."),
        ConfigurationKey(
            "instances_from", .other("a path", text), .words("none"),
            "A folder whose `*.yaml` and `*.yml` hold one n8n server each, with the keys of an entry of `instances`; paths in "
                + "them are relative to `mendflow.yaml` all the same."),
        ConfigurationKey(
            "log", .other("a map", ConfigurationKey.map(log)), .words("as below"), "How `run` writes its log."),
        ConfigurationKey(
            "service", .other("a map", ConfigurationKey.map(service)), .words("nothing listens"),
            "What `run` answers over HTTP."),
        notify,
        ConfigurationKey(
            "cluster", .other("a map", ConfigurationKey.map(cluster)), .words("as below"),
            "How several agents share a ledger on PostgreSQL; with a ledger in a file there is one agent."),
    ]

    static let lease = ConfigurationKey(
        "lease", .length(atLeast: .seconds(2), atMost: .minutes(6)), .value(defaults.cluster.lease.description),
        "How long an agent that is not heard of leads an instance still; then another takes over. More than twice `send_within`; "
            + "three times that where it is not written and 6s are not enough.")
    static let sendWithin = ConfigurationKey(
        "send_within", .length(atLeast: .milliseconds(500), atMost: .minutes(2)),
        .value(defaults.cluster.sendWithin.description),
        "How long before its lease ends an agent sends nothing more; a third of a shorter lease where it is not written."
    )
    /// `cluster`.
    static let cluster = [
        name(
            "What this agent is called among them; each start adds a part of its own.",
            absent: .words("the machine's name")),
        lease, sendWithin,
    ]

    static let log = [
        ConfigurationKey(
            "level", .words(AgentEvent.Level.allCases.map(\.rawValue)), .value(defaults.logLevel.rawValue),
            "The least weight of a line that is written."),
        ConfigurationKey(
            "format", .words(ConfigurationLoader.LogShape.allCases.map(\.rawValue)),
            .value(defaults.logsJSON ? "json" : "logfmt"), "How a line is written."),
    ]

    static let atLeast = ConfigurationKey(
        "at_least", .whole(2...10_000), .value("\(IncidentRules().atLeast)"),
        "How many first runs have to fail for an incident. Retries do not count.")
    static let within = ConfigurationKey(
        "within", .length(atLeast: .minutes(1), atMost: .days(1)), .value(IncidentRules().within.description),
        "The time within which they have to fail.")
    static let overAfter = ConfigurationKey(
        "over_after", .length(atLeast: .minutes(1), atMost: .days(1)), .value(IncidentRules().overAfter.description),
        "How long no such run must have failed until it is over; never less than `within`.")
    static let incidents = [
        atLeast, within,
        ConfigurationKey(
            "by",
            .other(
                "one or a list of `class`, `node_type`, `host`",
                .oneOrMore(.words(IncidentRules.Trait.allCases.map(\.rawValue)))),
            .value("[\(IncidentRules.Trait.allCases.map(\.rawValue).joined(separator: ", "))]"),
            "What they have in common: the error's class, the type of the failed node, the host of the failed request. "
                + "All crashes belong together."),
        overAfter,
        ConfigurationKey(
            "hold", .flag, .value("\(IncidentRules().holds)"),
            "Whether retries of what belongs to an incident are held until one of them, sent first, has healed."),
        probeAfter,
        ConfigurationKey(
            "pace", .other("a map of `amount` and `per`", ConfigurationKey.map(incidentPace)),
            .value("{amount: \(IncidentPace().amount), per: \(IncidentPace().per)}"),
            "With `hold`: how many are let go in which time once the first has healed."),
    ]

    static let probeAfter = ConfigurationKey(
        "probe_after", .length(atLeast: .seconds(10), atMost: .hours(6)),
        .value(IncidentRules().probeAfter.description),
        "With `hold`: how long after an incident opened, or a first retry failed, the next is sent; doubled with each, "
            + "up to an hour."
    )
    static let paceAmount = ConfigurationKey(
        "amount", .whole(1...10_000), .required, "How many retries are let go.")
    static let pacePer = ConfigurationKey(
        "per", .length(atLeast: .seconds(1), atMost: .days(1)), .required, "In which time.")
    /// `pace` of `incidents`.
    static let incidentPace = [paceAmount, pacePer]

    /// A name by which the ledger remembers something.
    static func name(_ meaning: String, absent: ConfigurationKey.Absent = .required) -> ConfigurationKey {
        ConfigurationKey(
            "name",
            .other(
                "1 to \(InstanceParser.longestName) of a-z, 0-9, `-`, `_` and `.`",
                .object([
                    ("type", .text("string")), ("pattern", .text("^[a-z0-9._-]+$")),
                    ("maxLength", .number(InstanceParser.longestName)),
                ])), absent, meaning)
    }

    /// An entry of `instances`.
    static let instance = [
        name("A part of every key and record: never rename it."),
        ConfigurationKey(
            "url",
            .other("an address", .pattern("^[Hh][Tt][Tt][Pp][Ss]?://[^@?#]+$", "n8n's address, without /api/v1.")),
            .required, "n8n's address: https:// or http://, a host, perhaps a port and a path, without `/api/v1`."),
        ConfigurationKey(
            "api_key_env", .other("the name of an environment variable", ConfigurationSchema.variable),
            .words("one of the two is required"),
            "The variable that holds the API key. The key itself never stands in the file."),
        ConfigurationKey(
            "api_key_file", .other("a path", text), .words("one of the two is required"),
            "The file that holds the API key."),
        ConfigurationKey(
            "mode", .words(Mode.allCases.map(\.rawValue)), .value(InstanceParser.mode.rawValue),
            "How far the agent goes here; it lowers the agent's mode and never raises it. `off` does not even look."),
        ConfigurationKey(
            "api_path", .other("a path such as api/v1", text), .value(InstanceParser.Connection().apiPath),
            "Where the API is below `url`."),
        ConfigurationKey(
            "headers", .other("a map of names to where the value stands", .mapOf(.ref("secret"))), .words("none"),
            "Further header fields, for proxies."),
        ConfigurationKey(
            "ca_file", .other("a path, or null", .anyOf(text, .type("null"))), .words("the machine's own authorities"),
            "Certificates of a private authority, trusted beside the machine's own."),
        ConfigurationKey(
            "proxy", .words(InstanceParser.Proxy.allCases.map(\.rawValue)), .value(InstanceParser.Proxy.none.rawValue),
            "Whether the proxies are used that the environment names (`https_proxy`, `no_proxy`)."),
        ConfigurationKey(
            "tags", .other("a map of names (1 to \(ActionParser.longestTag) characters) to ids", .mapOf(text)),
            .words("none"),
            "Ids of annotation tags, which the API cannot list. A tag without one is held as `unmapped_tag`."),
        ConfigurationKey("protect", protections, .words("nothing more"), "What no policy may act on here."),
        ConfigurationKey(
            "limits", .other("a map", ConfigurationKey.map(limits)), .words("as below"),
            "Ceilings on all policies together. A policy that asks for more is an error."),
        ConfigurationKey(
            "hints", .other("a map", ConfigurationKey.map(hints)), .words("none are taken in"),
            "What n8n tells by itself is taken in by the `service`, as a reason to look ([hints.md](hints.md))."),
    ]

    static let maxInFlight = ConfigurationKey(
        "max_in_flight", .whole(1...100), .value("\(InstanceLimits().maxInFlight)"),
        "How many retries may be under way at once.")
    /// `limits` of an instance.
    static let limits = [
        maxInFlight,
        ConfigurationKey(
            "max_actions", .other("a cap, or a list of them", .oneOrMore(.ref("ceiling"))),
            .words(InstanceLimits().maxActions.map(\.description).joined(separator: ", ")),
            "How many actions are done; all caps hold."),
    ]
    static let amount = ConfigurationKey("amount", .whole(1...1_000_000), .required, "The most actions.")
    /// An entry of `max_actions` in `limits`.
    static let cap = [
        amount,
        ConfigurationKey(
            "per", .other("`tick`, or a length of time", PolicySchema.per), .required,
            "One look, or any stretch of so long."),
    ]
    /// The value of a header.
    static let secret = [
        ConfigurationKey(
            "env", .other("the name of an environment variable", ConfigurationSchema.variable),
            .words("one of the two is required"), "The variable that holds the value."),
        ConfigurationKey(
            "file", .other("a path", text), .words("one of the two is required"), "The file that holds the value."),
    ]

    /// An entry of `error_classes`.
    static let rule: [ConfigurationKey] = {
        let texts = ConfigurationKey.Form.other("a text or a list, `*` wild", .oneOrMore(text))
        let codes = ConfigurationKey.Form.other(
            "a code or a list", .oneOrMore(.object([("type", .texts(["string", "integer"]))])))
        let any = ConfigurationKey.Absent.words("any")
        return [
            ConfigurationKey("id", .other("text", text), .required, "Its name; with `off`, that of a built-in rule."),
            ConfigurationKey(
                "off", .flag, .value("false"), "`true` switches the built-in rule off; nothing else goes with it."),
            ConfigurationKey(
                "class", .words(ErrorClass.allCases.map(\.rawValue)), .words("required, unless `off`"),
                "What such an error is."),
            ConfigurationKey(
                "status",
                .other("a status or a list", .oneOrMore(.words(FieldCatalogue.statuses))), any,
                "The run's status; no part of the error, so it does not stand alone."),
            ConfigurationKey("cause", .other("text", text), any, "What n8n names as the cause."),
            ConfigurationKey("http_code", codes, any, "The status of the answer; `5xx` for all from 500 to 599."),
            ConfigurationKey("code", codes, any, "A code that the service or the network gave."),
            ConfigurationKey("name", texts, any, "The error's class name, such as NodeApiError."),
            ConfigurationKey("node_type", texts, any, "The failed node's type, such as `*.httpRequest`."),
            ConfigurationKey(
                "matches", .other("a regular expression (RE2)", text), any,
                "What stands in the error's texts; `(?i)` before it for small letters or capitals."),
        ]
    }()
}
