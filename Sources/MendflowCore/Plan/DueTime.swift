/// When the next retry of a chain is due: recomputed, never stored (semantics 17 and 49).
public enum DueTime {
    /// The time from which a retry may be sent, and why it is not earlier.
    public static func next(
        after end: Timestamp, retries: Int, action: RetryAction, error: ErrorEvidence?, key: String
    ) -> (time: Timestamp, reason: Reason) {
        let interval = action.backoff.interval(after: retries)
        let wait =
            action.backoff.jitter == .full
            ? Period(milliseconds: Int64(Double(interval.milliseconds) * fraction(of: key))) : interval
        var due: (time: Timestamp, reason: Reason) = (end + wait, .backoff)
        if let error {
            let from = error.at ?? end
            for told in [error.retryAfter.map { from + $0 }, error.resetsAt].compactMap({ $0 }) where told > due.time {
                due = (told, .providerWait)
            }
        }
        return due
    }

    /// The key that a chain's jitter is computed from.
    public static func key(_ instance: InstanceKey, _ execution: ExecutionID, retries: Int) -> String {
        "\(instance.name)/\(instance.epoch)/\(execution)/\(retries)"
    }

    /// A stable number in 0..<1 of a text: FNV-1a with 64 bits, through SplitMix64's finaliser.
    public static func fraction(of key: String) -> Double {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        hash ^= hash >> 31
        // 53 bits fit a Double exactly, so the fraction stays below 1.
        return Double(hash >> 11) / Double(1 << 53)
    }
}
