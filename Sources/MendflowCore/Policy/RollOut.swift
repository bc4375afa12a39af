/// A share of chains that a policy acts on; of the rest is written down what it would have done.
public struct RollOut: Sendable, Hashable {
    /// How many of a hundred chains take part.
    public var percent: Int

    /// Makes a roll-out.
    public init(percent: Int) { self.percent = percent }

    /// Whether a chain takes part. It goes by the instance, the policy's name and the chain's first run: so a chain stays in or
    /// out whatever else of the policy is edited, and a higher percentage only adds chains.
    public func includes(_ root: ExecutionID, of instance: String, policy: String) -> Bool {
        DueTime.fraction(of: ["rollout", instance, policy, root.text].joined(separator: "\u{1F}")) * 100
            < Double(percent)
    }
}
