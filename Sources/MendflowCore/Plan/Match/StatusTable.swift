/// A value for each status of executions.
struct StatusTable<Value: Sendable>: Sendable {
    private var values: [Value]

    /// Makes a table by asking for each status.
    init(_ value: (ExecutionStatus) -> Value) { values = ExecutionStatus.allCases.map(value) }

    subscript(_ status: ExecutionStatus) -> Value {
        get { values[status.place] }
        set { values[status.place] = newValue }
    }
}

extension ExecutionStatus {
    /// Its place among all cases.
    fileprivate var place: Int {
        switch self {
        case .error: 0
        case .crashed: 1
        case .canceled: 2
        case .running: 3
        case .waiting: 4
        case .queued: 5
        case .success: 6
        case .unknown: 7
        case .unrecognised: 8
        }
    }
}
