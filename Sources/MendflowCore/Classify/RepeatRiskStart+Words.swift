extension RepeatRiskVerdict.Start {
    /// Where a retry would start, in words.
    public var words: String {
        switch self {
        case .node(let name, let items?):
            "at node '\(name)', with its \(items == 1 ? "1 input item" : "\(items) input items")"
        case .node(let name, nil): "at node '\(name)'"
        case .interruption: "where the run was interrupted"
        case .trigger: "at the trigger: everything runs again"
        case .unknown: "at a place that the run's data does not tell"
        }
    }
}
