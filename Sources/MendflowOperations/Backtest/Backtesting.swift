public import MendflowBacktest
public import MendflowCore
public import MendflowEnvironment
import MendflowHistory
import MendflowPolicy
public import MendflowWorkspace

/// `backtest`: what policies would have done in a history.
public enum Backtesting {
    /// What is asked.
    public struct Request: Sendable {
        /// Files and folders of histories.
        public var histories: [String]
        /// Files and folders of policies; those of the configuration where none is named.
        public var policies: [String] = []
        /// The instance whose limits, protections and tags hold; the only one where none is named.
        public var instance: String?
        /// Tells of one policy alone, beside which all others act.
        public var policy: String?
        /// From when on it is lived through, and until when; all of it where nil.
        public var since: ServerTime?, until: ServerTime?
        /// The last so much of the history; with a beginning the later of the two counts.
        public var last: Period?
        /// When the history was fetched, where it just was: what is last is counted from then.
        public var fetchedAt: ServerTime?
        /// How many executions are told in full.
        public var examples = 0

        /// Makes a request.
        public init(histories: [String]) { self.histories = histories }
    }

    /// How often an agent looks where no configuration says, and how far back.
    private static let (interval, lookBack) = (Period.seconds(30), Period.hours(48))

    /// What was found.
    public struct Outcome: Sendable {
        /// The report; nil where an error is among the findings.
        public var report: BacktestReport?
        /// Some executions in full.
        public var examples: [BacktestExample] = []
        /// What is wrong with policy files that were named.
        public var findings: FindingsReport?
    }

    /// Lives the history through. `progress` is told which part of the work is done.
    public static func run(
        _ request: Request, _ workspace: Workspace?, environment: Environment,
        progress: @Sendable (Double) -> Void = { _ in }
    ) throws(MendflowFailure) -> Outcome {
        let (policies, findings) = try policies(request, workspace, environment)
        if findings?.hasErrors ?? false { return Outcome(report: nil, findings: findings) }
        let history = try history(request, environment)
        let settings = try settings(request, policies, history, workspace)
        let result = Backtest.run(history, settings, progress: progress)
        var whole = BacktestReport(history, result, policies)
        whole.basis = basis(policies, workspace)
        let report = request.policy.map(whole.only) ?? whole
        let examples = BacktestExample.choose(request.examples, of: report, history, settings)
        return Outcome(report: report, examples: examples, findings: findings)
    }

    /// `backtest --matches-only`: which executions policies match, with no guard asked. What is wrong with policy files is
    /// answered beside the report, which is nil where an error is among it.
    public static func matches(
        _ request: Request, _ workspace: Workspace?, environment: Environment
    ) throws(MendflowFailure) -> (report: MatchReport?, findings: FindingsReport?) {
        let (policies, findings) = try policies(request, workspace, environment)
        if findings?.hasErrors ?? false { return (nil, findings) }
        let history = try history(request, environment)
        let span = try settings(request, policies, history, workspace).span
        var count = MatchCount(history, policies, begun: span)
        var report = count.report()
        if let name = request.policy {
            report.policies = report.policies.filter { $0.policy == name }
            report.expecting = report.expecting.filter { $0 == name }
        }
        return (report, findings)
    }

    /// `diff`: what the policies of `new` would have done otherwise than those of `old`, which are read from `files`. The
    /// findings of both are answered beside it, which is nil where there is an error among them.
    public static func diff(
        _ request: Request, old: String, new: String, from files: any FileSystem, _ workspace: Workspace?,
        environment: Environment, progress: @Sendable (Double) -> Void = { _ in }
    ) throws(MendflowFailure) -> (diff: PolicyDiff?, findings: [FindingsReport]) {
        var sides: [PolicySet] = []
        var findings: [FindingsReport] = []
        var reading = environment
        reading.files = files
        for path in [old, new] {
            var request = request
            request.policies = [path]
            let (policies, report) = try policies(request, workspace, reading, allowsNone: true)
            sides.append(policies)
            findings += [report].compactMap { $0 }
        }
        guard sides.count == 2, !findings.contains(where: \.hasErrors) else { return (nil, findings) }
        let history = try history(request, environment)
        var results: [Backtest.Result] = []
        for (number, policies) in sides.enumerated() {
            var settings = try settings(request, policies, history, workspace)
            // What the one set does before the history's end the other may do a little later: that is no request less.
            settings.settling = settling
            results.append(
                Backtest.run(history, settings, outcomes: [.asObserved]) { progress((Double(number) + $0) / 2) })
        }
        var diff = PolicyDiff(history, old: results[0], sides[0], new: results[1], sides[1])
        diff.settling = settling
        (diff.old.basis, diff.new.basis) = (basis(sides[0], workspace), basis(sides[1], workspace))
        func switchedOff(_ side: Int, _ path: String) -> [String] {
            guard sides[side].policies.isEmpty else { return [] }
            return Workspace.policies(of: [path], workspace, reading, mayBeEmpty: true).0.filter { $0.mode == .off }
                .map(\.name)
        }
        diff.switchedOff = (switchedOff(0, old), switchedOff(1, new))
        // Who reads where a policy stands looks into a working tree, and not into a revision.
        for (name, place) in diff.places where !environment.files.exists(place.file) {
            diff.places[name]?.file = PolicyRevision.inTree(place.file)
        }
        return (diff, findings)
    }

