public import MendflowCore

/// By what a backtest was reckoned beside its policies: with another configuration the figures are others.
public struct BacktestBasis: Sendable, Hashable {
    /// The name of the configuration that was taken; nil without one.
    public var configuration: String?
    /// The instance's name, by which waits are spread, and its limits.
    public var instance: String, limits: InstanceLimits

    /// Makes one.
    public init(configuration: String?, instance: String, limits: InstanceLimits) {
        (self.configuration, self.instance, self.limits) = (configuration, instance, limits)
    }

    /// In one sentence.
    public var words: String {
        guard let configuration else {
            return
                "reckoned without a configuration: with the usual limits (\(limitWords)), and waits spread by the name '\(instance)'"
        }
        return
            "reckoned with \(configuration): its limits (\(limitWords)), protections and error classes, and waits spread by the name "
            + "'\(instance)'"
    }

    /// The limits as a configuration spells them: `max_actions 20 per tick, 60 per 1h; max_in_flight 3`.
    public var limitWords: String {
        let caps = limits.maxActions.map(\.description).joined(separator: ", ")
        return (caps.isEmpty ? "" : "max_actions \(caps); ") + "max_in_flight \(limits.maxInFlight)"
    }
}
