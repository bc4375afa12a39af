/// Between which two numbers, both included, something has to lie.
package struct TimeLimits: Sendable, Hashable {
    /// The lowest and the highest that will do; nothing does where the lowest is above the highest.
    package var low = -far, high = far

    /// Far enough from every time for a time and a bound to be added up.
    static let far: Int64 = 1 << 60

    /// Whether a number will do.
    package func contains(_ number: Int64) -> Bool { low <= number && number <= high }

    fileprivate mutating func narrow(low bound: Int64) { low = max(low, min(bound, TimeLimits.far)) }
    fileprivate mutating func narrow(high bound: Int64) { high = min(high, max(bound, -TimeLimits.far)) }
    fileprivate mutating func close() { (low, high) = (1, 0) }
}

/// What conditions ask of times: all of it has to hold at one and the same moment.
///
/// Lengths of time and moments are milliseconds.
package struct TimeBounds: Sendable, Hashable {
    /// How long ago the status and the run may have begun, how long it may have run, and how long it may be overdue.
    package var age = TimeLimits(), startedAgo = TimeLimits(), ranFor = TimeLimits(), overdue = TimeLimits()
    /// When it may have ended.
    package var ended = TimeLimits()
    /// Whether a newer run of the workflow must have succeeded, or must not; nil where that is not asked.
    package var succeededSince: Bool?
    /// Which of them anything is asked of.
    package private(set) var asks: Set<Field> = []

    /// Asks what a test asks, or the contrary of it; false where no bounds say the same.
    mutating func narrow(_ test: FieldTest, isNegated: Bool, runTimes: RunTimes?) -> Bool {
        // NOT of two operators is an alternative.
        guard !isNegated || test.operators.count == 1 else { return false }
        var changed = self
        for operation in test.operators where !changed.narrow(operation, test.field, isNegated, runTimes) {
            return false
        }
        changed.asks.insert(test.field)
        self = changed
        return true
    }

    private mutating func narrow(
        _ operation: FieldOperator, _ field: Field, _ isNegated: Bool, _ runTimes: RunTimes?
    ) -> Bool {
        switch (field, operation) {
        case (.age, .period(let comparison, let period)):
            age.narrow(comparison, period.milliseconds, isNegated)
        case (.startedAgo, .period(let comparison, let period)):
            startedAgo.narrow(comparison, period.milliseconds, isNegated)
        case (.ranFor, .period(let comparison, let period)):
            ranFor.narrow(comparison, period.milliseconds, isNegated)
        case (.overdue, .period(let comparison, let period)):
            overdue.narrow(comparison, period.milliseconds, isNegated)
        case (.endedAt, .between(let from, let to)) where !isNegated:
            if let from { ended.narrow(low: from.milliseconds) }
            if let to { ended.narrow(.lt, to.milliseconds, false) }
        case (.succeededSince, .flag(let wanted)):
            guard succeededSince.map({ $0 == (wanted != isNegated) }) ?? true else { return false }
            succeededSince = wanted != isNegated
        case (.ranForOfP95, .number(let comparison, let hundredths)):
            return takeShare(comparison, hundredths, isNegated, runTimes)
        default: return false
        }
        return true
    }

    /// A run time in hundredths, rounded down, is at least some number where the time is at least so much.
    private mutating func takeShare(
        _ comparison: Comparison, _ hundredths: Int64, _ isNegated: Bool, _ runTimes: RunTimes?
    ) -> Bool {
        guard let runTimes, runTimes.hundredths(.zero) != nil, hundredths >= 0 else { return false }
        func least(_ number: Int64) -> Int64 { runTimes.p95.share(inHundredths: number).milliseconds }
        switch isNegated ? comparison.contrary : comparison {
        case .gte: ranFor.narrow(low: least(hundredths))
        case .gt: ranFor.narrow(low: least(hundredths + 1))
        case .lt: ranFor.narrow(high: least(hundredths) - 1)
        case .lte: ranFor.narrow(high: least(hundredths + 1) - 1)
        }
        return true
    }
}

extension TimeLimits {
    fileprivate mutating func narrow(_ comparison: Comparison, _ number: Int64, _ isNegated: Bool) {
        switch isNegated ? comparison.contrary : comparison {
        case .gt: number == .max ? close() : narrow(low: number + 1)
        case .gte: narrow(low: number)
        case .lt: number == .min ? close() : narrow(high: number - 1)
        case .lte: narrow(high: number)
        }
    }
}

extension Comparison {
    /// What holds where this does not.
    fileprivate var contrary: Comparison {
        switch self {
        case .gt: .lte
        case .gte: .lt
        case .lt: .gte
        case .lte: .gt
        }
    }
}

extension Period {
    /// The shortest time that is so many hundredths of this one.
    func share(inHundredths number: Int64) -> Period {
        let (product, overflow) = max(1, milliseconds).multipliedReportingOverflow(by: number)
        return Period(milliseconds: overflow || product > .max - 99 ? .max : (product + 99) / 100)
    }
}
