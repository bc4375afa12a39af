import MendflowCommandLine
import MendflowCore
import MendflowHost
import MendflowOperations
import MendflowRehearsal

/// How results are printed.
enum OutputFormat: String, Sendable, CaseIterable { case text, json }

/// Whose names a shell may ask for, to complete them.
enum KnownNames: String, Sendable, CaseIterable { case instances, policies }

/// Whose JSON schema is printed.
enum SchemaKind: String, Sendable, CaseIterable { case policies, configuration, instance, tests }

/// What `plan --as` may assume.
enum AssumedMode: String, Sendable, CaseIterable { case enforce }

/// Options that several commands have.
enum Options {
    static let config = OptionKey<String>(
        "config", short: "c", .file(), default: "mendflow.yaml", help: "the configuration", env: "MENDFLOW_CONFIG",
        traits: .inherited)
    static let output = OptionKey<OutputFormat>(
        "output", short: "o", .choice("FORMAT"), default: .text, help: "how results are printed", traits: .inherited)
    static let instance = OptionKey<String?>.optional(
        "instance", short: "i", instanceName, help: "the instance; needed only where there are several")
    static let oneOfAll = OptionKey<String?>.optional(
        "instance", short: "i", instanceName, help: "only this instance; all of them unless told otherwise")
    static let copy = ArgumentKey<String>.required("FILE", .file(), help: "the copy")
    static let source = ArgumentKey<String>.required("FROM", .file(), help: "the ledger: a file, or an address")
    static let target = ArgumentKey<String>.required("TO", .file(), help: "where it goes: a file, or an address")
    static let sealBefore = OptionKey<Period>.required(
        "before", length, help: "what is older than so long: `90d`")
    static let sealFolder = OptionKey<String>.required(
        "to", .directory(), help: "the folder for the files; it is made where it is not there")
    static let sealNow = OptionKey<Bool>.flag("yes", help: "do it; without it, only say what would be done")
    static let segments = OptionKey<String?>.optional(
        "segments", .directory(), help: "the folder with the files that older records were sealed into")
    static let checkCopy = OptionKey<Bool>.flag("check", help: "only say what it would mean")
    static let confirm = OptionKey<Bool>.flag("confirm", help: "let go what the files would lose")
    static let logLevel = OptionKey<AgentEvent.Level?>.optional(
        "log-level", .choice("LEVEL"), help: "what the log tells, whatever the file says: debug, info, warning or error"
    )
    static let check = OptionKey<Bool>.flag(
        "check", help: "exit with 1 unless an agent runs, sees n8n, and does what the files say")
    static let reason = OptionKey<String>.required("reason", words, help: "why; it goes on record")
    static let pauseReason = OptionKey<String?>.optional("reason", words, help: "why; it goes on record")
    static let pauseLength = OptionKey<Period?>.optional(
        "for", length, help: "the pause ends by itself after so long; `resume` ends it earlier")
    static let url = OptionKey<String?>.optional(
        "url", .text("URL"), help: "n8n's address; looked for on this machine unless told otherwise")
    static let ledger = OptionKey<String?>.optional(
        "ledger", .file(), help: "where the ledger is to be; beside the configuration unless told otherwise")
    static let noHistory = OptionKey<Bool>.flag(
        "no-history", help: "do not look at the last week for policies that it speaks for")
    static let keyVariable = OptionKey<String?>.optional(
        "key-env", .text("NAME"), help: "the environment variable that holds the API key")
    static let keyFile = OptionKey<String?>.optional("key-file", .file(), help: "the file that holds the API key")
    static let name = OptionKey<String>("name", .text("NAME"), default: "production", help: "the instance's name")
    static let since = OptionKey<Moment?>.optional(
        "since", Moment.kind, help: "what ended before, or so long ago (2d), is left alone; now unless told otherwise")
    static let forcedResume = OptionKey<Bool>.flag(
        "force", help: "lift also what was paused because the ledger may not know all that was sent")
    static let force = OptionKey<Bool>.flag("force", help: "begin a new epoch though there is no alarm")
    static let assistantHistory = OptionKey<String?>.optional(
        "history", .directory(),
        help: "where the history is that backtests go by; beside mendflow.yaml unless told otherwise")
    static let channel = OptionKey<String?>.optional(
        "channel", .text("NAME"), help: "only this channel of `notify`; needed for `test` where there are several")
    static let noticeEvent = OptionKey<NoticeEvent?>.optional(
        "event", .choice("EVENT"), help: "only this event, whether a channel wants it or not")
    static let server = OptionKey<String?>.optional(
        "instance", short: "i", instanceName, help: "compare with this instance's server as well")
    static let all = OptionKey<Bool>.flag("all", help: "list everything that is not acted on, one by one")
    static let allPolicies = OptionKey<Bool>.flag(
        "all", help: "of every policy what it says today, also where something was done")
    static let moment = OptionKey<Moment?>.optional(
        "at", Moment.kind, help: "what stood then, from the ledger alone: no server is asked")
    static let bundle = OptionKey<Bool>.flag(
        "bundle", help: "as a text to paste into an issue or a chat, without secrets, hosts and addresses")
    static let asMode = OptionKey<AssumedMode?>.optional(
        "as", .choice("MODE"), help: "plan as if agent, instance and policies in dry-run were enforced")
    static let policy = OptionKey<String?>.optional(
        "policy", .name(printedBy: ["names", KnownNames.policies.rawValue]), help: "only what concerns this policy")
    private static let instanceName = ValueKind<String>.name(printedBy: ["names", KnownNames.instances.rawValue])
    static let knownNames = ArgumentKey<KnownNames>.required("KIND", .choice("KIND"), help: "of what")
    static let details = OptionKey<Bool>.flag("explain", help: "say of each action why it is due, and what it would do")
    static let hintsURL = OptionKey<String?>.optional(
        "hints-url", .text("URL"),
        help: "tell the agent's `service` there of runs, as n8n's tracing and error workflows do")
    static let hintsToken = OptionKey<String?>.optional(
        "hints-token-env", .text("NAME"), help: "the variable that holds the token of the instance's `hints`")
    static let serviceURL = OptionKey<String?>.optional(
        "url", .text("URL"), help: "how n8n reaches the agent's `service`; by where it listens unless told otherwise")
    static let errorWorkflow = OptionKey<Bool>.flag("workflow", help: "the error workflow alone, as JSON to import")
    static let showToken = OptionKey<Bool>.flag("show-token", help: "with the token itself, and not a place for it")
    static let ready = OptionKey<Bool>.flag(
        "ready", help: "whether every instance is looked after, not only whether the agent lives")
    static let once = OptionKey<Bool>.flag("once", help: "one tick; waits up to ten minutes for its actions")
    static let dryRun = OptionKey<Bool>.flag("dry-run", help: "send nothing, whatever the files say")
    static let enforce = OptionKey<Bool>.flag("enforce", help: "act, as far as instances and policies allow")
    static let ran = OptionKey<Bool>.flag("ran", help: "the retry did start")
    static let notRun = OptionKey<Bool>.flag("not-run", help: "nothing happened in n8n")
    static let port = OptionKey<Int>("port", .integer("PORT", in: 0...65535), default: 5678, help: "where to listen")
    static let speed = OptionKey<Int>(
        "speed", .integer("N", in: 1...3600), default: 1, help: "how much faster time runs")
    static let era = OptionKey<String>(
        "era", release, default: "C",
        help: "how n8n behaves: A (to 2.29), B (to 2.38), C, D (from 2.45), or a release like 2.35.7")
    static let queueMode = OptionKey<Bool>.flag("queue-mode", help: "workers take the runs from a queue; one worker")
    static let workers = OptionKey<Int?>.optional(
        "workers", .integer("N", in: 1...100), help: "queue mode with so many workers")
    static let slots = OptionKey<Int?>.optional(
        "slots", .integer("N", in: 1...1000), help: "how many jobs a worker takes at a time; 10 unless told otherwise")
    static let concurrency = OptionKey<Int?>.optional(
        "concurrency", .integer("N", in: 1...1000), help: "how many runs go at once without queue mode")
    static let history = OptionKey<[String]>.repeated(
        "history", .file(), help: "recorded executions or workflows: a folder, or files of JSON, plain or gzip")
    static let pastHistory = OptionKey<[String]>.repeated(
        "history", .file(),
        help:
            "what n8n answered: a folder, or files of executions and workflows, plain or gzip; asked of the instance "
            + "unless told otherwise")
    static let from = OptionKey<Moment?>.optional(
        "since", Moment.kind, help: "begin there; at the history's beginning unless told otherwise")
    static let last = OptionKey<Period?>.optional(
        "last", length, help: "so much before the end of the history, or before now where it is fetched")
    static let rate = OptionKey<Int>(
        "rate", .integer("N", in: 1...1000), default: 20, help: "the most requests a second that n8n is asked")
    static let page = OptionKey<String?>.optional("html", .file(), help: "write the report as a page there, too")
    static let matchesOnly = OptionKey<Bool>.flag(
        "matches-only", help: "only count which executions each policy matches, with no guard asked: much faster")
    static let everything = OptionKey<Bool>.flag(
        "all", help: "list every kind of difference, policy, workflow and action")
    static let junit = OptionKey<String?>.optional("junit", .file(), help: "write it there as JUnit's XML, too")
    static let coverage = OptionKey<Bool>.flag(
        "coverage", help: "name the conditions that decided nothing in any scenario")
    static let capture = OptionKey<String?>.optional(
        "capture", executionID, help: "write this execution of an instance as a fixture instead of testing")
    static let fixture = OptionKey<String?>.optional("to", .file(), help: "where the fixture is written")
    static let tests = ArgumentKey<[String]>.repeated(
        "TESTS", .file(),
        help: "files of scenarios, or folders with them; beside the configuration's policies otherwise")
    static let sinceBeginning = OptionKey<Moment?>.optional(
        "since", Moment.kind, help: "what was done from then on; a week unless told otherwise")
    static let lastWeek = OptionKey<Period?>.optional("last", length, help: "what was done in so long a time")
    static let csv = OptionKey<String?>.optional("csv", .file(), help: "write every action there as a table, too")
    static let out = OptionKey<String?>.optional(
        "out", .file(), help: "write what would be sent into this file, for `apply`; valid for an hour")
    static let yes = OptionKey<Bool>.flag("yes", help: "do not ask")
    static let preview = OptionKey<Bool>.flag("preview", help: "show what would be retried, and start nothing")
    static let detach = OptionKey<Bool>.flag("detach", help: "leave it to the agent that runs, and do not wait")
    static let replayed = OptionKey<[String]>.repeated("execution", executionID, help: "these executions and no others")
    static let workflows = OptionKey<[String]>.repeated(
        "workflow", .text("NAME"), help: "of this workflow, by name or id; `*` is wild")
    static let classes = OptionKey<[ErrorClass]>.repeated(
        "class", .choice("CLASS"), help: "failed in this way; whatever a retry can help unless told otherwise")
    static let failedAs = OptionKey<[ExecutionStatus]>.repeated(
        "status", failure, help: "with this status; error and crashed unless told otherwise")
    static let endedFrom = OptionKey<Moment?>.optional("from", Moment.kind, help: "ended at that time or later")
    static let endedBefore = OptionKey<Moment?>.optional("until", Moment.kind, help: "ended before that time")
    static let match = OptionKey<String?>.optional(
        "match", .text("YAML"), help: "a further condition as policies spell it, like 'error: {message: \"*CRM*\"}'")
    static let loadWorkflow = OptionKey<Bool>.flag("load-workflow", help: "run the workflow as it is saved now")
    static let repeats = OptionKey<ReplayRequest.Repeats>(
        "repeats", .choice("RISK"), default: .none,
        help:
            "whether retries are sent that may do again what was done: only if unlikely, or whatever they repeat (allow)"
    )
    static let pace = OptionKey<RateLimit?>.optional(
        "rate", paceOfReplay, help: "the most retries in a time, like 30/1m; the instance's limits count in any case")
    static let canary = OptionKey<Int>(
        "canary", .integer("N", in: 0...1000), default: 1, help: "so many go first, and have to heal before the others")
    static let atOnce = OptionKey<Int>(
        "in-flight", .integer("N", in: 1...100), default: 2, help: "the most that run at once of one workflow")
    static let stopAfter = OptionKey<Int>(
        "stop-after-failures", .integer("N", in: 0...1_000_000), default: 5,
        help: "it is paused once so many failed again, what is in flight then not counted; 0 never")
    static let rest = OptionKey<String?>.optional(
        "rest", .text("REPLAY"), help: "what an earlier replay left: what failed again, and what was not retried")
    static let replayName = ArgumentKey<String>.required(
        "REPLAY", .text("REPLAY"), help: "the replay's name, like replay-3")
    static let incidentKey = ArgumentKey<String>.required(
        "INCIDENT", .text("INCIDENT"), help: "the incident's key, like incident-5210")
    static let recent = OptionKey<Period?>.optional(
        "last", length, help: "how far back those are listed that are over; a week where absent")
    static let savedPlan = ArgumentKey<String>.required("FILE", .file(), help: "what `plan --out` wrote")
    static let markdown = OptionKey<String?>.optional(
        "markdown", .file(), help: "write it there for a pull request, too")
    static let sarif = OptionKey<String?>.optional("sarif", .file(), help: "write it there as SARIF, too")
    static let oldPolicies = ArgumentKey<String>.required(
        "OLD", .file(), help: "a policy file, or a folder of them; those of a git revision as REVISION:PATH")
    static let newPolicies = ArgumentKey<String>.required("NEW", .file(), help: "another one")
    static let sampleFolder = OptionKey<String>(
        "dir", .directory(), default: "month", help: "where the files are written")
    static let histories = ArgumentKey<[String]>.repeated(
        "HISTORY", .file(), help: "folders or files that hold the history", isRequired: true)
    static let upTo = OptionKey<Moment?>.optional(
        "until", Moment.kind, help: "end there; at the history's end unless told otherwise")
    static let until = OptionKey<Moment?>.optional(
        "until", Moment.kind,
        help: "when the past ends; now unless told otherwise, and then each start is another database")
    static let scopes = OptionKey<[String]>.repeated(
        "scope", .text("NAME"), help: "the API key has this scope and no others but those named; all of them without")
    static let live = OptionKey<Bool>.flag("live", help: "the workflows of the history go on as they went")
    static let seconds = OptionKey<Int>("seconds", .integer("N", in: 5...600), default: 60, help: "how long it runs")
    static let folder = OptionKey<String?>.optional("dir", .directory(), help: "what it leaves behind is made there")
    static let log = OptionKey<LogFormat?>.optional(
        "log", .choice("FORMAT"), help: "the agent's log instead of lines for people")
    static let export = OptionKey<String?>.optional("file", .file(), help: "an exported log instead of the ledger")
    static let head = OptionKey<String?>.optional(
        "head", .text("NUMBER:HASH"), help: "a head that was kept elsewhere, so that a cut end shows")
    static let count = OptionKey<Int>(
        "lines", short: "n", .integer("N", in: 1...100_000), default: 20, help: "how many")

