public import MendflowCore
import MendflowText
import MendflowWorkspace

/// Which executions a person wants to run again, and how fast.
public struct ReplayRequest: Sendable, Hashable {
    /// Which repeat risks are accepted.
    public enum Repeats: String, Sendable, Hashable, CaseIterable {
        /// Only what cannot do again what was done already.
        case none
        /// What is unlikely to, too.
        case unlikely
        /// Everything.
        case allow
    }

    /// The executions by their ids; empty where conditions choose them.
    public var executions: [ExecutionID] = []
    /// The replay of which these are what it left; nil where they were chosen otherwise.
    public var restOf: String?
    /// Names or ids of workflows, any of them; empty for all.
    public var workflows: [String] = []
    /// Classes of errors, any of them; empty for all that a retry can help.
    public var classes: [ErrorClass] = []
    /// Statuses, any of them; nil where nobody said which.
    public var statuses: [ExecutionStatus]?
    /// When they ended: at or after the one, before the other.
    public var from: ServerTime?, until: ServerTime?
    /// How far back is looked where nobody said from when on, for what is meant ended since.
    public var earliest: ServerTime?
    /// Further conditions, as policies spell them, on one line of YAML.
    public var match: String?
    /// Whether the workflow runs as it is saved now.
    public var loadWorkflow = false
    /// Which risks are accepted.
    public var repeats = Repeats.none
    /// The most retries in a time; nil where only the instance's limits count.
    public var rate: RateLimit?
    /// How many have to heal before any other is sent; the most that run at once of one workflow; after how many that failed
    /// again it is paused (nil never).
    public var pace = ReplayPace(canary: 1, inFlightPerWorkflow: 2, stopAfterFailures: 5)
    /// Why; it goes on record.
    public var reason = ""

    /// Makes a request for everything that failed and that a retry can help.
    public init() {}

    /// The statuses that are meant: what another replay left may have been canceled.
    var meant: [ExecutionStatus] { statuses ?? (restOf == nil ? [.error, .crashed] : [.error, .crashed, .canceled]) }
    /// From when on what ended is looked at; nil for the look-back.
    var lookedFrom: ServerTime? { from ?? earliest }

    /// By which words the executions are chosen.
    public var selection: String {
        var words: [String] = []
        if let restOf {
            words.append(ReplayRequest.restWords + "\(restOf), \(executions.count.words("execution", "executions"))")
        } else if !executions.isEmpty {
            words.append(
                executions.count > 5
                    ? "\(executions.count) by id" : "by id \(executions.map(\.text).joined(separator: ", "))")
        }
        if !workflows.isEmpty { words.append("workflow " + workflows.map { "'\($0)'" }.joined(separator: " or ")) }
        if !classes.isEmpty { words.append("class " + classes.map(\.rawValue).joined(separator: " or ")) }
        // In which states a rest is looked for follows from it, where nobody said so.
        if restOf == nil || statuses != nil {
            words.append("status " + meant.map(\.rawValue).joined(separator: " or "))
        }
        if let from { words.append("ended from \(from)") }
        if let until { words.append("ended before \(until)") }
        if let match { words.append(match) }
        return words.joined(separator: ", ")
    }

    /// How the words begin by which what a replay left is chosen, as no other words do.
    static let restWords = "the rest of "

    /// - Throws: where it cannot be meant as it stands.
    func refuseNonsense(_ now: ServerTime) throws(MendflowFailure) {
        if let from, from > now { throw MendflowFailure(.usage, "--from \(from) is still to come") }
        if let from, let until, from >= until {
            throw MendflowFailure(.usage, "--from \(from) is not before --until \(until)")
        }
        if match?.contains(where: \.isNewline) == true {
            throw MendflowFailure(.usage, "--match is one line: a map like 'error: {message: \"*CRM*\"}'")
        }
    }

    /// Whether it says itself what failed: then a class that a retry does not help is meant.
    var namesWhatFailed: Bool { !classes.isEmpty || !executions.isEmpty || match?.contains("class") ?? false }

    /// The text of the policy that does it, with the executions where they are chosen already.
    func policyText(_ name: String, _ chosen: [ExecutionID]? = nil) -> String {
        var conditions = ["{status: [\(meant.map(\.rawValue).joined(separator: ", "))]}"]
        if let ids = chosen ?? (executions.isEmpty ? nil : executions) {
            conditions.insert("{id: [\(ids.map(\.text).joined(separator: ", "))]}", at: 0)
        }
        conditions += ["{execution_mode: any}", "{workflow: {active: any}}"]
        if !workflows.isEmpty {
            let each = workflows.flatMap { ["{workflow: {name: \($0.quoted)}}", "{workflow: {id: \($0.quoted)}}"] }
            conditions.append("{any: [\(each.joined(separator: ", "))]}")
        }
        // Said of every class, or the language would leave some out without a word.
        let classes = classes.isEmpty ? ErrorClass.allCases : classes
        conditions.append("{error: {class: [\(classes.map(\.rawValue).joined(separator: ", "))]}}")
        if lookedFrom != nil || until != nil {
            let ends = [lookedFrom.map { "from: \($0.rfc3339.quoted)" }, until.map { "to: \($0.rfc3339.quoted)" }]
            conditions.append("{ended_between: {\(ends.compactMap { $0 }.joined(separator: ", "))}}")
        }
        if let match { conditions.append(match) }
        let lines =
            [
                "policies:", "  - name: \(name)", "    mode: enforce", "    priority: 1000000", "    match:",
                "      all:",
            ]
            + conditions.map { "        - \($0)" } + actionLines + paceLines(chosen?.count ?? 100_000)
        return lines.joined(separator: "\n") + "\n"
    }

    private var actionLines: [String] {
        let repeats =
            switch repeats {
            case .none: ""
            case .unlikely: ", repeats: {allow: [unlikely]}"
            case .allow: ", repeats: allow"
            }
        // Who orders it does not want it later; what a provider told is waited for all the same.
        let backoff = "backoff: {initial_interval: 1s, jitter: none}"
        return [
            "    actions:", "      - retry: {max_retries: 1, load_workflow: \(loadWorkflow)\(repeats), \(backoff)}",
        ]
    }

    private func paceLines(_ total: Int) -> [String] {
        // A request that did nothing counts as well, and each may be refused three times before it is given up.
        var guards = ["max_actions: {amount: \(min(max(1, total) * 4, 1_000_000)), per: 7d}", "yield_to_humans: 0s"]
        if let rate { guards.append("rate_limit: {max: \(rate.max), per: \(rate.per)}") }
        var pace = ["canary: \(pace.canary)"]
        if let most = self.pace.inFlightPerWorkflow { pace.append("in_flight_per_workflow: \(most)") }
        if let most = self.pace.stopAfterFailures { pace.append("stop_after_failures: \(most)") }
        return ["    guards: {\(guards.joined(separator: ", "))}", "    replay: {\(pace.joined(separator: ", "))}"]
    }
}

extension ReplayStart {
    /// The replay of which it takes up what that one left; nil where its executions were chosen otherwise.
    public var restOf: String? {
        guard selection.hasPrefix(ReplayRequest.restWords) else { return nil }
        return String(selection.dropFirst(ReplayRequest.restWords.count).prefix { $0 != "," })
    }
}

extension String {
    /// As YAML and JSON alike write a text.
    fileprivate var quoted: String { JSONWriter.quoted(self) }
}
