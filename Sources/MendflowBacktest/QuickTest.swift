import MendflowCore

/// What a policy asks of the times of an execution that is like many others: a few numbers to compare.
struct QuickTest {
    let position: Int
    /// Whether it is no more than a doubt where the times are right.
    var isDoubt: Bool
    /// Whether its times come down to numbers; where not, the execution is judged by itself.
    let isBounded: Bool
    private let (age, startedAgo, ranFor, ended): (TimeLimits, TimeLimits, TimeLimits, TimeLimits)
    private let wantsNewerSuccess: Bool, wantsNoNewerSuccess: Bool

    /// `knowsSuccesses` says whether a success of the workflow would be seen.
    init(_ policy: OpenPolicy, knowsSuccesses: Bool) {
        position = policy.position
        isDoubt = policy.isUnknown
        isBounded = policy.isBounded && (knowsSuccesses || policy.times.succeededSince == nil)
        (age, startedAgo) = (policy.times.age, policy.times.startedAgo)
        (ranFor, ended) = (policy.times.ranFor, policy.times.ended)
        wantsNewerSuccess = policy.times.succeededSince == true
        wantsNoNewerSuccess = policy.times.succeededSince == false
    }

    /// How long a run must have gone on at the least.
    var leastRun: Int64 { isBounded ? max(0, age.low, startedAgo.low, ranFor.low) : 0 }

    /// Whether there is a moment at which it holds for a run that goes on and ends after some time; a newer run of the workflow
    /// succeeded at `newerSuccess`.
    func holds(whileRunning start: Int64, _ length: Int64, newerSuccess: Int64) -> Bool {
        let low = max(max(0, age.low), max(startedAgo.low, ranFor.low))
        let high = min(min(length - 1, age.high), min(startedAgo.high, ranFor.high))
        return isOpen(start + low, start + high, newerSuccess)
    }

    /// Whether there is a moment at which it holds for a run that has ended, up to the history's end.
    func holds(onceEnded start: Int64, _ length: Int64, until: Int64, newerSuccess: Int64) -> Bool {
        let end = start + length
        guard ranFor.contains(length), ended.contains(end) else { return false }
        let low = max(end, max(end + age.low, start + startedAgo.low))
        let high = min(max(end, until), min(end + age.high, start + startedAgo.high))
        return isOpen(low, high, newerSuccess)
    }

    private func isOpen(_ low: Int64, _ high: Int64, _ newerSuccess: Int64) -> Bool {
        if wantsNewerSuccess { return max(low, newerSuccess) <= high }
        if wantsNoNewerSuccess { return low <= min(high, newerSuccess - 1) }
        return low <= high
    }
}
