package import MendflowCore
package import MendflowHistory
import MendflowText

/// A policy that a history speaks for, in dry-run, with the reasons.
public struct Suggestion: Sendable, Hashable {
    /// The policy's name, and its workflow's.
    public var name: String, workflow: String
    /// Why it is worth having, a sentence a line.
    public var why: [String]
    /// The policy as it stands below `policies:`, and the same as if repeating a deed did no harm; nil where that makes no
    /// difference.
    public var yaml: String, yamlIfRepeated: String?
    /// The workflow that it is for.
    package var id: WorkflowID
}

/// A workflow's failures of one kind, and what became of them.
struct FailureGroup: Sendable {
    var workflow: WorkflowID
    var errorClass: ErrorClass
    var fates: [ChainFate] = []
    /// How many of them there are by what a retry may do again.
    var risks: [RepeatRisk: Int] = [:]

    /// Those that people retried, and those that they healed.
    var retried: Int { fates.count { $0.peoplesRetries > 0 } }
    var healed: Int { fates.count(where: \.isHealedByPeople) }
    /// Who healed others, in words; empty where nobody did.
    var healedOtherwise: String {
        let (agents, unkept) = (fates.count { $0.end == .healedByAgent }, fates.count { $0.end == .healedUnkept })
        return (agents > 0 ? ", the agent healed \(agents)" : "")
            + (unkept > 0 ? ", retries that n8n did not keep healed \(unkept)" : "")
    }
    /// Those after which the workflow's next run succeeded, or which a retry healed: the trouble was over.
    var passed: Int {
        fates.count { if case .nextRunSucceeded = $0.end { true } else { $0.isHealed } }
    }

    /// The middle time from a failure to its healing by people.
    var medianHealing: Period? {
        let times = fates.compactMap { fate -> Period? in
            guard case .healedByPeople(_, let end?) = fate.end else { return nil }
            return end - fate.failedAt
        }.sorted()
        return times.isEmpty ? nil : times[times.count / 2]
    }

    /// Every group of a history, by workflow and class, and how many failures nobody can tell the class of for want of data.
    static func all(_ history: History, _ tables: JudgementTables) -> (groups: [FailureGroup], unknown: Int) {
        let chains = RecordedChains(history)
        let fates = ChainFate.all(history, chains, ObservedOutcomes(history, chains))
        var groups: [String: FailureGroup] = [:]
        for fate in fates.values {
            guard let detail = history.details[fate.root],
                case .known(let found) = tables.classifier.classify(status: fate.status, detail: detail)
            else { continue }
            let key = "\(fate.workflow) \(found.errorClass.rawValue)"
            var group = groups[key] ?? FailureGroup(workflow: fate.workflow, errorClass: found.errorClass)
            group.fates.append(fate)
            group.risks[tables.risks.judge(status: fate.status, detail: detail).risk, default: 0] += 1
            groups[key] = group
        }
        // Of a run that crashed n8n keeps none.
        let unknown = fates.values.count { $0.status == .error && history.details[$0.root] == nil }
        return (groups.sorted { $0.key < $1.key }.map(\.value), unknown)
    }
}

