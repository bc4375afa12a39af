internal import MendflowCore

/// What a condition needs for certain, prepared so that many can be compared with many.
struct ConditionProfile {
    let condition: Condition
    /// A bit for each status that it can let through.
    let statuses: UInt16
    /// The operators that must hold, by field.
    let tests: [Field: [FieldOperator]]

    init(_ condition: Condition) {
        self.condition = condition
        let allowed = condition.statuses
        statuses = ExecutionStatus.allCases.enumerated().reduce(0) { bits, status in
            allowed?.contains(status.element) ?? true ? bits | 1 << UInt16(status.offset) : bits
        }
        tests = Dictionary(grouping: condition.required, by: \.field).mapValues { $0.flatMap(\.operators) }
    }

    /// Whether the form of both does not rule out that one execution meets both.
    func meets(_ other: ConditionProfile) -> Bool {
        guard statuses & other.statuses != 0 else { return false }
        return tests.allSatisfy { field, own in
            guard let others = other.tests[field], own != others else { return true }
            return !(own + others).leaveNothing(of: field)
        }
    }

    /// The texts that a field can have, where the condition names them in full; nil where it does not.
    fileprivate func names(_ field: Field) -> [String]? {
        for case .anyOf(let matches) in tests[field] ?? [] where matches.allSatisfy(\.isLiteral) {
            return matches.map(\.source)
        }
        return nil
    }
}

/// Positions of conditions by what keeps most of them apart, so that not every pair has to be compared: the status, and
/// workflows that are named in full.
struct ConditionIndex {
    /// Those that let through the same statuses.
    private struct Group {
        var every: [Int] = []
        /// By field, those that do not name it in full.
        var loose: [Field: [Int]] = [:]
        /// By field, those that name a text.
        var named: [Field: [String: [Int]]] = [:]
    }

    private static let axes: [Field] = [.workflowID, .workflowName]
    private var groups: [UInt16: Group] = [:]

    /// Adds a condition.
    mutating func add(_ position: Int, _ profile: ConditionProfile) {
        var group = groups.removeValue(forKey: profile.statuses) ?? Group()
        group.every.append(position)
        for field in ConditionIndex.axes {
            if let names = profile.names(field) {
                for name in names { group.named[field, default: [:]][name, default: []].append(position) }
            } else {
                group.loose[field, default: []].append(position)
            }
        }
        groups[profile.statuses] = group
    }

    /// The positions that may meet a condition, ascending.
    func candidates(for profile: ConditionProfile) -> [Int] {
        let axis = ConditionIndex.axes.first { profile.names($0) != nil }
        var found: Set<Int> = []
        for (statuses, group) in groups where statuses & profile.statuses != 0 {
            guard let axis else {
                found.formUnion(group.every)
                continue
            }
            found.formUnion(group.loose[axis] ?? [])
            for name in profile.names(axis) ?? [] { found.formUnion(group.named[axis]?[name] ?? []) }
        }
        return found.sorted()
    }
}
