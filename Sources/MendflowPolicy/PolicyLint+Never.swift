internal import MendflowCore
internal import MendflowYAML

/// Warnings about policies that can never do what they say, and about exceptions that hold nothing.
extension PolicyLint {
    func checkNever(_ policy: Policy, _ written: Condition?, _ map: MapReader) {
        checkWindows(policy.guards, map)
        checkExceptions(policy, map)
        checkEnd(policy, written, map)
        guard case .retry(let action)? = policy.remediation else { return }
        checkFirstRetry(action, policy, written, map)
        checkRetryCount(action, written, map)
    }

    /// What ends before a first retry is due ends it.
    private func checkFirstRetry(_ action: RetryAction, _ policy: Policy, _ written: Condition?, _ map: MapReader) {
        let first = action.backoff.interval(after: 0)
        let due = action.backoff.jitter == .full ? "up to \(first) after it" : "\(first) after it"
        let note = "with `jitter: full` some are due sooner, by chance"
        let notes = action.backoff.jitter == .full ? [note] : []
        if let limit = policy.guards.giveUpAfter, limit < first {
            report.warning(
                "gives-up-first", "a chain is given up \(limit) after its first failure, and a retry is due \(due)",
                at: map["guards"]?["give_up_after"]?.range ?? backoff(map) ?? map["actions"]?.range, notes: notes)
        }
        var ages = Bounds()
        ages.add(written?.operators(of: .age) ?? [])
        checkGivingUp(policy, ages, map)
        guard ages.highest < first.milliseconds else { return }
        report.warning(
            "too-old-when-due",
            "a failure matches only while it is younger than \(Period(milliseconds: ages.highest + 1)), and a retry is due \(due)",
            at: map["match"]?["newer_than"]?.range ?? map["match"]?.range, notes: notes)
    }

    /// A failure that matches for longer than its chain lasts is given up meanwhile, often at first sight.
    private func checkGivingUp(_ policy: Policy, _ ages: Bounds, _ map: MapReader) {
        guard let limit = policy.guards.giveUpAfter, ages.highest < .max, limit.milliseconds <= ages.highest else {
            return
        }
        let most = Period(milliseconds: ages.highest + 1)
        report.warning(
            "gives-up-early",
            "a failure matches until it is \(most) old, and its chain is given up \(limit) after its first failure",
            at: map["match"]?["newer_than"]?.range ?? map["match"]?.range,
            notes: ["set guards.give_up_after to \(most), or newer_than to \(limit)"])
    }

    private func backoff(_ map: MapReader) -> SourceRange? {
        map["actions"]?.items?.lazy.compactMap { $0["retry"]?["backoff"]?.range }.first
    }

    /// A chain with as many retries as the policy allows is exhausted.
    private func checkRetryCount(_ action: RetryAction, _ written: Condition?, _ map: MapReader) {
        if written?.operators(of: .healed).contains(.flag(true)) == true {
            report.warning(
                "never-retries", "a chain that healed is never retried",
                at: map["match"]?["healed"]?.range ?? map["match"]?.range)
        }
        if action.maxRetries == 1, written?.operators(of: .isRetry).contains(.flag(true)) == true {
            report.warning(
                "never-retries", "whoever is a retry has had one already, and `max_retries` is 1",
                at: map["match"]?["is_retry"]?.range ?? map["match"]?.range, notes: ["people's retries count too"])
        }
        let operators = written?.operators(of: .retries) ?? []
        let fewer = (0..<Int64(action.maxRetries)).contains { count in
            operators.allSatisfy { FieldOperator.holds($0, .number(count)) }
        }
        guard !fewer else { return }
        report.warning(
            "never-retries", "whoever has so many retries already gets no more: `max_retries` is \(action.maxRetries)",
            at: map["match"]?["retries"]?.range ?? map["match"]?.range, notes: ["people's retries count too"])
    }

    /// What ended before a time that lies back further than the policy can act.
    private func checkEnd(_ policy: Policy, _ written: Condition?, _ map: MapReader) {
        guard let now, let end = (written?.operators(of: .endedAt) ?? []).ends.min() else { return }
        let limit: Period
        let key: String
        switch policy.remediation {
        // Deletions look at what is older than all others see.
        case .delete: return
        case .retry: (limit, key) = (policy.guards.giveUpAfter ?? Policy.longestReach, "`give_up_after`")
        default:
            (limit, key) = (max(Policy.longestReach, lookBack ?? .zero), "the longest `look_back` that policies get")
        }
        guard end + limit <= now else { return }
        report.warning(
            "ended-too-long-ago", "all that it matches ended before \(end), and \(key) is \(limit): nothing is done",
            at: map["match"]?["ended_between"]?.range ?? map["match"]?.range)
    }