/// Policies that a history speaks for.
package struct Suggestions: Sendable {
    /// Policies, those for most failures first.
    package private(set) var policies: [Suggestion] = []
    /// What else there is to say: failures that a retry would not help.
    package private(set) var remarks: [String] = []
    /// Failures of which nobody can tell why, for the history lacks their data.
    package let unknown: Int
    /// Failures of kinds that pass by themselves and happened too seldom, and of such that were over by the next run or
    /// retry in less than half of the cases.
    package private(set) var tooRare = 0, seldomOver = 0
    private let history: History
    private let limits: InstanceLimits
    private let names: [String: Int]
    private var taken: Set<String> = []

    /// What happened less often is an accident.
    private static let fewest = 3

    /// Looks for them.
    package init(_ history: History, _ tables: JudgementTables, _ limits: InstanceLimits = InstanceLimits()) {
        self.history = history
        self.limits = limits
        names = Dictionary(history.workflows.values.map { ($0.name, 1) }, uniquingKeysWith: +)
        let (groups, unknown) = FailureGroup.all(history, tables)
        self.unknown = unknown
        let byWorkflow = Dictionary(grouping: groups, by: \.workflow).sorted { one, other in
            let sizes = (one.value.reduce(0) { $0 + $1.fates.count }, other.value.reduce(0) { $0 + $1.fates.count })
            return sizes.0 == sizes.1 ? one.key < other.key : sizes.0 > sizes.1
        }
        for (workflow, groups) in byWorkflow {
            if let info = history.workflows[workflow], !info.active || info.isArchived {
                let count = groups.reduce(0) { $0 + $1.fates.count }
                if count >= Suggestions.fewest {
                    remarks.append(
                        "\(runs(count)) of '\(name(workflow))' failed, which is switched off: policies leave it alone.")
                }
                continue
            }
            let passing = groups.filter(\.errorClass.passesByItself)
            let frequent = passing.filter { $0.fates.count >= Suggestions.fewest }
            let over = frequent.filter { $0.passed * 2 >= $0.fates.count }
            func count(_ groups: [FailureGroup]) -> Int { groups.reduce(0) { $0 + $1.fates.count } }
            tooRare += count(passing) - count(frequent)
            seldomOver += count(frequent) - count(over)
            suggestRetry(workflow, over)
            for group in groups where !group.errorClass.passesByItself { remark(group) }
        }
        suggestStops()
        guard unknown > 0 else { return }
        remarks.append(
            "Why \(runs(unknown)) failed is not known, for the history lacks their data: `mendflow history export` fetches it."
        )
    }

    private func runs(_ count: Int) -> String { count.words("run", "runs") }

    private func name(_ workflow: WorkflowID) -> String { history.workflows[workflow]?.name ?? workflow.text }

    /// A condition on the workflow: by its name where that names it alone and holds nothing wild.
    private func condition(_ workflow: WorkflowID) -> String {
        let name = name(workflow)
        let isPlain = !name.contains("*") && !name.unicodeScalars.contains { $0.properties.generalCategory == .control }
        let isTrimmed = name.first?.isWhitespace == false && name.last?.isWhitespace == false && name.count <= 100
        guard history.workflows[workflow] != nil, names[name] == 1, isPlain, isTrimmed else {
            return "{id: \(JSONWriter.quoted(workflow.text))}"
        }
        return JSONWriter.quoted(name)
    }

    /// A policy's name out of a workflow's.
    private mutating func slug(_ prefix: String, _ workflow: WorkflowID) -> String {
        let words = name(workflow).lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        let base = "\(prefix)-\(words.isEmpty ? workflow.text.lowercased() : words.joined(separator: "-"))"
        var slug = base
        var number = 2
        while !taken.insert(slug).inserted {
            slug = "\(base)-\(number)"
            number += 1
        }
        return slug
    }
}

