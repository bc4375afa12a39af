internal import MendflowCore

extension Condition {
    /// A test that has to hold, or not to.
    struct Wanted: Hashable {
        /// The test; of one that is not to hold a single operator.
        var test: FieldTest
        /// Whether it is not to hold.
        var isNegated = false

        /// The same as a tree.
        var condition: Condition { isNegated ? .not(.test(test)) : .test(test) }
        /// The operators that have to hold of a value that is there.
        var operators: [FieldOperator] { isNegated ? test.operators.compactMap(\.opposite) : test.operators }
    }

    /// Two tests of one field that no value passes.
    struct Contradiction: Hashable {
        var one: Wanted, other: Wanted
    }

    /// More ways than these are not looked at.
    private static let mostWays = 128

    /// The ways in which the tree can hold: in each, all of its tests are as they are wanted. Nil where they are too many.
    var ways: [[Wanted]]? { ways(wanted: true) }

    private func ways(wanted: Bool) -> [[Wanted]]? {
        switch self {
        case .not(let part): return part.ways(wanted: !wanted)
        case .test(let test):
            guard !wanted else { return [[Wanted(test: test)]] }
            return test.operators.map { operation in
                var single = test
                single.operators = [operation]
                return [Wanted(test: single, isNegated: true)]
            }
        case .all(let parts): return Condition.joined(parts.map { $0.ways(wanted: wanted) }, together: wanted)
        case .any(let parts): return Condition.joined(parts.map { $0.ways(wanted: wanted) }, together: !wanted)
        }
    }

    private static func joined(_ parts: [[[Wanted]]?], together: Bool) -> [[Wanted]]? {
        var all: [[Wanted]] = together ? [[]] : []
        for part in parts {
            guard let part else { return nil }
            all = together ? all.flatMap { one in part.map { one + $0 } } : all + part
            guard all.count <= mostWays else { return nil }
        }
        return all
    }

    /// Why the tree can hold in no way; nil where it can, or nobody can tell.
    var contradiction: Contradiction? {
        // Two tests of one field are needed for one.
        let fields = fields
        guard Set(fields).count < fields.count, let ways, !ways.isEmpty else { return nil }
        var first: Contradiction?
        for way in ways {
            guard let found = Condition.contradiction(in: way) else { return nil }
            first = first ?? found
        }
        return first
    }

    /// Whether the form of both shows that the other one is plainly no wherever this one holds: it fails in a field that this
    /// one tests, and so of a value that is known.
    func excludes(_ other: Condition) -> Bool {
        guard let own = ways, let others = other.ways, own.count * others.count <= Condition.mostWays else {
            return !other.neverHolds && example(with: other) == nil
        }
        return own.allSatisfy { way in
            let fields = Set(way.map(\.test.field))
            return others.allSatisfy { Condition.contradiction(in: way + $0, of: fields) != nil }
        }
    }

    /// Two tests of a way of which only one can be as it is wanted, of these fields where some are given.
    private static func contradiction(in way: [Wanted], of fields: Set<Field>? = nil) -> Contradiction? {
        var byField: [Field: [Wanted]] = [:]
        for wanted in way { byField[wanted.test.field, default: []].append(wanted) }
        for wanted in way where fields?.contains(wanted.test.field) ?? true {
            guard let all = byField[wanted.test.field], all.count > 1, all.last == wanted else { continue }
            // What is absent passes every test that is not to hold.
            guard all.contains(where: { !$0.isNegated && $0.test.operators != [.exists(false)] }) else { continue }
            guard all.flatMap(\.operators).leaveNothing(of: wanted.test.field) else { continue }
            return Contradiction(one: all.first { !$0.isNegated } ?? all[0], other: all.last { $0 != all[0] } ?? wanted)
        }
        return nil
    }

    /// The parts of an `any` that can never hold beside the rest of the tree, with the reason.
    func deadBranches(beside rest: [Condition] = []) -> [(branch: Condition, why: Contradiction)] {
        switch self {
        case .test, .not: return []
        case .all(let parts):
            return parts.indices.flatMap { index in
                let others = parts.indices.filter { $0 != index }.map { parts[$0] }
                return parts[index].deadBranches(beside: rest + others)
            }
        case .any(let parts):
            return parts.flatMap { part -> [(branch: Condition, why: Contradiction)] in
                if let why = Condition.all(rest + [part]).contradiction { return [(part, why)] }
                return part.deadBranches(beside: rest)
            }
        }
    }

    /// The tree cut into cases, each of which names one text wherever the author named several; nil where they are too many.
    func cases(most: Int) -> [Condition]? {
        guard let ways else { return nil }
        var cases: [[Condition]] = []
        for way in ways {
            var pieces: [[Condition]] = [[]]
            for wanted in way {
                let parts = wanted.isNegated ? [wanted.condition] : wanted.test.single
                pieces = pieces.flatMap { piece in parts.map { piece + [$0] } }
                guard pieces.count <= most else { return nil }
            }
            cases += pieces
            guard cases.count <= most else { return nil }
        }
        return cases.map { .all($0) }
    }
}

extension FieldTest {
    /// The same test for each text that it names, where it names several and no more.
    fileprivate var single: [Condition] {
        guard !isImplicit, operators.count == 1, case .anyOf(let matches) = operators[0], matches.count > 1,
            field.kind == .text, matches.allSatisfy(\.isLiteral)
        else { return [.test(self)] }
        return matches.map { match in
            var one = self
            one.operators = [.anyOf([match])]
            return .test(one)
        }
    }
}

extension FieldOperator {
    /// What has to hold of a value where this one does not; nil where that cannot be said by one operator.
    fileprivate var opposite: FieldOperator? {
        switch self {
        case .anyOf(let matches): .noneOf(matches)
        case .noneOf(let matches): .anyOf(matches)
        case .number(let comparison, let number): .number(comparison.opposite, number)
        case .numberIn(let numbers): .numberNotIn(numbers)
        case .numberNotIn(let numbers): .numberIn(numbers)
        case .period(let comparison, let period): .period(comparison.opposite, period)
        case .between: nil
        case .flag(let wanted): .flag(!wanted)
        case .exists(let wanted): .exists(!wanted)
        }
    }
}

extension Comparison {
    fileprivate var opposite: Comparison {
        switch self {
        case .gt: .lte
        case .gte: .lt
        case .lt: .gte
        case .lte: .gt
        }
    }
}