    /// Exceptions that are true of all that is matched, or of nothing.
    private func checkExceptions(_ policy: Policy, _ map: MapReader) {
        guard let match = policy.match else { return }
        for (exception, node) in zip(policy.exceptions, map["exceptions"]?.items ?? []) {
            let place = node["match"]?.range ?? node.range
            if match.example(with: exception.match) == nil {
                report.warning(
                    "never-true", "nothing that `match` lets through can meet this exception: it holds nothing",
                    at: place,
                    notes: ["an exception is asked only of what its policy matches; `protect` in mendflow.yaml of all"])
            } else if policy.remediation != nil, exception.until == nil, match.implies(exception.match) {
                report.warning(
                    "excepts-all", "this exception is true of all that `match` lets through: the policy never acts",
                    at: place, notes: ["set mode: off if that is meant"])
                return
            }
        }
        checkStatuses(policy, match, map)
    }

    /// Exceptions of one status each that are true of all that is matched together.
    private func checkStatuses(_ policy: Policy, _ match: Condition, _ map: MapReader) {
        let excepted = policy.exceptions.filter { $0.until == nil && $0.match.isOfStatusAlone }
        guard policy.remediation != nil, let statuses = match.statuses, excepted.count > 1,
            statuses.isSubset(of: excepted.reduce(into: []) { $0.formUnion($1.match.statuses ?? []) })
        else { return }
        report.warning(
            "excepts-all", "these exceptions together are true of all that `match` lets through: the policy never acts",
            at: map["exceptions"]?.range, notes: ["set mode: off if that is meant"])
    }

    private func checkWindows(_ guards: Guards, _ map: MapReader) {
        guard !WeeklyMinutes.remain(of: guards.activeDuring, without: guards.notDuring, from: now) else { return }
        let place = map["guards"]?["not_during"]?.range
        guard guards.activeDuring.isEmpty else {
            report.error(
                "contradiction", "`not_during` takes away every minute that `active_during` gives", at: place)
            return
        }
        report.error(
            "contradiction", "`not_during` takes away every minute of the week", at: place,
            notes: ["set mode: off if that is meant"])
    }
}

extension Condition {
    /// The operators on a field that must hold whenever the tree holds.
    fileprivate func operators(of field: Field) -> [FieldOperator] {
        required.filter { $0.field == field }.flatMap(\.operators)
    }

    /// Whether it asks for nothing but a status.
    fileprivate var isOfStatusAlone: Bool { if case .test(let test) = self { test.field == .status } else { false } }
}

/// The minutes of a week in UTC.
enum WeeklyMinutes {
    private static let week = 7 * 1440
    /// When weeks are looked at where nobody says what time it is: 1 January 2026.
    private static let anyTime = ServerTime(milliseconds: 1_767_225_600_000)

    /// Whether some minute lies in one of the first windows (or they are none) and in none of the others. Windows of
    /// several zones shift against each other, so every week of a year is looked at.
    static func remain(of active: [TimeWindow], without denied: [TimeWindow], from now: ServerTime?) -> Bool {
        guard !denied.isEmpty else { return true }
        var seen: Set<[Int]> = []
        for number in 0..<Int64(53) {
            let time = (now ?? anyTime) + .days(7 * number)
            let offsets = (active + denied).map { $0.zone.offsetSeconds(at: time) / 60 }
            guard seen.insert(offsets).inserted else { continue }
            var open = [Bool](repeating: active.isEmpty, count: week)
            for (window, offset) in zip(active, offsets) { set(&open, window, offset, to: true) }
            for (window, offset) in zip(denied, offsets.dropFirst(active.count)) {
                set(&open, window, offset, to: false)
            }
            if open.contains(true) { return true }
        }
        return false
    }

    private static func set(_ minutes: inout [Bool], _ window: TimeWindow, _ offset: Int, to value: Bool) {
        let length = window.toMinute - window.fromMinute + (window.toMinute > window.fromMinute ? 0 : 1440)
        for (number, day) in TimeWindow.Weekday.allCases.enumerated()
        where window.days.isEmpty || window.days.contains(day) {
            let start = number * 1440 + window.fromMinute - offset + 2 * week
            for minute in start..<(start + length) { minutes[minute % week] = value }
        }
    }
}