// What to retry.
extension Suggestions {
    private mutating func suggestRetry(_ workflow: WorkflowID, _ groups: [FailureGroup]) {
        let fates = groups.flatMap(\.fates)
        guard fates.count >= Suggestions.fewest else { return }
        let title = name(workflow)
        let classes = groups.map(\.errorClass.rawValue).sorted()
        var why = groups.map { group in
            let healing = group.medianHealing.map { ", after \($0.rounded) (median)" } ?? ""
            return
                "\(group.fates.count.words("run", "runs")) failed as \(group.errorClass.rawValue): people retried \(group.retried) and "
                + "healed \(group.healed)\(healing)\(group.healedOtherwise); the trouble was over by the next run or retry in \(group.passed)."
        }
        let risks = groups.reduce(into: [RepeatRisk: Int]()) { $0.merge($1.risks, uniquingKeysWith: +) }
        let open = (risks[.possible] ?? 0) + (risks[.restart] ?? 0) + (risks[.unknown] ?? 0)
        var retry = ["max_retries: 3"]
        if let unlikely = risks[.unlikely], unlikely > 0 {
            why.append(
                "\(unlikely.words("was refused", "were refused")), so that a retry hardly repeats anything: `allow: [unlikely]` lets them be retried."
            )
            retry.append("repeats: {allow: [unlikely]}")
        }
        if open > 0 {
            why.append(
                "\(open.words("may have done its deed already and is", "may have done their deed already and are")) held as may_repeat; say `repeats: allow` only if doing it twice does no harm."
            )
        }
        let slow = groups.contains { $0.errorClass == .quota || $0.errorClass == .rateLimit }
        retry.append("backoff: {initial_interval: \(slow ? "5m" : "2m"), coefficient: 3, max_interval: 1h}")
        // No policy may have more than its instance.
        let most = limits.maxActions.filter { $0.per == .window(.hours(1)) }.map(\.amount).min() ?? .max
        let cap = min(most, max(5, 2 * busiestHour(fates)))
        let slug = slug("retry", workflow)
        func yaml(_ retry: [String]) -> String {
            """
              - name: \(slug)
                mode: dry_run
                match:
                  status: [\(statuses(fates))]
                  workflow: \(condition(workflow))
                  error: {class: [\(classes.joined(separator: ", "))]}
                  newer_than: 24h
                actions:
                  - retry: {\(retry.joined(separator: ", "))}
                guards:
                  max_actions: {amount: \(cap), per: 1h}
                  give_up_after: 24h
            """
        }
        let bold = retry.filter { !$0.hasPrefix("repeats") } + ["repeats: allow"]
        policies.append(
            Suggestion(
                name: slug, workflow: title, why: why, yaml: yaml(retry), yamlIfRepeated: open > 0 ? yaml(bold) : nil,
                id: workflow))
    }

    private func statuses(_ fates: [ChainFate]) -> String {
        Set(fates.map(\.status.rawValue)).sorted().joined(separator: ", ")
    }

    private func busiestHour(_ fates: [ChainFate]) -> Int {
        Dictionary(grouping: fates) { $0.failedAt.milliseconds / 3_600_000 }.values.map(\.count).max() ?? 0
    }

    private mutating func remark(_ group: FailureGroup) {
        guard group.fates.count >= Suggestions.fewest else { return }
        let healing =
            group.healed == 0
            ? (group.healedOtherwise.isEmpty ? "nobody healed any" : "people healed none")
            : "people healed \(group.healed) of \(group.retried) that they retried"
        remarks.append(
            "\(runs(group.fates.count)) of '\(name(group.workflow))' failed as \(group.errorClass.rawValue) "
                + "(\(group.errorClass.meaning)): \(healing)\(group.healedOtherwise). "
                + (group.healed * 2 > group.retried
                    ? "Whether they mended something first no history tells, so that no retry is suggested."
                    : "A retry of the same input seldom helps: someone has to look.")
        )
    }
}

// What to stop.
extension Suggestions {
    /// Runs that wait for a time that is long over.
    private mutating func suggestStops() {
        guard let end = history.span?.upperBound else { return }
        let overdue = history.rows.filter { row in
            guard row.status == .waiting, let till = row.waitTill else { return false }
            return till < end - .hours(1)
        }
        for (workflow, rows) in Dictionary(grouping: overdue, by: \.workflow).sorted(by: { $0.key < $1.key })
        where rows.count >= Suggestions.fewest {
            let slug = slug("stop-overdue", workflow)
            policies.append(
                Suggestion(
                    name: slug, workflow: name(workflow),
                    why: [
                        "\(rows.count.words("run waits", "runs wait")) for a time that was over by more than an hour when the history was read."
                    ],
                    yaml: """
                          - name: \(slug)
                            mode: dry_run
                            match: {status: waiting, workflow: \(condition(workflow)), waiting_for: timer, overdue: {gt: 6h}}
                            actions:
                              - stop
                            guards:
                              max_actions: {amount: 20, per: 1h}
                        """, yamlIfRepeated: nil, id: workflow))
        }
    }
}

extension Period {
    /// The length with two units at most.
    fileprivate var rounded: Period {
        let unit: Int64 = self >= .days(1) ? 3_600_000 : self >= .hours(1) ? 60_000 : 1000
        return Period(milliseconds: milliseconds / unit * unit)
    }
}