    static let schema = OptionKey<Bool>.flag(
        "schema",
        help:
            "print the JSON schema of policy files, with `configuration`, `instance` or `tests` that of mendflow.yaml, of a file of "
            + "one instance, or of tests"
    )

    static let schemaKind = ArgumentKey<SchemaKind?>.optional(
        "KIND", .choice("KIND"),
        help: "of policy files unless told otherwise, of mendflow.yaml, of a file of one instance, or of tests")

    static let directory = ArgumentKey<String?>.optional(
        "DIR", .directory(), help: "the folder; here unless told otherwise")
    static let files = ArgumentKey<[String]>.repeated(
        "FILES", .file(), help: "policy files; the configuration's unless told otherwise")
    static let execution = ArgumentKey<String?>.optional("EXECUTION", executionID, help: "the execution's id")
    static let missingRuns = OptionKey<String?>.optional(
        "workflow", .text("NAME"), help: "instead: why runs of this workflow, by name or id, count as missed or not")
    static let saved = ArgumentKey<String>.required(
        "FILE", .file(), help: "the answer of GET /executions/ID?includeData=true, saved; - is standard input")
    static let intent = ArgumentKey<Int>.required("ID", .integer(in: 1...Int.max), help: "the number that inbox shows")
    static let asks = ArgumentKey<[ApprovalWord]>.repeated(
        "ID", askWord, help: "the numbers of asks, or `list`, which shows those that are open")
    static let declined = ArgumentKey<Int>.required(
        "ID", .integer(in: 1...Int.max), help: "the number of an ask, which `mendflow approve list` shows")
    static let asksOf = OptionKey<String?>.optional(
        "policy", .text("NAME"), help: "every open ask of this policy")
    static let note = OptionKey<String?>.optional("note", words, help: "what to put on record with it")
    static let promoted = ArgumentKey<String>.required("POLICY", .text("POLICY"), help: "the policy's name")
    static let shell = ArgumentKey<Shell>.required("SHELL", .choice("SHELL"), help: "bash, zsh or fish")

