import MendflowCore

extension ConditionTree {
    /// A test that would have to turn out otherwise for a tree to hold.
    public struct Miss: Sendable, Hashable {
        /// The test.
        public var test: Test
        /// Whether it holds, or cannot be told not to, and the tree wants it not to.
        public var isNegated: Bool

        /// `wanted "workflow.name is Order sync", found: Order Sync (only upper and lower case differ)`.
        public var words: String {
            let hint = test.hint.map { " (\($0))" } ?? ""
            return "wanted \"\(isNegated ? "not: " : "")\(test.words)\", found: \(test.found)\(isNegated ? "" : hint)"
        }
    }

    /// The fewest tests that would have to turn out otherwise for the tree to hold, in their order; none where it holds.
    public var missed: [Miss] { missed(wanting: true) }

    private func missed(wanting wanted: Bool) -> [Miss] {
        guard verdict != (wanted ? .yes : .no) else { return [] }
        switch self {
        case .test(let test): return [Miss(test: test, isNegated: !wanted)]
        case .group(.not, _, let parts): return parts.first?.missed(wanting: !wanted) ?? []
        case .group(let group, _, let parts):
            let each = parts.map { $0.missed(wanting: wanted) }
            let needsEach = (group == .all) == wanted
            return needsEach ? each.flatMap { $0 } : each.filter { !$0.isEmpty }.min { $0.count < $1.count } ?? []
        }
    }

    /// The tests that hold, in their order, those that the author wrote.
    public var held: [Test] {
        switch self {
        case .test(let test): test.verdict == .yes && !test.isImplicit ? [test] : []
        case .group(.not, _, _): []
        case .group(_, _, let parts): parts.flatMap(\.held)
        }
    }

    /// The same without where its tests stand.
    public var placeless: ConditionTree {
        switch self {
        case .group(let group, let verdict, let parts): return .group(group, verdict, parts.map(\.placeless))
        case .test(var test):
            test.place = nil
            return .test(test)
        }
    }

    /// The same with the values of some fields hidden, as the names of the fields tell.
    public func hiding(_ isHidden: (String) -> Bool) -> ConditionTree {
        switch self {
        case .group(let group, let verdict, let parts): return .group(group, verdict, parts.map { $0.hiding(isHidden) })
        case .test(var test):
            test.hide(isHidden)
            return .test(test)
        }
    }
}

extension ConditionTree {
    /// The same with what was found of some fields changed, as the names of the fields tell.
    public func masking(_ isMasked: (String) -> Bool, by mask: (String) -> String) -> ConditionTree {
        switch self {
        case .group(let group, let verdict, let parts):
            return .group(group, verdict, parts.map { $0.masking(isMasked, by: mask) })
        case .test(var test):
            test.mask(isMasked, by: mask)
            return .test(test)
        }
    }
}

extension ConditionTree.Test {
    /// Changes what was found, where the field's name tells so.
    public mutating func mask(_ isMasked: (String) -> Bool, by mask: (String) -> String) {
        guard isMasked(field) else { return }
        (actual, found, hint) = (mask(actual), mask(found), hint.map(mask))
    }

    /// Hides what was wanted and found, where the field's name tells so.
    public mutating func hide(_ isHidden: (String) -> Bool) {
        guard isHidden(field) else { return }
        (wanted, actual, words, found) = ("not shown", "not shown", "\(field): not shown", "not shown")
        hint = nil
    }
}
