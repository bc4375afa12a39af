/// A setting of `mendflow.yaml` that an agent takes in at its start only.
public enum RestartSetting: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case mode, ledger
    case pollInterval = "poll_interval"
    case lookBack = "look_back"
    case sweepInterval = "sweep_interval"
    case settling
    case requestGrace = "request_grace"
    case gapBudget = "gap_budget"
    case incidents, cluster, service
    case logFormat = "log.format"
    case notify
    case instancesFrom = "instances_from"
    case instances

    /// Its name as the file has it, for people.
    public var description: String { "`\(rawValue)`" }
}