    /// Nothing is sent that n8n would take for another path.
    private static let executionID = ValueKind<String>.custom("EXECUTION", show: { $0 }) { (word) throws(ValueError) in
        guard ExecutionID(word).isNumber else {
            throw ValueError("is not the id of an execution, which is a number like 4711")
        }
        return word
    }

    /// An ask's number, or the word for all that are open.
    private static let askWord = ValueKind<ApprovalWord>.custom(
        "ID", shape: .choice(["list"]), show: { $0.text }
    ) { (word) throws(ValueError) in
        if word == "list" { return .list }
        guard let number = Int64(word), number > 0 else {
            throw ValueError("is not the number of an ask, like 812, nor `list`")
        }
        return .ask(ApprovalID(number))
    }

    /// A pace, as N/TIME.
    private static let paceOfReplay = ValueKind<RateLimit>.custom("N/TIME", show: { "\($0.max)/\($0.per)" }) {
        (word) throws(ValueError) in
        let parts = word.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2, let most = Int(parts[0]), (1...1_000_000).contains(most),
            let per = Period(parts[1]) ?? Period("1" + parts[1]), per >= .seconds(1)
        else { throw ValueError("is not a pace, like 30/1m or 500/1h") }
        return RateLimit(max: most, per: per)
    }

    private static let failure = ValueKind<ExecutionStatus>.custom("STATUS", show: { $0.rawValue }) {
        (word) throws(ValueError) in
        guard let status = ExecutionStatus(rawValue: word), status.isFailed else {
            throw ValueError("is no status of what failed: error, crashed or canceled")
        }
        return status
    }

    /// A reason that says nothing is none.
    private static let words = ValueKind<String>.custom("TEXT", show: { $0 }) { (word) throws(ValueError) in
        guard word.contains(where: { $0.isLetter || $0.isNumber }) else { throw ValueError("says nothing") }
        return word
    }

    private static let length = ValueKind<Period>.custom("TIME") { (word) throws(ValueError) in
        guard let length = Period(word), length > .zero else {
            throw ValueError("is not a length of time, like 90s or 2h")
        }
        return length
    }

    private static let release = ValueKind<String>.custom("ERA", show: { $0 }) { (word) throws(ValueError) in
        if let fault = Simulate.fault(inRelease: word) { throw ValueError(fault) }
        return word
    }
}
