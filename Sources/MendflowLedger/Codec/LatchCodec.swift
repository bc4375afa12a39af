import MendflowCore

// How a latch is stored: by its name, with a policy or an action, or with a child.
extension Latch {
    /// What of it is stored beside its name.
    struct Parts {
        /// A policy's name, or an action's.
        var owner: String?
        var child: ExecutionID?
    }

    /// What is stored beside its name.
    var parts: Parts {
        switch fact {
        case .exhausted(let policy): Parts(owner: policy)
        case .closed(let action): Parts(owner: action.rawValue)
        case .child(let child), .personRetried(let child): Parts(child: child)
        case .healed, .gone, .outcomeUnknown, .ranNothing: Parts()
        }
    }

    init(
        _ name: String, _ parts: Parts, of execution: ExecutionID, at time: ServerTime
    ) throws(MalformedRecord) {
        let fact: Fact? =
            switch (name, parts.owner, parts.child) {
            case ("healed", nil, nil): .healed
            case ("exhausted", let policy?, nil): .exhausted(policy: policy)
            case ("closed", let action?, nil): ActionKind(rawValue: action).map { .closed($0) }
            case ("child", nil, let child?): .child(child)
            case ("gone", nil, nil): .gone
            case ("person_retried", nil, let child?): .personRetried(child)
            case ("outcome_unknown", nil, nil): .outcomeUnknown
            case ("ran_nothing", nil, nil): .ranNothing
            default: nil
            }
        guard let fact else { throw MalformedRecord("a latch '\(name)' with other parts than it has") }
        self.init(fact, execution, at: time)
    }
}
