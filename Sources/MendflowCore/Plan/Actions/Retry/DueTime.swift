/// When the next retry of a chain is due: recomputed, never stored (semantics 17 and 49).
public enum DueTime {
    /// The time from which a retry may be sent, and why it is not earlier. `key` is what the jitter is computed from.
    public static func next(
        after end: ServerTime, retries: Int, action: RetryAction, error: ErrorEvidence?, key: String
    ) -> (time: ServerTime, reason: Reason) {
        next(
            after: end, backoff: action.backoff, retries: retries, told: error?.providerWaits(after: end) ?? [],
            fraction: fraction(of: key))
    }

    /// The same with the times that the failed service told, and the part of the interval that jitter lets it wait.
    static func next(
        after end: ServerTime, backoff: Backoff, retries: Int, told: [ServerTime], fraction: @autoclosure () -> Double
    ) -> (time: ServerTime, reason: Reason) {
        let interval = backoff.interval(after: retries)
        let wait =
            backoff.jitter == .full
            ? Period(milliseconds: Int64(Double(interval.milliseconds) * fraction())) : interval
        guard let latest = told.max(), latest > end + wait else { return (end + wait, .backoff) }
        return (latest, .providerWait)
    }

    /// The key that a chain's jitter is computed from.
    public static func key(_ instance: InstanceKey, _ execution: ExecutionID, retries: Int) -> String {
        "\(instance.name)/\(instance.epoch)/\(execution)/\(retries)"
    }

    /// A stable number in 0..<1 of a text.
    public static func fraction(of key: String) -> Double {
        var hash = StableHash()
        hash.add(key)
        return hash.fraction
    }

    /// The same of a chain's key, which is not spelled out for it.
    static func fraction(_ instance: InstanceKey, _ execution: ExecutionID, retries: Int) -> Double {
        var hash = StableHash()
        hash.add(instance.name)
        hash.add("/")
        hash.add(String(instance.epoch))
        hash.add("/")
        hash.add(execution.text)
        hash.add("/")
        hash.add(String(retries))
        return hash.fraction
    }
}

extension ErrorEvidence {
    /// Before when the failed service asked not to be tried again; nil where it named no time.
    public func earliestRetry(after end: ServerTime) -> ServerTime? { providerWaits(after: end).max() }

    /// When the failed service asked to be tried again.
    func providerWaits(after end: ServerTime) -> [ServerTime] {
        guard retryAfter != nil || resetsAt != nil else { return [] }
        return [retryAfter.map { (at ?? end) + $0 }, resetsAt].compactMap { $0 }
    }
}

/// FNV-1a with 64 bits, through SplitMix64's finaliser.
private struct StableHash {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ text: String) {
        for byte in text.utf8 { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    }

    /// The hash as a number in 0..<1.
    var fraction: Double {
        var hash = state
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        hash ^= hash >> 31
        // 53 bits fit a Double exactly, so the fraction stays below 1.
        return Double(hash >> 11) / Double(1 << 53)
    }
}