    /// What figures depend on beside policies and history.
    static func basis(_ policies: PolicySet, _ workspace: Workspace?) -> BacktestBasis {
        // A page goes to others: where the file stands on this machine is nobody's business.
        let name = workspace.map { String($0.path.split(separator: "/").last ?? "mendflow.yaml") }
        return BacktestBasis(configuration: name, instance: policies.instance, limits: policies.limits)
    }

    /// The history that is asked for. What is asked for behind its end is refused; an end may lie behind it, but not ahead of now.
    private static func history(_ request: Request, _ environment: Environment) throws(MendflowFailure) -> History {
        let history = try Histories.read(request.histories, environment)
        guard let span = history.span else { return history }
        try NewestKnown.end(of: span).check(request.since, "--since")
        if let until = request.until, until > span.upperBound {
            try NewestKnown.now(environment.clock).check(until, "--until")
        }
        return history
    }

    /// The longest time that is lived through.
    private static let longest = Period.days(3660)

    /// How much longer than the history two sets of policies are compared.
    private static let settling = Period.days(3)

    static func settings(
        _ request: Request, _ policies: PolicySet, _ history: History, _ workspace: Workspace?
    ) throws(MendflowFailure) -> BacktestSettings {
        guard let all = history.span else {
            throw MendflowFailure(
                .file, "none of the history's executions tells when it was: give rows with startedAt and stoppedAt")
        }
        let end = min(all.upperBound, request.until ?? all.upperBound)
        let last = request.last.map { (request.fetchedAt ?? end) - $0 }
        let from = max(all.lowerBound, request.since ?? all.lowerBound, last ?? all.lowerBound)
        let span = from..<max(from, end)
        guard !span.isEmpty else {
            let words = "the history reaches from \(all.lowerBound.rfc3339) to \(all.upperBound.rfc3339)"
            guard let length = request.last, from == last else {
                throw MendflowFailure(
                    .usage, "\(words): nothing of it is between \(from.rfc3339) and \(end.rfc3339), as asked for")
            }
            throw MendflowFailure(.usage, "\(words): nothing happened in the last \(length), since \(from.rfc3339)")
        }
        guard span.upperBound - span.lowerBound <= longest else {
            throw MendflowFailure(
                .usage,
                "the history reaches from \(span.lowerBound.rfc3339) to \(span.upperBound.rfc3339), so that a clock was wrong: "
                    + "say which part of it is meant, with --since and --until")
        }
        return BacktestSettings(
            policies: policies, lookBack: max(workspace?.lookBack ?? lookBack, reach(policies)),
            interval: workspace?.configuration.pollInterval ?? interval, span: span)
    }

    /// How far back ended executions have to be looked at for some policies.
    private static func reach(_ policies: PolicySet) -> Period {
        min(policies.policies.compactMap(\.reach).max() ?? .zero, Policy.longestReach)
    }

    /// The policies as if all that is in dry-run were enforced.
    private static func policies(
        _ request: Request, _ workspace: Workspace?, _ environment: Environment, allowsNone: Bool = false
    ) throws(MendflowFailure) -> (PolicySet, FindingsReport?) {
        var findings: FindingsReport?
        var chosen = workspace?.policies ?? []
        if !request.policies.isEmpty {
            let (read, report) = Workspace.policies(
                of: request.policies, workspace, environment, mayBeEmpty: allowsNone)
            (chosen, findings) = (read, report)
        }
        if let name = request.policy {
            guard chosen.contains(where: { $0.name == name }) else {
                throw MendflowFailure(.usage, Workspace.unknown("policy", name, chosen.map(\.name)))
            }
        }
        // The first policies of all differ from none.
        let isEmptyFolder = allowsNone && request.policies.allSatisfy(environment.files.isFolder)
        guard !chosen.isEmpty || findings?.hasErrors ?? false || isEmptyFolder else {
            let place = request.policies.isEmpty ? workspace?.path ?? "" : request.policies.joined(separator: ", ")
            throw MendflowFailure(.file, "there are no policies in \(place)")
        }
        return (try enforced(chosen, try tables(workspace), workspace, instance: request.instance), findings)
    }

    /// Policies as if enforced, with what a configuration says of an instance where there is one.
    static func enforced(
        _ policies: [Policy], _ tables: JudgementTables, _ workspace: Workspace?, instance: String?
    ) throws(MendflowFailure) -> PolicySet {
        guard var raised = workspace else { return enforced(policies, tables) }
        raised.policies = policies.map(\.enforced)
        return raised.policySet(try raised.instance(instance))
    }

    /// Policies as if enforced, without a configuration. A policy is for some instances; which one this is nobody knows here.
    static func enforced(_ policies: [Policy], _ tables: JudgementTables) -> PolicySet {
        let enforced = policies.map { policy in
            var policy = policy.enforced
            policy.instances = nil
            return policy
        }
        return PolicySet(policies: enforced, instance: "history", tables: tables)
    }

    /// What failures are judged by: the configuration's rules, or the built-in ones.
    static func tables(_ workspace: Workspace?) throws(MendflowFailure) -> JudgementTables {
        if let workspace { return workspace.judgementTables }
        do throws(RegularExpressionError) {
            return JudgementTables(classifier: try BuiltInRules.classifier(), risks: RepeatRiskJudge())
        } catch { throw MendflowFailure(.failed, "a built-in rule: \(error)") }
    }
}

extension Policy {
    /// The same as if it were enforced; one that is off stays so.
    fileprivate var enforced: Policy {
        var policy = self
        if mode == .dryRun { policy.mode = .enforce }
        return policy
    }
}
